using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using SecuEdge.Store.Files;
using SecuEdge.Store.MessageLog;
using SecuEdge.Store.Quarantine;
using SecuEdge.Store.Settings;

namespace SecuEdge.Store;

/// <summary>
/// The one JSON form of records on disk. Enumerations are names, so that a file of last year means the same after a member was inserted;
/// computed properties are left out.
/// </summary>
[JsonSourceGenerationOptions(
    UseStringEnumConverter = true,
    IgnoreReadOnlyProperties = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(MessageRecord))]
[JsonSerializable(typeof(QuarantineEntry))]
[JsonSerializable(typeof(List<TokenRecord>))]
internal sealed partial class StoreJson : JsonSerializerContext
{
    // Nothing here is ever put into HTML unescaped; the relaxed form keeps umlauts readable and small.
    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    [ThreadStatic]
    private static Utf8JsonWriter? t_writer;

    public static void Write(PooledBuffer buffer, MessageRecord record)
    {
        var writer = t_writer ??= new Utf8JsonWriter(buffer, WriterOptions);
        writer.Reset(buffer);
        JsonSerializer.Serialize(writer, record, Default.MessageRecord);
        writer.Flush();
    }

    public static MessageRecord ReadRecord(ReadOnlySpan<byte> json) =>
        JsonSerializer.Deserialize(json, Default.MessageRecord) ?? throw new JsonException("The record is null.");
}
