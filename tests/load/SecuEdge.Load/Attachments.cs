using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace SecuEdge.Load;

/// <summary>What a message carries besides its text.</summary>
internal enum LoadContent
{
    /// <summary>Text and HTML; from 8 KB on a photograph fills the rest.</summary>
    Plain,

    /// <summary>Three tables in a zip of about 20 KB.</summary>
    SmallZip,

    /// <summary>A text document of about 1 MB: long text, two pictures, a link.</summary>
    Office,

    /// <summary>A PDF of about 10 MB: forty pages, each a picture and some text.</summary>
    Pdf,
}

/// <summary>
/// Honest attachments, each one different from the first byte of its content on: engines and gateways remember what they found clean, and
/// what is measured here is looking, not remembering.
/// </summary>
internal static class Attachments
{
    private static readonly string[] Words = ["figure", "quarter", "customer", "order", "delivery", "invoice", "meeting", "result", "plan", "budget", "office", "travel"];

    /// <summary>The MIME part, closed with <paramref name="boundary"/> and the final dot; ready to be sent behind a head.</summary>
    public static byte[] MimePart(LoadContent content, int seed, string boundary)
    {
        var (name, type, bytes) = content switch
        {
            LoadContent.SmallZip => ("tables.zip", "application/zip", SmallZip(new Random(seed))),
            LoadContent.Office => ("report.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", Office(new Random(seed))),
            LoadContent.Pdf => ("brochure.pdf", "application/pdf", Pdf(new Random(seed))),
            _ => throw new ArgumentOutOfRangeException(nameof(content)),
        };
        var part = new StringBuilder(bytes.Length * 3 / 2);
        part.Append("--").Append(boundary).Append("\r\nContent-Type: ").Append(type).Append("; name=\"").Append(name)
            .Append("\"\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=\"").Append(name).Append("\"\r\n\r\n")
            .Append(Convert.ToBase64String(bytes, Base64FormattingOptions.InsertLineBreaks)).Append("\r\n--").Append(boundary).Append("--\r\n.\r\n");
        return Encoding.ASCII.GetBytes(part.ToString());
    }

    private static byte[] SmallZip(Random random) => Zip(
        [.. Enumerable.Range(1, 3).Select(i => ($"table{i}.csv", Encoding.ASCII.GetBytes(Table(random, 400)), CompressionLevel.Optimal))]);

    private static byte[] Office(Random random)
    {
        var body = new StringBuilder("<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?><w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:body>");
        for (var paragraph = 0; paragraph < 800; paragraph++)
        {
            body.Append("<w:p><w:r><w:t>").Append(Sentence(random, 40)).Append("</w:t></w:r></w:p>");
        }

        body.Append("</w:body></w:document>");
        return Zip(
            ("[Content_Types].xml", "<?xml version=\"1.0\"?><Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Default Extension=\"jpeg\" ContentType=\"image/jpeg\"/><Override PartName=\"/word/document.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml\"/></Types>"u8.ToArray(), CompressionLevel.Optimal),
            ("_rels/.rels", "<?xml version=\"1.0\"?><Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" Target=\"word/document.xml\"/></Relationships>"u8.ToArray(), CompressionLevel.Optimal),
            ("word/document.xml", Encoding.ASCII.GetBytes(body.ToString()), CompressionLevel.Optimal),
            ("word/_rels/document.xml.rels", "<?xml version=\"1.0\"?><Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"rId4\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink\" Target=\"https://www.sender.example/\" TargetMode=\"External\"/></Relationships>"u8.ToArray(), CompressionLevel.Optimal),
            ("word/media/image1.jpeg", Picture(random, 480_000), CompressionLevel.NoCompression),
            ("word/media/image2.jpeg", Picture(random, 480_000), CompressionLevel.NoCompression));
    }

    private static byte[] Pdf(Random random)
    {
        const int Pages = 40;
        using var pdf = new MemoryStream(11_000_000);
        var offsets = new List<long>();
        void Write(string text) => pdf.Write(Encoding.Latin1.GetBytes(text));
        void Object(string dictionary, byte[]? stream = null)
        {
            offsets.Add(pdf.Position);
            Write($"{offsets.Count} 0 obj\n{dictionary}\n");
            if (stream is not null)
            {
                Write("stream\n");
                pdf.Write(stream);
                Write("\nendstream\n");
            }

            Write("endobj\n");
        }

        Write("%PDF-1.5\n%\u00e2\u00e3\u00cf\u00d3\n");
        Object("<< /Type /Catalog /Pages 2 0 R >>");
        Object($"<< /Type /Pages /Count {Pages} /Kids [{string.Join(' ', Enumerable.Range(0, Pages).Select(page => $"{4 + (page * 3)} 0 R"))}] >>");
        Object("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>");
        for (var page = 0; page < Pages; page++)
        {
            var first = 4 + (page * 3);
            Object($"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {first + 1} 0 R /Resources << /Font << /F1 3 0 R >> /XObject << /I1 {first + 2} 0 R >> >> >>");
            var text = Deflate(Encoding.ASCII.GetBytes($"BT /F1 11 Tf 50 780 Td ({Sentence(random, 300)}) Tj ET\nq 400 0 0 300 50 200 cm /I1 Do Q\n"));
            Object($"<< /Length {text.Length} /Filter /FlateDecode >>", text);
            var picture = Picture(random, 250_000);
            Object($"<< /Type /XObject /Subtype /Image /Width 800 /Height 600 /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /DCTDecode /Length {picture.Length} >>", picture);
        }

        var table = pdf.Position;
        Write($"xref\n0 {offsets.Count + 1}\n0000000000 65535 f \n");
        offsets.ForEach(offset => Write(offset.ToString("D10", CultureInfo.InvariantCulture) + " 00000 n \n"));
        Write($"trailer\n<< /Size {offsets.Count + 1} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n");
        return pdf.ToArray();
    }

    private static byte[] Zip(params (string Name, byte[] Content, CompressionLevel Level)[] entries)
    {
        using var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create))
        {
            foreach (var (name, content, level) in entries)
            {
                using var stream = zip.CreateEntry(name, level).Open();
                stream.Write(content);
            }
        }

        return bytes.ToArray();
    }

    private static byte[] Deflate(byte[] content)
    {
        using var bytes = new MemoryStream();
        using (var zlib = new ZLibStream(bytes, CompressionLevel.Optimal, leaveOpen: true))
        {
            zlib.Write(content);
        }

        return bytes.ToArray();
    }

    /// <summary>A photograph as far as its first bytes tell; the rest is noise, as that of a photograph is to a scanner.</summary>
    private static byte[] Picture(Random random, int length)
    {
        var picture = new byte[length];
        random.NextBytes(picture);
        ReadOnlySpan<byte> start = [0xFF, 0xD8, 0xFF, 0xE0, 0x00, 0x10, (byte)'J', (byte)'F', (byte)'I', (byte)'F', 0x00, 0x01, 0x01];
        start.CopyTo(picture);
        return picture;
    }

    private static string Table(Random random, int rows)
    {
        var table = new StringBuilder("number;name;amount\r\n");
        for (var row = 0; row < rows; row++)
        {
            table.Append(random.Next(1_000_000)).Append(';').Append(Words[random.Next(Words.Length)]).Append(';').Append(random.Next(100_000)).Append("\r\n");
        }

        return table.ToString();
    }

    private static string Sentence(Random random, int words) => string.Join(' ', Enumerable.Range(0, words).Select(_ => Words[random.Next(Words.Length)] + random.Next(100)));
}
