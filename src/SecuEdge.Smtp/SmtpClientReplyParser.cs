using System.Text;

namespace SecuEdge.Smtp;

internal enum ReplyParseStatus
{
    Complete,

    /// <summary>More bytes are needed.</summary>
    Incomplete,

    /// <summary>Not SMTP, or longer than we are willing to hold. The connection cannot be trusted to be in step any more.</summary>
    Invalid,
}

/// <summary>
/// Reads one reply of a next hop (RFC 5321 §4.2) from the start of a buffer. Pure; the peer's bytes decide nothing but the reply.
/// Lenient where servers are known to be sloppy (bare LF, a code without text), strict where guessing could lose mail.
/// </summary>
internal static class SmtpClientReplyParser
{
    /// <summary>A whole reply. The RFC's line is 512 bytes; EHLO replies and policy texts with links need some more.</summary>
    public const int MaxReplyBytes = 16 * 1024;

    public static ReplyParseStatus TryParse(ReadOnlySpan<byte> bytes, out SmtpReply? reply, out int consumed)
    {
        reply = null;
        consumed = 0;
        var code = 0;
        string? enhancedCode = null;
        StringBuilder? text = null;
        while (true)
        {
            var rest = bytes[consumed..];
            var end = rest.IndexOf((byte)'\n');
            if (end < 0)
            {
                return bytes.Length >= MaxReplyBytes ? ReplyParseStatus.Invalid : ReplyParseStatus.Incomplete;
            }

            consumed += end + 1;
            var line = rest[..end];
            line = line.EndsWith((byte)'\r') ? line[..^1] : line;
            // RFC 5321 §4.2.1: every line of a reply carries the same code; anything else is not one reply.
            if (consumed > MaxReplyBytes || !TryReadCode(line, out var lineCode, out var isLast) || (code != 0 && lineCode != code))
            {
                return ReplyParseStatus.Invalid;
            }

            code = lineCode;
            var content = line.Length > 4 ? line[4..] : default;
            var enhanced = EnhancedCodeLength(content, code);
            if (enhanced > 0)
            {
                enhancedCode ??= Encoding.ASCII.GetString(content[..enhanced]);
                content = content[enhanced..].TrimStart((byte)' ');
            }

            var lineText = Encoding.UTF8.GetString(content);
            if (isLast && text is null)
            {
                reply = new SmtpReply(code, enhancedCode, lineText, Close: code == 421);
                return ReplyParseStatus.Complete;
            }

            text = (text?.Append('\n') ?? new StringBuilder()).Append(lineText);
            if (isLast)
            {
                reply = new SmtpReply(code, enhancedCode, text.ToString(), Close: code == 421);
                return ReplyParseStatus.Complete;
            }
        }
    }

    private static bool TryReadCode(ReadOnlySpan<byte> line, out int code, out bool isLast)
    {
        code = 0;
        isLast = true;
        if (line.Length < 3 || line[0] is < (byte)'2' or > (byte)'5' || !char.IsAsciiDigit((char)line[1]) || !char.IsAsciiDigit((char)line[2]))
        {
            return false;
        }

        code = ((line[0] - '0') * 100) + ((line[1] - '0') * 10) + (line[2] - '0');
        // RFC 5321 §4.2: "250" alone is legal to receive.
        isLast = line.Length == 3 || line[3] == ' ';
        return isLast || line[3] == '-';
    }

    /// <summary>RFC 2034 §4: class, subject and detail in front of the text. The class must fit the code, or it is just text.</summary>
    private static int EnhancedCodeLength(ReadOnlySpan<byte> text, int code)
    {
        if (text.Length < 5 || text[0] != '0' + (code / 100) || text[1] != '.')
        {
            return 0;
        }

        var subject = DigitCount(text[2..]);
        if (subject == 0 || text.Length <= 2 + subject || text[2 + subject] != '.')
        {
            return 0;
        }

        var detail = DigitCount(text[(3 + subject)..]);
        var length = 3 + subject + detail;
        return detail > 0 && (text.Length == length || text[length] == ' ') ? length : 0;
    }

    private static int DigitCount(ReadOnlySpan<byte> text)
    {
        var count = 0;
        while (count < 3 && count < text.Length && char.IsAsciiDigit((char)text[count]))
        {
            count++;
        }

        return count;
    }
}
