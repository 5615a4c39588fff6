using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace SecuEdge.Appliance.Tests.EndToEnd;

/// <summary>What one message of the fault tests is.</summary>
internal enum FaultMailKind
{
    /// <summary>Text only: needs no cage.</summary>
    Plain,

    /// <summary>A zip with a text.</summary>
    Zip,

    /// <summary>A zip with EICAR: must never come out.</summary>
    InfectedZip,

    /// <summary>A small document without anything active.</summary>
    Document,

    /// <summary>A zip that unpacks to 300 MB: work for the cage.</summary>
    Heavy,
}

/// <summary>Messages by number, no two with the same bytes: a result remembered from an earlier one must not stand in for a scan.</summary>
internal static class FaultMail
{
    private static readonly Lazy<byte[]> Bomb = new(() => Zip("zeros.bin", new byte[300 * 1024 * 1024]));

    public static byte[] Create(FaultMailKind kind, int number)
    {
        var text = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"This is note {number} of {Environment.ProcessId}.\r\n"));
        return kind switch
        {
            FaultMailKind.Plain => [.. "From: a@sender.example\r\nTo: b@acme.example\r\nSubject: note\r\nMessage-ID: <note@sender.example>\r\nDate: Mon, 07 Sep 2026 09:12:31 +0200\r\n\r\n"u8, .. text],
            FaultMailKind.Zip => InfectedMail.Wrap("notes.zip", Zip("note.txt", text)),
            FaultMailKind.InfectedZip => InfectedMail.Wrap("notes.zip", Zip(("note.txt", text), ("eicar.com", InfectedMail.TestFile))),
            FaultMailKind.Document => InfectedMail.Wrap("note.docx", Document(text)),
            FaultMailKind.Heavy => InfectedMail.Wrap("zeros.zip", Bomb.Value),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
        };
    }

    private static byte[] Document(byte[] text) => Zip(
        ("[Content_Types].xml", """<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>"""u8.ToArray()),
        ("_rels/.rels", """<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>"""u8.ToArray()),
        ("word/document.xml", [.. """<?xml version="1.0"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>"""u8, .. text, .. "</w:t></w:r></w:p></w:body></w:document>"u8]));

    private static byte[] Zip(string name, byte[] content) => Zip((name, content));

    private static byte[] Zip(params (string Name, byte[] Content)[] files)
    {
        using var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in files)
            {
                using var entry = zip.CreateEntry(name, CompressionLevel.Fastest).Open();
                entry.Write(content);
            }
        }

        return bytes.ToArray();
    }
}
