using SecuEdge.Content.Files;

namespace SecuEdge.Content.Tests;

public sealed class FileNameTests
{
    [Fact]
    public void All_names_that_a_header_gives_are_kept()
    {
        using var anatomy = Samples.Examine(Samples.WithBody(
            "Content-Type: application/octet-stream; name=\"invoice.html\"\r\nContent-Disposition: attachment; filename=\"invoice.pdf\"", "x"));
        var part = anatomy.AllParts().Single(p => p.Kind == PartKind.Attachment);
        Assert.Equal("invoice.pdf | invoice.html", string.Join(" | ", part.OtherNames.Prepend(part.FileName)));
    }

    [Theory]
    [InlineData("invoice.docm.", "invoice.docm")]
    [InlineData("invoice.docm . .", "invoice.docm")]
    [InlineData("invoice．ｄｏｃｍ", "invoice.docm")]
    [InlineData("invoice.docm", "invoice.docm")]
    public void Windows_saves_a_name_without_what_stands_behind_it(string name, string saved) => Assert.Equal(saved, FileNames.AsSaved(name));

    [Theory]
    [InlineData("report.pdf", "report.pdf", false)]
    [InlineData("r\u00e9sum\u00e9 2026.docx", "r\u00e9sum\u00e9 2026.docx", false)]
    [InlineData("archive.tar.gz", "archive.tar.gz", false)]
    [InlineData("setup.exe", "setup.exe", false)]
    [InlineData("v1.2.exe", "v1.2.exe", false)]
    [InlineData("invoice.pdf.exe", "invoice.pdf.exe", true)]
    [InlineData("invoice.pdf.exe. ", "invoice.pdf.exe.", true)]
    [InlineData("invoice\u202Efdp.exe", "invoicefdp.exe", true)]
    [InlineData("invoice.pdf                                 .exe", "invoice.pdf .exe", true)]
    [InlineData("..\\..\\windows\\evil.exe", "evil.exe", true)]
    [InlineData("/etc/passwd", "passwd", true)]
    [InlineData("C:\\temp\\a.txt", "a.txt", true)]
    [InlineData("folder/a.txt", "a.txt", false)]
    [InlineData("a\u0007b.txt", "ab.txt", true)]
    [InlineData("in\r\nvoice.exe", "invoice.exe", false)]
    [InlineData("a\uff0e\uff45\uff58\uff45", "a.exe", true)]
    [InlineData("\u202e", "unnamed", true)]
    public void A_name_is_made_fit_to_show_and_its_tricks_are_seen(string raw, string shown, bool isDeceptive)
    {
        var name = FileNames.Parse(raw);
        Assert.Equal((shown, raw, isDeceptive), (name!.Value.Shown, name.Value.Raw, name.Value.IsDeceptive));
    }

    [Theory]
    [InlineData("invoice.pdf.exe")]
    [InlineData("invoice.pdf .exe")]
    [InlineData("invoice.pdf_.exe")]
    [InlineData("invoice.pdf...exe")]
    [InlineData("invoice.docx.js")]
    [InlineData("photo.jpg.lnk")]
    [InlineData("photo.JPG.SCR")]
    [InlineData("scan.pdf.url")]
    [InlineData("invoice\u2024pdf.exe")]
    [InlineData("invoice\uff0epdf.exe")]
    [InlineData("invoice\u3002exe")]
    [InlineData("setup.exe.")]
    [InlineData("setup.exe ")]
    [InlineData("setup.exe . . ")]
    [InlineData("setup.exe\u00a0")]
    [InlineData("a\u202ecod.exe")]
    [InlineData("a\u202dcod.exe")]
    [InlineData("a\u2066txt\u2069.exe")]
    [InlineData("a\u200be.exe")]
    [InlineData("a.e\u200dxe")]
    [InlineData("a\u2028.exe")]
    [InlineData("a\0.exe")]
    [InlineData("a.txt\0.exe")]
    [InlineData("a\u0008b.txt")]
    [InlineData("a\u001bb.txt")]
    [InlineData("doc.txt                              .exe")]
    [InlineData("doc.txt\u2800\u2800\u2800\u2800\u2800\u2800\u2800\u2800\u2800.exe")]
    [InlineData("doc.txt__________________________________________.exe")]
    [InlineData("a.\uff45\uff58\uff45")]
    [InlineData("a.\u0435\u0445\u0435")]
    [InlineData("a.e\u0445e")]
    [InlineData("a.\u0440df")]
    [InlineData("notes.txt.{20D04FE0-3AEA-1069-A2D8-08002B30309D}")]
    [InlineData("con")]
    [InlineData("NUL.txt")]
    [InlineData("com1.pdf")]
    [InlineData("LPT9")]
    [InlineData("aux .pdf")]
    [InlineData("file.txt:evil.exe")]
    [InlineData("file.txt::$DATA")]
    [InlineData("../../etc/cron.d/x")]
    [InlineData("..\\..\\x.dll")]
    [InlineData("/tmp/x")]
    [InlineData("C:\\x.txt")]
    [InlineData("a\u2215b.txt")]
    [InlineData("a\uff0fb.txt")]
    public void A_trick_is_seen(string raw) => Assert.True(FileNames.Parse(raw)!.Value.IsDeceptive);

    [Theory]
    [InlineData("report.pdf")]
    [InlineData("v1.2.final.pdf")]
    [InlineData("archive.tar.gz")]
    [InlineData("setup-1.2.3.exe")]
    [InlineData("Setup.v2.msi")]
    [InlineData("jquery.min.js")]
    [InlineData("my.company.report.2026.docx")]
    [InlineData("R\u00e9sum\u00e9 d\u2019\u00e9t\u00e9 \u2013 n\u00b0 3.pdf")]
    [InlineData("\u00dcbersicht (Kopie).xlsx")]
    [InlineData("\u8bf7\u67e5\u6536\u3010\u91cd\u8981\u3011.pdf")]
    [InlineData("\u5408\u540c\uff082026\uff09.docx")]
    [InlineData("\u8b70\u4e8b\u9332\u30fb\u6700\u7d42\u7248.pdf")]
    [InlineData("\u062a\u0642\u0631\u064a\u0631 \u0646\u0647\u0627\u0626\u064a.pdf")]
    [InlineData("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645.docx")]
    [InlineData("\u05d3\u05d5\u05d7.pdf")]
    [InlineData("\u041e\u0442\u0447\u0451\u0442.docx")]
    [InlineData("\u03a4\u03b9\u03bc\u03bf\u03bb\u03cc\u03b3\u03b9\u03bf.pdf")]
    [InlineData("\ud83d\udcc4 notes.txt")]
    [InlineData("IMG_20260102_101112.jpg")]
    [InlineData("Meeting 10:30.ics")]
    [InlineData("Minutes - 3. May.docx")]
    [InlineData("concept.txt")]
    [InlineData("console.log")]
    [InlineData("auxiliary.pdf")]
    [InlineData("com10.pdf")]
    [InlineData("a  b   c.txt")]
    [InlineData("report.pdf ")]
    [InlineData("{notes}.txt")]
    [InlineData("_____.txt")]
    [InlineData("untitled")]
    [InlineData("....")]
    public void An_honest_name_is_none(string raw) => Assert.False(FileNames.Parse(raw)!.Value.IsDeceptive);

    [Theory]
    [InlineData("Content-Type: application/pdf; name=\"a.pdf\"\r\nContent-Disposition: attachment; filename=\"a.exe\"", true)]
    [InlineData("Content-Type: application/pdf; name=\"a.pdf\"\r\nContent-Disposition: attachment; filename=\"a.docx\"", true)]
    [InlineData("Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=\"a.pdf\"\r\nContent-Disposition: attachment; filename=\"a.exe\"", true)]
    [InlineData("Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=a.exe;.pdf", true)]
    [InlineData("Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=a;b.pdf", false)]
    [InlineData("Content-Type: application/octet-stream\r\nContent-Description: a.pdf.exe", true)]
    [InlineData("Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename*=utf-8''a.pdf%C0%AEexe", true)]
    [InlineData("Content-Type: application/pdf; name=\"a.pdf\"\r\nContent-Disposition: attachment; filename=\"b.pdf\"", false)]
    [InlineData("Content-Type: application/pdf; name=\"a.pdf\"\r\nContent-Disposition: attachment; filename*=utf-8''a.pdf", false)]
    [InlineData("Content-Type: application/pdf; name=\"a\"\r\nContent-Disposition: attachment; filename=\"a.pdf\"", false)]
    [InlineData("Content-Type: application/pdf; name=\"=?utf-8?q?=C3=A9.pdf?=\"\r\nContent-Disposition: attachment; filename*=utf-8''%C3%A9.pdf", false)]
    public void Names_that_contradict_each_other_deceive(string header, bool isDeceptive)
    {
        using var anatomy = Samples.Examine(Samples.WithBody(header, "x"));
        Assert.Equal(isDeceptive, anatomy.Flags.HasFlag(AnatomyFlags.DeceptiveName));
    }

    [Fact]
    public void A_long_name_keeps_its_extension()
    {
        var name = FileNames.Parse(new string('a', 5_000) + ".exe")!.Value;
        Assert.True(name.Shown.Length <= 256);
        Assert.Equal("exe", name.Extension);
    }

    [Theory]
    [InlineData("filename=\"=?utf-8?B?w6kuZG9j?=\"", "\u00e9.doc")]
    [InlineData("filename*=utf-8''%C3%A9.doc", "\u00e9.doc")]
    [InlineData("filename*0=\"long\"; filename*1=\"name.doc\"", "longname.doc")]
    [InlineData("filename*0*=utf-8''%C3%A9; filename*1=\".doc\"", "\u00e9.doc")]
    [InlineData("filename*=utf-8''safe.txt; filename=\"evil.exe\"", "evil.exe")]
    [InlineData("filename=\"invoice%2Eexe\"", "invoice.exe")]
    public void Names_are_decoded_and_the_most_dangerous_one_counts(string parameters, string shown)
    {
        using var anatomy = Samples.Examine(Samples.WithBody($"Content-Type: application/octet-stream\r\nContent-Disposition: attachment; {parameters}", "x"));
        Assert.Equal(shown, anatomy.AllParts().Single(part => part.Kind == PartKind.Attachment).FileName);
    }
}
