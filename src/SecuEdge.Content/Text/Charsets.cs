using System.Text;

namespace SecuEdge.Content.Text;

/// <summary>Bytes to characters for looking at, never for passing on.</summary>
internal static class Charsets
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    static Charsets() => RegisterCodePages();

    /// <summary>Before any code here or in MimeKit asks for a code page: a failed static constructor stays failed for the whole process.</summary>
    public static void RegisterCodePages() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    public static string Decode(ReadOnlySpan<byte> bytes, string? charset)
    {
        if (Ascii.IsValid(bytes) && charset?.StartsWith("utf-7", StringComparison.OrdinalIgnoreCase) != true
            && charset?.StartsWith("iso-2022", StringComparison.OrdinalIgnoreCase) != true && charset?.StartsWith("hz", StringComparison.OrdinalIgnoreCase) != true
            && charset?.StartsWith("utf-16", StringComparison.OrdinalIgnoreCase) != true)
        {
            return Encoding.ASCII.GetString(bytes);
        }

        var encoding = Find(bytes, charset);
        return encoding is not null ? encoding.GetString(bytes) : OfUnknown(bytes);
    }

    /// <summary>UTF-8 if it is, else Windows-1252, which shows every byte as something.</summary>
    public static string OfUnknown(ReadOnlySpan<byte> bytes) =>
        System.Text.Unicode.Utf8.IsValid(bytes) ? StrictUtf8.GetString(bytes) : Encoding.GetEncoding(1252).GetString(bytes);

    /// <summary>Names of archive entries: UTF-8 if it is, else the code page of the first PC, which zip means (APPNOTE 4.4.4, bit 11).</summary>
    public static string OfEntryName(ReadOnlySpan<byte> bytes) =>
        System.Text.Unicode.Utf8.IsValid(bytes) ? StrictUtf8.GetString(bytes) : Encoding.GetEncoding(437).GetString(bytes);

    private static Encoding? Find(ReadOnlySpan<byte> bytes, string? charset)
    {
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0xff, 0xfe]))
        {
            return Encoding.Unicode;
        }

        if (bytes.StartsWith((ReadOnlySpan<byte>)[0xfe, 0xff]))
        {
            return Encoding.BigEndianUnicode;
        }

        if (string.IsNullOrEmpty(charset) || charset.Equals("us-ascii", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        if (charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase))
        {
            return Encoding.UTF8;
        }

        try
        {
            return Encoding.GetEncoding(charset.Trim(' ', '"', '\''));
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            return null;
        }
    }
}
