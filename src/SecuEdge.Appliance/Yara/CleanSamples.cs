using System.IO.Compression;
using System.Text;

namespace SecuEdge.Appliance.Yara;

/// <summary>
/// Small honest files, made here, and one large one: a rule that matches any of them would stop ordinary mail, and rules that are slow with
/// the large one would hold it up.
/// </summary>
internal static class CleanSamples
{
    private const int LargeBytes = 1024 * 1024;

    public static byte[] Large { get; } = MakeLarge();

    public static IReadOnlyList<(string Name, string Type, byte[] Bytes)> Small { get; } =
    [
        ("letter.txt", "text/plain", Encoding.UTF8.GetBytes("Dear Ms Miller,\r\n\r\nplease find the minutes of our meeting attached.\r\n\r\nKind regards\r\n")),
        ("lettre.txt", "text/plain", Encoding.UTF8.GetBytes("Bonjour,\r\n\r\nveuillez trouver ci-joint le compte rendu de la réunion.\r\n\r\nCordialement\r\n")),
        ("page.html", "text/html", Encoding.UTF8.GetBytes(
            "<!DOCTYPE html><html><head><title>News</title><style>p{color:#333}</style></head><body><h1>News</h1><p>Read <a href=\"https://www.example.com/\">more</a>.</p>"
            + "<img src=\"data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7\" alt=\"\"></body></html>")),
        ("table.csv", "text/plain", Encoding.UTF8.GetBytes("name;amount\r\nMiller;12,50\r\nDupont;-3,20\r\n")),
        ("data.json", "text/plain", Encoding.UTF8.GetBytes("{\"items\": [1, 2, 3], \"comment\": \"nothing special\"}")),
        ("meeting.ics", "text/calendar", Encoding.UTF8.GetBytes("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nSUMMARY:Meeting\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n")),
        ("drawing.svg", "image/svg+xml", Encoding.UTF8.GetBytes("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"8\" height=\"8\"><rect width=\"8\" height=\"8\" fill=\"#08f\"/></svg>")),
        ("pixel.gif", "image/gif", Convert.FromBase64String("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")),
        ("pixel.png", "image/png", Convert.FromBase64String("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")),
        ("note.rtf", "application/rtf", Encoding.ASCII.GetBytes("{\\rtf1\\ansi\\deff0{\\fonttbl{\\f0 Arial;}}\\f0\\fs22 Hello\\par}")),
        ("report.pdf", "application/pdf", Encoding.ASCII.GetBytes(
            "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
            + "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n")),
        ("letter.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", Zip(
            ("[Content_Types].xml", "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>"),
            ("word/document.xml", "<w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:body><w:p/></w:body></w:document>"))),
        ("photos.zip", "application/zip", Zip(("one.jpg", "not really a picture"), ("two.jpg", "not either"))),
        ("message.eml", "message/rfc822", Encoding.ASCII.GetBytes("From: a@example.com\r\nTo: b@example.net\r\nSubject: Hello\r\n\r\nHello\r\n")),
    ];

    private static byte[] Zip(params (string Name, string Text)[] entries)
    {
        using var bytes = new MemoryStream();
        using (var archive = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, text) in entries)
            {
                using var entry = archive.CreateEntry(name).Open();
                entry.Write(Encoding.UTF8.GetBytes(text));
            }
        }

        return bytes.ToArray();
    }

    /// <summary>Prose, markup, base64 and noise in turn: what expressions without a fixed beginning are slow with.</summary>
    private static byte[] MakeLarge()
    {
        var random = new Random(20_261_123);
        string[] words = ["the", "invoice", "of", "November", "and", "a", "meeting", "in", "Paris", "with", "1,250.00", "EUR", "<td>", "</td>", "function", "value", "="];
        var bytes = new byte[LargeBytes];
        var noise = new byte[3000];
        using var target = new MemoryStream(bytes);
        while (target.Position + 20_000 < LargeBytes)
        {
            for (var i = 0; i < 800; i++)
            {
                target.Write(Encoding.ASCII.GetBytes(words[random.Next(words.Length)] + (i % 12 == 11 ? "\r\n" : " ")));
            }

            random.NextBytes(noise);
            target.Write(Encoding.ASCII.GetBytes(Convert.ToBase64String(noise)));
            target.Write(noise);
        }

        return bytes;
    }
}
