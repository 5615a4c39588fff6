using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using SecuEdge.Store.Files;

namespace SecuEdge.Store.Audit;

/// <summary>
/// One entry as one line of JSON in a fixed order of fields. The hash of the entry before is inside, the own hash is last and covers every
/// byte in front of it: SHA-256 of the line without its last 75 characters. So anybody can check the chain with a shell.
/// </summary>
internal static class AuditLine
{
    // ,"hash":" and 64 digits and "}
    private const int TailBytes = 75;
    private const int HashDigits = 64;

    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };
    private static readonly JsonSerializerOptions ReaderOptions = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>Appends the line and its end.</summary>
    /// <returns>The entry with its hash.</returns>
    public static AuditEntry Write(PooledBuffer buffer, AuditEntry entry)
    {
        var start = buffer.Length;
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions))
        {
            writer.WriteStartObject();
            writer.WriteNumber("number", entry.Number);
            writer.WriteString("at", entry.At.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture));
            writer.WriteString("actor", entry.Actor);
            writer.WriteString("address", entry.Address);
            writer.WriteString("tenant", entry.Tenant);
            writer.WriteString("action", entry.Action);
            writer.WriteString("target", entry.Target);
            writer.WriteString("detail", entry.Detail);
            writer.WriteString("reason", entry.Reason);
            writer.WriteBoolean("succeeded", entry.Succeeded);
            writer.WriteString("previousHash", entry.PreviousHash);
        }

        var hash = Convert.ToHexStringLower(SHA256.HashData(buffer.WrittenSpan[start..]));
        buffer.Append(",\"hash\":\""u8);
        buffer.Append(System.Text.Encoding.ASCII.GetBytes(hash));
        buffer.Append("\"}\n"u8);
        return entry with { Hash = hash };
    }

    /// <param name="line">Without its end.</param>
    /// <returns>Null when it is no entry at all; whether its hash is right is another question.</returns>
    public static AuditEntry? Read(ReadOnlySpan<byte> line)
    {
        try
        {
            return JsonSerializer.Deserialize<AuditEntry>(line, ReaderOptions);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Whether the bytes in front of the hash are those it was made of.</summary>
    public static bool HasRightHash(ReadOnlySpan<byte> line)
    {
        if (line.Length <= TailBytes || !line[^TailBytes..].StartsWith(",\"hash\":\""u8) || !line.EndsWith("\"}"u8))
        {
            return false;
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(line[..^TailBytes], hash);
        Span<byte> digits = stackalloc byte[HashDigits];
        return Convert.TryToHexStringLower(hash, digits, out _) && line.Slice(line.Length - 2 - HashDigits, HashDigits).SequenceEqual(digits);
    }
}
