using System.Buffers;
using System.Text;
using SecuEdge.Content.Containers;
using SecuEdge.Content.Containers.Images;

namespace SecuEdge.Content.Files;

/// <summary>Says what bytes are, whatever they are called. Order: signature, structures that need more than one, then text.</summary>
internal static class FileTypeDetector
{
    /// <summary>Reaches the volume descriptor of an ISO image in its second place.</summary>
    public const int HeadBytes = 34_817 + 5;

    /// <summary>Text is judged by its beginning; a binary tail would not make a viewer refuse it.</summary>
    private const int TextBytes = 4_096;

    private static readonly SearchValues<byte> NotText =
        SearchValues.Create([0, 1, 2, 3, 4, 5, 6, 7, 8, 11, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 28, 29, 30, 31, 127]);

    private static readonly (int Offset, byte[] Bytes, FileType Type)[][] AtStart = new (int, byte[], FileType)[256][];
    private static readonly List<(int Offset, byte[] Bytes, FileType Type)> Elsewhere = [];

    /// <summary>Fields of which one begins nearly every message (RFC 5322 §3.6, RFC 2045) and hardly any other text.</summary>
    private static readonly string[] MessageFields =
        ["received", "return-path", "from", "to", "subject", "date", "message-id", "mime-version", "content-type", "delivered-to", "dkim-signature",
         "arc-seal", "authentication-results", "x-originating-ip", "reply-to", "content-transfer-encoding", "content-disposition"];

    private static readonly string[] HtmlMarks =
        ["<html", "<!doctype html", "<head", "<body", "<script", "<iframe", "<table", "<meta", "<title", "<a href", "<img", "<div", "<form", "<style", "<hta:", "<br>", "<p>", "<font", "<svg:svg"];

    static FileTypeDetector()
    {
        var rows = FileTypes.All.SelectMany(type => type.Signatures, (type, signature) => Parse(signature, type))
            .OrderByDescending(row => row.Bytes.Length).ToList();
        foreach (var group in rows.Where(row => row.Offset == 0).GroupBy(row => row.Bytes[0]))
        {
            AtStart[group.Key] = [.. group];
        }

        Elsewhere.AddRange(rows.Where(row => row.Offset > 0));
    }

    /// <param name="head">The first <see cref="HeadBytes"/> of the content, or all of it.</param>
    /// <param name="tail">Its last bytes: the directory of a zip tells an office document from an archive.</param>
    /// <param name="isShown">A text body, which is shown and never run: whether it might be a script is not asked.</param>
    public static string Detect(ReadOnlySpan<byte> head, ReadOnlySpan<byte> tail, bool isShown = false)
    {
        if (head.IsEmpty)
        {
            return FileTypes.Unknown;
        }

        if (BySignature(head) is { } type)
        {
            return type switch
            {
                FileTypes.Zip => ZipFlavour.Detect(head, tail),
                FileTypes.Ole => OleFlavour(head, tail),
                "application/x-java-class" => ProgramTypes.OfCafeBabe(head),
                "text/x-shellscript" => ByShebang(head),
                _ => type,
            };
        }

        return ByStructure(head, tail) ?? ByText(head, isShown) ?? FileTypes.Unknown;
    }

    private static (int Offset, byte[] Bytes, FileType Type) Parse(string signature, FileType type)
    {
        var colon = signature.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && int.TryParse(signature.AsSpan(0, colon), out var offset)
            ? (offset, Encoding.Latin1.GetBytes(signature[(colon + 1)..]), type)
            : (0, Encoding.Latin1.GetBytes(signature), type);
    }

    private static string? BySignature(ReadOnlySpan<byte> head)
    {
        // PostScript to the eye, with the version of PDF behind it: old readers of PDF take it.
        if (head.StartsWith("%!PS-Adobe-"u8) && head[..Math.Min(head.Length, 64)].IndexOf(" PDF-"u8) > 0)
        {
            return FileTypes.Pdf;
        }

        foreach (var row in AtStart[head[0]] ?? [])
        {
            if (head.StartsWith(row.Bytes))
            {
                return row.Type.MediaType;
            }
        }

        foreach (var row in Elsewhere)
        {
            if (head.Length >= row.Offset + row.Bytes.Length && head.Slice(row.Offset).StartsWith(row.Bytes))
            {
                return row.Type.MediaType;
            }
        }

        return IsPdf(head) ? FileTypes.Pdf : null;
    }

    /// <summary>
    /// ISO 32000-1 annex H: readers look for the header in the first 1,024 bytes, and so do those who hide a PDF. They take nearly
    /// anything for a version, so an object or a trailer has to be there too.
    /// </summary>
    private static bool IsPdf(ReadOnlySpan<byte> head)
    {
        var start = head[..Math.Min(head.Length, 1_024)].IndexOf("%PDF"u8);
        if (start < 0)
        {
            return false;
        }

        var rest = head[start..Math.Min(head.Length, 8_192)];
        return rest.IndexOf(" obj"u8) >= 0 || rest.IndexOf("obj<<"u8) >= 0 || rest.IndexOf("\nobj"u8) >= 0 || rest.IndexOf("trailer<<"u8) >= 0;
    }

    private static string? ByStructure(ReadOnlySpan<byte> head, ReadOnlySpan<byte> tail)
    {
        if (VirtualDiskContainer.HasFooter(tail))
        {
            return VirtualDiskContainer.MediaType;
        }

        if (DiskContainer.IsDisk(head))
        {
            return DiskContainer.MediaType;
        }

        if (head.StartsWith("MZ"u8) && head.Length >= 28 && head[..28].ContainsAny(NotText))
        {
            return ProgramTypes.OfWindows(head);
        }

        if (head.StartsWith("BM"u8) && head.Length > 18 && head[6..10].IndexOfAnyExcept((byte)0) < 0)
        {
            return "image/bmp";
        }

        if (head.Length >= 12 && head.StartsWith("RIFF"u8))
        {
            var form = head[8..12];
            return form.SequenceEqual("WAVE"u8) ? "audio/wav" : form.SequenceEqual("AVI "u8) ? "video/x-msvideo" : form.SequenceEqual("WEBP"u8) ? "image/webp" : null;
        }

        if (head.Length >= 12 && head.StartsWith("FORM"u8) && head[8..11].SequenceEqual("AIF"u8))
        {
            return "audio/aiff";
        }

        if (head.Length >= 12 && head[4..8].SequenceEqual("ftyp"u8))
        {
            var brand = head[8..12];
            return brand.StartsWith("avi"u8) ? "image/avif" : brand.StartsWith("hei"u8) || brand.StartsWith("mif"u8) ? "image/heif" : "video/mp4";
        }

        if (FrameSync.Detect(head) is { } sound)
        {
            return sound;
        }

        return IsOldTar(head) ? "application/x-tar" : IsPkcs7(head) ? FileTypes.Pkcs7 : LzmaContainer.IsLzma(head) ? LzmaContainer.MediaType
            : ArcContainer.IsArc(head) ? ArcContainer.MediaType
            : ZlibContainer.IsZlib(head) ? ZlibContainer.MediaType
            : Mime.PgpPackets.IsEncrypted(head) || Mime.PgpPackets.IsCompressed(head) ? FileTypes.Pgp
            : null;
    }

    /// <summary>Tar before POSIX has no magic; its header checksum is one (sum of the 512 bytes with the field itself blank).</summary>
    private static bool IsOldTar(ReadOnlySpan<byte> head)
    {
        if (head.Length < 512 || head[0] == 0 || head[156] is not (0 or (>= (byte)'0' and <= (byte)'7')))
        {
            return false;
        }

        var declared = Containers.TarContainer.ReadOctal(head.Slice(148, 8));
        return declared > 0 && declared == Containers.TarContainer.Checksum(head[..512]);
    }

    /// <summary>A DER or BER SEQUENCE that starts with a PKCS #7 object identifier (RFC 5652 §3).</summary>
    private static bool IsPkcs7(ReadOnlySpan<byte> head) =>
        head[0] == 0x30 && (head[..Math.Min(head.Length, 24)].IndexOf((ReadOnlySpan<byte>)[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01]) >= 0
            || head[..Math.Min(head.Length, 24)].IndexOf((ReadOnlySpan<byte>)[0x06, 0x0b, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01]) >= 0);

    private static string OleFlavour(ReadOnlySpan<byte> head, ReadOnlySpan<byte> tail) =>
        // The class of an installer database in the root entry; without it an OLE file is some document.
        head.IndexOf((ReadOnlySpan<byte>)[0x84, 0x10, 0x0c, 0, 0, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0x46]) >= 0
        || tail.IndexOf((ReadOnlySpan<byte>)[0x84, 0x10, 0x0c, 0, 0, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0x46]) >= 0
            ? "application/x-ms-installer"
            : FileTypes.Ole;

    private static string? ByText(ReadOnlySpan<byte> head, bool isShown)
    {
        var text = head[..Math.Min(head.Length, TextBytes)];
        if (text.StartsWith((ReadOnlySpan<byte>)[0xff, 0xfe]) || text.StartsWith((ReadOnlySpan<byte>)[0xfe, 0xff]))
        {
            // Characters above U+00FF become noise, but every format is named by characters below.
            var wide = text[0] == 0xff ? Encoding.Unicode.GetString(text[2..]) : Encoding.BigEndianUnicode.GetString(text[2..]);
            return ByText(Encoding.Latin1.GetBytes(wide.Replace("\0", "", StringComparison.Ordinal)), isShown) is { } type && type != FileTypes.Message ? type : FileTypes.PlainText;
        }

        if (text.ContainsAny(NotText))
        {
            return null;
        }

        var start = text.TrimStart("\u00ef\u00bb\u00bf \t\r\n"u8);
        start = start.StartsWith((ReadOnlySpan<byte>)[0xef, 0xbb, 0xbf]) ? start[3..].TrimStart(" \t\r\n"u8) : start;
        if (start.IsEmpty)
        {
            return FileTypes.PlainText;
        }

        if (!isShown && TextTypes.Detect(start) is { } format && !(format == FileTypes.JavaScript && IsMessage(start)))
        {
            return format;
        }

        return start[0] switch
        {
            (byte)'<' => ByMarkup(start),
            (byte)'B' or (byte)'b' when StartsWith(start, "BEGIN:VCALENDAR") => "text/calendar",
            (byte)'B' or (byte)'b' when StartsWith(start, "BEGIN:VCARD") => "text/vcard",
            (byte)'-' when StartsWith(start, "-----BEGIN PGP MESSAGE") => FileTypes.Pgp,
            (byte)'I' or (byte)'i' when IsSylk(start) => FileTypes.Sylk,
            _ when IsMessage(start) => FileTypes.Message,
            _ when start.Contains((byte)'<') && ContainsAny(Encoding.Latin1.GetString(start), HtmlMarks) => FileTypes.Html,
            _ => Documents.Small.TableInjection.Find(head) is null ? FileTypes.PlainText : FileTypes.Csv,
        };
    }

    /// <summary>The first line of a script of Unix names its interpreter.</summary>
    private static string ByShebang(ReadOnlySpan<byte> head)
    {
        var end = head.IndexOf((byte)'\n');
        var line = head[..Math.Min(end < 0 ? head.Length : end, 200)];
        return line.IndexOf("python"u8) >= 0 ? "text/x-python" : line.IndexOf("perl"u8) >= 0 ? "text/x-perl" : line.IndexOf("php"u8) >= 0 ? "text/x-php" : "text/x-shellscript";
    }

    private static string ByMarkup(ReadOnlySpan<byte> start)
    {
        var text = Encoding.Latin1.GetString(start);
        var isXml = text.StartsWith("<?xml", StringComparison.OrdinalIgnoreCase);
        return text.Contains("<svg", StringComparison.OrdinalIgnoreCase) && !text.Contains("<html", StringComparison.OrdinalIgnoreCase) ? "image/svg+xml"
            : IsOfficeXml(text) ? FileTypes.OfficeXml
            : isXml && !text.Contains("<html", StringComparison.OrdinalIgnoreCase) ? "application/xml"
            : ContainsAny(text, HtmlMarks) || text.StartsWith("<!--", StringComparison.Ordinal) ? FileTypes.Html
            : isXml ? "application/xml"
            : FileTypes.PlainText;
    }

    /// <summary>Word and Excel 2003, flat packages and flat OpenDocument say so in the instruction for Windows or in their first namespaces.</summary>
    private static bool IsOfficeXml(string text) =>
        text.Contains("<?mso-application", StringComparison.OrdinalIgnoreCase) || text.Contains("http://schemas.microsoft.com/office/word/2003/wordml", StringComparison.OrdinalIgnoreCase)
        || text.Contains("http://schemas.microsoft.com/office/2006/xmlPackage", StringComparison.OrdinalIgnoreCase)
        || (text.Contains("urn:schemas-microsoft-com:office:spreadsheet", StringComparison.OrdinalIgnoreCase) && text.Contains("Workbook", StringComparison.OrdinalIgnoreCase) && !text.Contains("<html", StringComparison.OrdinalIgnoreCase))
        || (text.Contains("urn:oasis:names:tc:opendocument", StringComparison.OrdinalIgnoreCase) && text.Contains("office:document ", StringComparison.OrdinalIgnoreCase));

    /// <summary>The first record of SYLK and a second one: a table whose first column is called ID has no such line.</summary>
    private static bool IsSylk(ReadOnlySpan<byte> start)
    {
        var line = start.IndexOfAny((byte)'\r', (byte)'\n');
        if (line < 4 || !StartsWith(start, "ID;"))
        {
            return false;
        }

        var next = start[line..].TrimStart("\r\n"u8);
        var type = next[..Math.Max(next.IndexOf((byte)';'), 0)];
        return type.Length is 1 or 2 && "P B C F O NN NE NU W E"u8.IndexOf(type) >= 0;
    }

    /// <summary>Two lines that look like fields, the first with a name that messages begin with.</summary>
    private static bool IsMessage(ReadOnlySpan<byte> start)
    {
        var colon = start.IndexOf((byte)':');
        if (colon is <= 0 or > 40)
        {
            return false;
        }

        var name = start[..colon];
        foreach (var field in MessageFields)
        {
            if (Ascii.EqualsIgnoreCase(name, field))
            {
                var next = start[(start.IndexOf((byte)'\n') + 1)..];
                var nextColon = next.IndexOf((byte)':');
                return next.Length > 0 && (next[0] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n'
                    || (nextColon is > 0 and < 60 && next[..nextColon].IndexOfAny(" \t\r\n"u8) < 0));
            }
        }

        return false;
    }

    private static bool StartsWith(ReadOnlySpan<byte> bytes, string text) =>
        bytes.Length >= text.Length && Ascii.EqualsIgnoreCase(bytes[..text.Length], text);

    private static bool ContainsAny(string text, string[] marks) =>
        Array.Exists(marks, mark => text.Contains(mark, StringComparison.OrdinalIgnoreCase));
}
