using System.Globalization;

namespace SecuEdge.Smtp;

/// <summary>What a next hop offered in its reply to EHLO, as far as a relay makes use of it.</summary>
/// <param name="MaxSizeBytes">RFC 1870; null when SIZE was not offered, 0 when it was without a limit.</param>
public sealed record SmtpClientExtensions(bool HasPipelining, bool Has8BitMime, bool HasSmtpUtf8, bool HasStartTls, long? MaxSizeBytes)
{
    /// <summary>After HELO: RFC 821 only.</summary>
    public static SmtpClientExtensions None { get; } = new(false, false, false, false, null);

    /// <summary>Reads the lines after the first, which is the server's name (RFC 5321 §4.1.1.1). What we do not know is skipped.</summary>
    internal static SmtpClientExtensions Parse(string replyText)
    {
        var found = None;
        foreach (var line in replyText.Split('\n').Skip(1))
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            found = (words.FirstOrDefault() ?? "").ToUpperInvariant() switch
            {
                "PIPELINING" => found with { HasPipelining = true },
                "8BITMIME" => found with { Has8BitMime = true },
                "SMTPUTF8" => found with { HasSmtpUtf8 = true },
                "STARTTLS" => found with { HasStartTls = true },
                "SIZE" => found with { MaxSizeBytes = ParseSize(words) },
                _ => found,
            };
        }

        return found;
    }

    private static long ParseSize(string[] words) =>
        words.Length > 1 && long.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size : 0;
}
