using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using SecuEdge.Store.Files;

namespace SecuEdge.Store.Settings;

/// <summary>
/// One line of the journal of settings: eight hex digits of checksum, a blank, one JSON object, the end of the line. A person reads it with
/// <c>cut -c10- | jq</c>.
/// <code>
/// {"state":12,"documents":340}                                       head of a file: what was in force after revision 12
/// {"document":"tenant/acme","revision":9,"json":{...}}               one of them
/// {"number":13,"at":...,"author":...,"comment":...,"changes":[{"document":"tenant/acme","json":{...}}]}
/// </code>
/// </summary>
internal static class JournalLine
{
    private const int ChecksumChars = 8;

    // Conditions of rules nest as deeply as their authors like.
    private const int MaxDepth = 256;

    private static readonly JsonDocumentOptions Reading = new() { MaxDepth = MaxDepth };
    private static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The document on one line, so that equal documents are equal text.</summary>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public static string Compact(string json)
    {
        var buffer = new ArrayBufferWriter<byte>(json.Length);
        using var document = JsonDocument.Parse(json, Reading);
        using (var writer = new Utf8JsonWriter(buffer, Writing))
        {
            document.WriteTo(writer);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    public static void WriteHead(IBufferWriter<byte> output, int revision, int documents) => Write(output, writer =>
    {
        writer.WriteNumber("state", revision);
        writer.WriteNumber("documents", documents);
    });

    public static void WriteDocument(IBufferWriter<byte> output, string name, SettingsDocument document) => Write(output, writer =>
    {
        writer.WriteString("document", name);
        writer.WriteNumber("revision", document.Revision);
        writer.WritePropertyName("json");
        writer.WriteRawValue(document.Json, skipInputValidation: true);
    });

    public static void WriteRevision(IBufferWriter<byte> output, RevisionHeader header, IReadOnlyList<DocumentWrite> changes) => Write(output, writer =>
    {
        writer.WriteNumber("number", header.Number);
        writer.WriteString("at", header.At);
        writer.WriteString("author", header.Author);
        writer.WriteString("comment", header.Comment);
        writer.WriteStartArray("changes");
        foreach (var change in changes)
        {
            writer.WriteStartObject();
            writer.WriteString("document", change.Document);
            if (change.Json is { } json)
            {
                writer.WritePropertyName("json");
                writer.WriteRawValue(json, skipInputValidation: true);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    });

    /// <param name="line">Without its end.</param>
    /// <returns>Null when the line is damaged.</returns>
    public static JournalEntry? Parse(ReadOnlyMemory<byte> line)
    {
        if (line.Length < ChecksumChars + 2
            || !uint.TryParse(Encoding.ASCII.GetString(line.Span[..ChecksumChars]), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var checksum)
            || Checksum.Of(line.Span[(ChecksumChars + 1)..]) != checksum)
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(line[(ChecksumChars + 1)..], Reading);
            return Entry(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            // Sound, and yet not what we write: somebody edited the file, or a later version did. The rest of it is good.
            return null;
        }
    }

    private static JournalEntry Entry(JsonElement root)
    {
        if (root.TryGetProperty("state", out var state))
        {
            return new JournalEntry { StateRevision = state.GetInt32(), StateDocuments = root.GetProperty("documents").GetInt32() };
        }

        if (root.TryGetProperty("number", out var number))
        {
            List<DocumentWrite> writes =
            [
                .. root.GetProperty("changes").EnumerateArray().Select(change => new DocumentWrite(
                    change.GetProperty("document").GetString()!, change.TryGetProperty("json", out var json) ? json.GetRawText() : null)),
            ];
            return new JournalEntry
            {
                Header = new RevisionHeader(
                    number.GetInt32(),
                    root.GetProperty("at").GetDateTimeOffset(),
                    root.GetProperty("author").GetString()!,
                    root.GetProperty("comment").GetString()!,
                    [.. writes.Select(w => w.Document)]),
                Writes = writes,
            };
        }

        return new JournalEntry
        {
            Name = root.GetProperty("document").GetString(),
            Document = new SettingsDocument(root.GetProperty("json").GetRawText(), root.GetProperty("revision").GetInt32()),
        };
    }

    private static void Write(IBufferWriter<byte> output, Action<Utf8JsonWriter> content)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer, Writing))
        {
            writer.WriteStartObject();
            content(writer);
            writer.WriteEndObject();
        }

        output.Write(Encoding.ASCII.GetBytes(Checksum.Of(buffer.WrittenSpan).ToString("x8", CultureInfo.InvariantCulture) + " "));
        output.Write(buffer.WrittenSpan);
        output.Write("\n"u8);
    }
}

/// <summary>What a line says: a head, a document in force, or a revision.</summary>
internal sealed record JournalEntry
{
    /// <summary>Set on a head.</summary>
    public int? StateRevision { get; init; }

    public int StateDocuments { get; init; }

    /// <summary>Set with <see cref="Document"/>.</summary>
    public string? Name { get; init; }

    public SettingsDocument? Document { get; init; }

    /// <summary>Set on a revision.</summary>
    public RevisionHeader? Header { get; init; }

    public IReadOnlyList<DocumentWrite> Writes { get; init; } = [];
}
