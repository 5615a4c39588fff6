using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace SecuEdge.Filter.Policy;

/// <summary>How long a message that may belong to an outbreak is held, for each direction; null (<c>"off"</c>) does not hold.</summary>
public sealed record OutbreakHold
{
    /// <summary>
    /// Five minutes: commercial gateways hold 5 to 30; signatures for a wave come within the hour, but people wait for their mail. Whoever can wait longer
    /// sets more.
    /// </summary>
    [RegularExpression(TimeOrOff.Pattern)]
    [JsonConverter(typeof(TimeOrOff))]
    public TimeSpan? Inbound { get; init; } = Usual;

    /// <summary>Off: an own user is known, and waits for nothing but his own mail.</summary>
    [RegularExpression(TimeOrOff.Pattern)]
    [JsonConverter(typeof(TimeOrOff))]
    public TimeSpan? Outbound { get; init; }

    /// <summary>For what asks for a hold besides outbreaks, where the tenant switched these off.</summary>
    public static TimeSpan Usual { get; } = TimeSpan.FromMinutes(5);

    /// <summary>Null when outbreaks are not held.</summary>
    public TimeSpan? Of(Direction direction) => direction == Direction.Inbound ? Inbound : Outbound;

    /// <summary>How long mail is held whatever asked for it.</summary>
    public TimeSpan TimeOf(Direction direction) => Of(direction) ?? Usual;
}

/// <summary><c>"00:05:00"</c> or <c>"off"</c>.</summary>
internal sealed class TimeOrOff : JsonConverter<TimeSpan?>
{
    /// <summary>For the schema: what is read is checked here.</summary>
    public const string Pattern = @"^(off|(\d+\.)?\d{2}:\d{2}:\d{2}(\.\d{1,7})?)$";

    // Without it the serializer would write null by itself.
    public override bool HandleNull => true;

    public override TimeSpan? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            var text = reader.GetString()!;
            if (text.Equals("off", StringComparison.OrdinalIgnoreCase))
            {
                return null;
            }

            if (TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out var time))
            {
                return time;
            }
        }

        throw new JsonException("must be a time as hours:minutes:seconds, such as \"00:05:00\", or \"off\"");
    }

    public override void Write(Utf8JsonWriter writer, TimeSpan? value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value?.ToString("c", CultureInfo.InvariantCulture) ?? "off");
}
