using System.IO.Compression;
using System.Text;

namespace SecuEdge.Appliance.Tests;

/// <summary>Mail with a document that has a macro project and does no harm.</summary>
internal static class MacroMail
{
    private static int s_files;

    /// <summary>Another one each time: nobody has seen it.</summary>
    public static byte[] NewFile()
    {
        var number = Interlocked.Increment(ref s_files);
        using var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create))
        {
            Add(zip, "[Content_Types].xml", "<Types xmlns='http://schemas.openxmlformats.org/package/2006/content-types'/>");
            Add(zip, "word/document.xml", $"<document>file {number} of {Environment.ProcessId}</document>");
            Add(zip, "word/vbaProject.bin", $"not really a project, number {number}");
        }

        return bytes.ToArray();
    }

    public static string Create(byte[] file) => $"""
        From: me@sender.example
        Subject: your invoice
        MIME-Version: 1.0
        Content-Type: multipart/mixed; boundary=b

        --b
        Content-Type: text/plain

        See attached.
        --b
        Content-Type: application/octet-stream; name=invoice.docm
        Content-Disposition: attachment; filename=invoice.docm
        Content-Transfer-Encoding: base64

        {Convert.ToBase64String(file, Base64FormattingOptions.InsertLineBreaks)}
        --b--

        """.ReplaceLineEndings("\r\n");

    private static void Add(ZipArchive zip, string name, string content)
    {
        using var stream = zip.CreateEntry(name).Open();
        stream.Write(Encoding.UTF8.GetBytes(content));
    }
}
