using SecuEdge.Content.Files;

namespace SecuEdge.Content.Tests;

public sealed class FileNameTests
{
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
