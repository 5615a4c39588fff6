using System.Globalization;
using System.Text;
using MimeKit;
using MimeKit.Encodings;

namespace SecuEdge.Appliance.MailFlow.Effects.Rewriting;

/// <summary>Character sets and transfer encodings of text parts.</summary>
internal static class TextEncodings
{
    // RFC 5322 §2.1.1.
    private const int MaxLineBytes = 998;

    /// <summary>Null for names that nobody knows. ASCII stands for itself; bytes that cannot be are noticed by both directions.</summary>
    public static Encoding? Find(string? charset)
    {
        try
        {
            return string.IsNullOrWhiteSpace(charset)
                ? Encoding.GetEncoding("us-ascii", EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback)
                : Encoding.GetEncoding(charset.Trim(), EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return null;
        }
    }

    /// <summary>ASCII characters are themselves in it at any place of the text: new text can be put between its bytes.</summary>
    public static bool IsAsciiInside(Encoding encoding) =>
        encoding.CodePage is not (1200 or 1201 or 12000 or 12001 or 65000 or 52936 or (>= 50220 and <= 50229)) && !IsEbcdic(encoding);

    public static byte[]? TryEncode(Encoding encoding, string text)
    {
        try
        {
            return encoding.GetBytes(text);
        }
        catch (EncoderFallbackException)
        {
            return null;
        }
    }

    /// <summary>What the bytes say in the set they claim, or else in UTF-8, or else in the set that mail without a claim usually is in.</summary>
    public static string Decode(Encoding? encoding, byte[] bytes)
    {
        foreach (var candidate in (Encoding?[])[AsShown(encoding), new UTF8Encoding(false, true)])
        {
            try
            {
                if (candidate is not null)
                {
                    return candidate.GetString(bytes);
                }
            }
            catch (DecoderFallbackException)
            {
                // The next one.
            }
        }

        return Encoding.GetEncoding(1252).GetString(bytes);
    }

    /// <summary>
    /// Windows labels its own sets as those of ISO, which have only control characters in 0x80-0x9F; mail programs show the apostrophe, the dash and the euro
    /// that were meant (WHATWG Encoding Standard §4.2). Everything else is the same in both.
    /// </summary>
    private static Encoding? AsShown(Encoding? encoding) => encoding?.CodePage switch
    {
        28591 => Encoding.GetEncoding(1252),
        28599 => Encoding.GetEncoding(1254),
        _ => encoding,
    };

    /// <summary>Letters without their accents, for a text whose character set nobody knows.</summary>
    public static string ToAscii(string text)
    {
        var plain = text.Normalize(NormalizationForm.FormKD).Where(c => CharUnicodeInfo.GetUnicodeCategory(c) != UnicodeCategory.NonSpacingMark);
        return string.Concat(plain.Select(c => c switch
        {
            '’' or '‘' => '\'',
            '“' or '”' or '«' or '»' => '"',
            '–' or '—' => '-',
            < '\x80' => c,
            _ => '?',
        }));
    }

    /// <summary>The encoding stays as it was where the content still fits it.</summary>
    public static (byte[] Content, ContentEncoding Encoding) Encode(byte[] content, ContentEncoding before, bool hadEightBit)
    {
        var encoding = before switch
        {
            ContentEncoding.Base64 or ContentEncoding.QuotedPrintable => before,
            ContentEncoding.UUEncode => ContentEncoding.Base64,
            _ => (hadEightBit || Ascii.IsValid(content)) && !HasLongLine(content) ? before : ContentEncoding.QuotedPrintable,
        };
        return (encoding switch
        {
            ContentEncoding.Base64 => Run(new Base64Encoder(), content),
            ContentEncoding.QuotedPrintable => QuotedPrintable(content),
            _ => content,
        }, encoding);
    }

    public static byte[] QuotedPrintable(byte[] content) => Run(new QuotedPrintableEncoder(), content);

    public static string NameOf(ContentEncoding encoding) => encoding switch
    {
        ContentEncoding.Base64 => "base64",
        ContentEncoding.QuotedPrintable => "quoted-printable",
        ContentEncoding.EightBit => "8bit",
        ContentEncoding.Binary => "binary",
        _ => "7bit",
    };

    private static byte[] Run(IMimeEncoder encoder, byte[] content)
    {
        var output = new byte[encoder.EstimateOutputLength(content.Length)];
        var length = encoder.Flush(content, 0, content.Length, output);
        // The encoders end lines as the system does; on the wire it is CRLF.
        var lines = new List<byte>(length + (length / 70));
        for (var i = 0; i < length; i++)
        {
            if (output[i] == '\n' && (i == 0 || output[i - 1] != '\r'))
            {
                lines.Add((byte)'\r');
            }

            lines.Add(output[i]);
        }

        return [.. lines];
    }

    private static bool HasLongLine(ReadOnlySpan<byte> content)
    {
        while (!content.IsEmpty)
        {
            var end = content.IndexOf((byte)'\n');
            if ((end < 0 ? content.Length : end) > MaxLineBytes)
            {
                return true;
            }

            content = end < 0 ? default : content[(end + 1)..];
        }

        return false;
    }

    private static bool IsEbcdic(Encoding encoding) => encoding.GetBytes("A")[0] != (byte)'A';
}
