using System.Buffers;
using System.Net;
using System.Text;

namespace SecuEdge.Smtp.Parsing;

/// <summary>
/// Parser of paths and addresses (RFC 5321 §4.1.2, RFC 6531 §3.3). It reads more than the grammar where real senders need it
/// (misplaced dots, underscores in domains, long local parts) and never anything that two servers could read differently.
/// </summary>
public static class MailPathParser
{
    /// <summary>RFC 5321 §4.5.3.1.1 says 64 and asks to accept more (§4.5.3.1): VERP and SRS senders of large lists need about 200.</summary>
    private const int MaxLocalPartBytes = 256;

    /// <summary>RFC 5321 §4.5.3.1.2.</summary>
    private const int MaxDomainBytes = 255;

    /// <summary>RFC 1035 §2.3.4.</summary>
    private const int MaxLabelBytes = 63;

    private static readonly SearchValues<char> Ipv6Characters = SearchValues.Create("0123456789abcdefABCDEF:.");

    /// <summary>Parses an address without angle brackets; the empty string is the null path.</summary>
    public static bool TryParseAddress(string text, out MailPath path)
    {
        path = MailPath.Null;
        if (text.Length == 0)
        {
            return true;
        }

        if (!TryParseMailbox(text, out var mailbox, out var length) || length != text.Length)
        {
            return false;
        }

        path = mailbox;
        return true;
    }

    /// <summary>Parses a path in angle brackets at the start of a text, ignoring a source route. <paramref name="length"/> is what it took.</summary>
    internal static bool TryParsePath(ReadOnlySpan<char> text, out MailPath path, out int length)
    {
        path = MailPath.Null;
        length = 0;
        if (text.IsEmpty || text[0] != '<')
        {
            return false;
        }

        if (text.StartsWith("<>"))
        {
            length = 2;
            return true;
        }

        if (!TrySkipSourceRoute(text[1..], out var routeLength)
            || !TryParseMailbox(text[(1 + routeLength)..], out var mailbox, out var mailboxLength))
        {
            return false;
        }

        var end = 1 + routeLength + mailboxLength;
        if (end == text.Length || text[end] != '>')
        {
            return false;
        }

        path = mailbox;
        length = end + 1;
        return true;
    }

    /// <summary>The argument of EHLO and the part behind the @: a domain name or an address literal (RFC 5321 §4.1.1.1, §4.1.3).</summary>
    internal static bool TryParseDomain(ReadOnlySpan<char> text, out string domain)
    {
        domain = "";
        if (text.IsEmpty)
        {
            return false;
        }

        return text[0] == '[' ? TryParseLiteral(text, out domain) : TryParseName(text, out domain);
    }

    /// <summary>The local part as the wire needs it: a dot-string where possible, otherwise a quoted string (RFC 5321 §4.1.2).</summary>
    public static string QuoteLocalPart(string localPart)
    {
        if (IsDotString(localPart))
        {
            return localPart;
        }

        var quoted = new StringBuilder(localPart.Length + 8).Append('"');
        foreach (var c in localPart)
        {
            if (c is '"' or '\\')
            {
                quoted.Append('\\');
            }

            // The parser lets none in; a path built by other code must not be able to end the command line.
            quoted.Append(char.IsControl(c) ? '?' : c);
        }

        return quoted.Append('"').ToString();
    }

    // RFC 5321 §4.1.1.3 and appendix C: a source route is accepted and ignored.
    private static bool TrySkipSourceRoute(ReadOnlySpan<char> text, out int length)
    {
        length = 0;
        if (text.IsEmpty || text[0] != '@')
        {
            return true;
        }

        var end = text.IndexOf(':');
        if (end < 0)
        {
            return false;
        }

        foreach (var range in text[..end].Split(','))
        {
            var hop = text[range];
            if (hop.IsEmpty || hop[0] != '@' || !TryParseName(hop[1..], out _))
            {
                return false;
            }
        }

        length = end + 1;
        return true;
    }

    private static bool TryParseMailbox(ReadOnlySpan<char> text, out MailPath path, out int length)
    {
        path = MailPath.Null;
        if (!TryParseLocalPart(text, out var localPart, out length))
        {
            return false;
        }

        if (length == text.Length || text[length] != '@')
        {
            // RFC 5321 §4.1.1.3: postmaster is the one recipient without a domain.
            var isPostmaster = text[..length].Equals("postmaster", StringComparison.OrdinalIgnoreCase);
            path = isPostmaster ? new MailPath(localPart, "") : MailPath.Null;
            return isPostmaster;
        }

        var rest = text[(length + 1)..];
        var domainLength = rest.IndexOf('>');
        domainLength = domainLength < 0 ? rest.Length : domainLength;
        if (!TryParseDomain(rest[..domainLength], out var domain))
        {
            return false;
        }

        path = new MailPath(localPart, domain);
        length += 1 + domainLength;
        return true;
    }

    private static bool TryParseLocalPart(ReadOnlySpan<char> text, out string localPart, out int length)
    {
        localPart = "";
        length = 0;
        if (text.IsEmpty)
        {
            return false;
        }

        if (text[0] == '"')
        {
            return TryParseQuoted(text, out localPart, out length) && Encoding.UTF8.GetByteCount(localPart) <= MaxLocalPartBytes;
        }

        // Dots at the edge or in a row are outside the grammar, yet phone carriers gave such addresses away by the million.
        while (length < text.Length && (text[length] == '.' || IsAtomText(text, length)))
        {
            length++;
        }

        localPart = text[..length].ToString();
        return length > 0 && Encoding.UTF8.GetByteCount(localPart) <= MaxLocalPartBytes;
    }

    private static bool TryParseQuoted(ReadOnlySpan<char> text, out string content, out int length)
    {
        var unquoted = new StringBuilder();
        content = "";
        for (length = 1; length < text.Length; length++)
        {
            if (text[length] == '"')
            {
                length++;
                content = unquoted.ToString();
                return true;
            }

            if (text[length] == '\\')
            {
                // quoted-pairSMTP: printable ASCII only.
                length++;
                if (length == text.Length || text[length] is < ' ' or > '~')
                {
                    return false;
                }
            }
            else if (text[length] != ' ' && !IsPrintable(text, length))
            {
                return false;
            }

            unquoted.Append(text[length]);
        }

        return false;
    }

    private static bool TryParseName(ReadOnlySpan<char> text, out string domain)
    {
        domain = "";
        foreach (var range in text.Split('.'))
        {
            var label = text[range];
            if (label.IsEmpty || label[0] == '-' || label[^1] == '-' || Encoding.UTF8.GetByteCount(label) > MaxLabelBytes)
            {
                return false;
            }

            for (var i = 0; i < label.Length; i++)
            {
                // The underscore is no letter of host names, but is used by real ones.
                if (!char.IsAsciiLetterOrDigit(label[i]) && label[i] is not ('-' or '_') && !IsInternational(label, i))
                {
                    return false;
                }
            }
        }

        if (Encoding.UTF8.GetByteCount(text) > MaxDomainBytes)
        {
            return false;
        }

        domain = LowerAscii(text);
        return true;
    }

    // RFC 5321 §4.1.3, written back in one canonical form. General-address-literal has no registered use and is refused.
    private static bool TryParseLiteral(ReadOnlySpan<char> text, out string domain)
    {
        const string ipv6Tag = "IPv6:";
        domain = "";
        if (text.Length < 3 || text[^1] != ']')
        {
            return false;
        }

        var inner = text[1..^1];
        if (inner.StartsWith(ipv6Tag, StringComparison.OrdinalIgnoreCase))
        {
            var digits = inner[ipv6Tag.Length..];
            if (digits.ContainsAnyExcept(Ipv6Characters) || !digits.Contains(':') || !IPAddress.TryParse(digits, out var address))
            {
                return false;
            }

            domain = $"[{ipv6Tag}{address}]";
            return true;
        }

        // IPAddress.TryParse alone would read "1", "0x7f.1" and octal numbers as well.
        if (!IPAddress.TryParse(inner, out var ipv4) || !inner.SequenceEqual(ipv4.ToString()) || inner.Contains(':'))
        {
            return false;
        }

        domain = $"[{inner}]";
        return true;
    }

    // Letters beyond ASCII stay as they came (RFC 6531): folding them is IDNA's business, and may turn them into ASCII.
    private static string LowerAscii(ReadOnlySpan<char> text) => string.Create(text.Length, text, static (target, source) =>
    {
        for (var i = 0; i < source.Length; i++)
        {
            target[i] = char.IsAsciiLetterUpper(source[i]) ? (char)(source[i] | 0x20) : source[i];
        }
    });

    private static bool IsDotString(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty || text[0] == '.' || text[^1] == '.' || text.Contains("..", StringComparison.Ordinal))
        {
            return false;
        }

        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '.' && !IsAtomText(text, i))
            {
                return false;
            }
        }

        return true;
    }

    // atext of RFC 5322 §3.2.3, with UTF8-non-ascii of RFC 6531 §3.3.
    private static bool IsAtomText(ReadOnlySpan<char> text, int index) =>
        char.IsAsciiLetterOrDigit(text[index]) || "!#$%&'*+-/=?^_`{|}~".Contains(text[index]) || IsInternational(text, index);

    private static bool IsPrintable(ReadOnlySpan<char> text, int index) => text[index] is > ' ' and <= '~' || IsInternational(text, index);

    // Not control characters, separators or halves of surrogate pairs, which could not be written back as UTF-8.
    private static bool IsInternational(ReadOnlySpan<char> text, int index)
    {
        var c = text[index];
        if (c <= '~' || char.IsControl(c) || char.IsWhiteSpace(c))
        {
            return false;
        }

        return (char.IsHighSurrogate(c) && index + 1 < text.Length && char.IsLowSurrogate(text[index + 1]))
            || (char.IsLowSurrogate(c) && index > 0 && char.IsHighSurrogate(text[index - 1]))
            || !char.IsSurrogate(c);
    }
}
