using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using SecuEdge.Filter.Policy.Rules;
using SecuEdge.Store.Accounts;
using SecuEdge.Store.Facts;
using SecuEdge.Store.Files;
using SecuEdge.Store.MessageLog;
using SecuEdge.Store.Quarantine;
using SecuEdge.Store.Refusals;
using SecuEdge.Store.Settings;

namespace SecuEdge.Store;

/// <summary>
/// The one JSON form of records on disk. Enumerations are names, so that a file of last year means the same after a member was inserted;
/// computed properties are left out.
/// </summary>
[JsonSourceGenerationOptions(
    UseStringEnumConverter = true,
    Converters = [typeof(HeaderPairs)],
    IgnoreReadOnlyProperties = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(MessageRecord))]
[JsonSerializable(typeof(QuarantineEntry))]
[JsonSerializable(typeof(List<TokenRecord>))]
[JsonSerializable(typeof(PolicyFacts))]
[JsonSerializable(typeof(Refusal))]
[JsonSerializable(typeof(IReadOnlyList<AccountChange>))]
internal sealed partial class StoreJson : JsonSerializerContext
{
    // Nothing here is ever put into HTML unescaped; the relaxed form keeps umlauts readable and small.
    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    // Generated readers give properties that are absent null instead of their default: a collection that an older version did not write
    // would be null. The reflecting reader keeps the defaults.
    private static readonly JsonSerializerOptions ReaderOptions = new()
    {
        Converters = { new JsonStringEnumConverter(), new HeaderPairs() },
        IgnoreReadOnlyProperties = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
    };

    [ThreadStatic]
    private static Utf8JsonWriter? t_writer;

    public static void Write(PooledBuffer buffer, MessageRecord record) => Write(buffer, record, Default.MessageRecord);

    public static void Write<T>(PooledBuffer buffer, T value, JsonTypeInfo<T> type)
    {
        var writer = t_writer ??= new Utf8JsonWriter(buffer, WriterOptions);
        writer.Reset(buffer);
        JsonSerializer.Serialize(writer, value, type);
        writer.Flush();
    }

    public static MessageRecord ReadRecord(ReadOnlySpan<byte> json) => Read<MessageRecord>(json);

    public static QuarantineEntry ReadEntry(ReadOnlySpan<byte> json) => Read<QuarantineEntry>(json);

    public static PolicyFacts ReadFacts(ReadOnlySpan<byte> json) => Read<PolicyFacts>(json);

    public static Refusal ReadRefusal(ReadOnlySpan<byte> json) => Read<Refusal>(json);

    public static List<TokenRecord> ReadTokens(ReadOnlySpan<byte> json) => Read<List<TokenRecord>>(json);

    public static List<AccountChange> ReadAccountChanges(ReadOnlySpan<byte> json) => Read<List<AccountChange>>(json);

    private static T Read<T>(ReadOnlySpan<byte> json) =>
        JsonSerializer.Deserialize<T>(json, ReaderOptions) ?? throw new JsonException("The record is null.");
}
