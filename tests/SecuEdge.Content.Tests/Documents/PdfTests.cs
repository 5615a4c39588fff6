using System.IO.Compression;
using System.Text;
using SecuEdge.Content.Documents.Pdf;

namespace SecuEdge.Content.Tests.Documents;

public sealed class PdfTests
{
    internal const string Script = "%PDF-1.4\n1 0 obj <</Type/Catalog/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>>>";

    [Theory]
    [InlineData("1 0 obj <</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>", ActiveContent.JavaScript | ActiveContent.OpenAction)]
    [InlineData("1 0 obj <</OpenAction<</S/J#61vaScript/J#53(app.alert(1))>>>>", ActiveContent.JavaScript | ActiveContent.OpenAction)]
    [InlineData("1 0 obj <</OpenAction 2 0 R>> 2 0 obj <</S/JavaScript/JS 3 0 R>> 3 0 obj <</Length 1>>stream\nx\nendstream", ActiveContent.JavaScript | ActiveContent.OpenAction)]
    [InlineData("1 0 obj <</OpenAction[3 0 R /Fit]>>", ActiveContent.None)]
    [InlineData("1 0 obj <</OpenAction<</S/GoTo/D[3 0 R /Fit]>>>>", ActiveContent.None)]
    [InlineData("1 0 obj <</OpenAction<</S/Named/N/FirstPage>>>>", ActiveContent.None)]
    [InlineData("1 0 obj <</OpenAction<</S/GoTo/D[3 0 R /Fit]/Next<</S/URI/URI(http://a.example/)>>>>>>", ActiveContent.OpenAction)]
    [InlineData("1 0 obj <</OpenAction<</S/URI/URI(https://a.example/)>>>>", ActiveContent.OpenAction)]
    [InlineData("1 0 obj <</A<</S/URI/URI(https://a.example/)>>>>", ActiveContent.None)]
    [InlineData("1 0 obj <</Type/Page/AA<</O<</S/JavaScript/JS(1)>>>>>>", ActiveContent.JavaScript | ActiveContent.OpenAction)]
    [InlineData("1 0 obj <</FT/Tx/T(a)/AA<</C<</S/JavaScript/JS(1)>>>>>>", ActiveContent.JavaScript)]
    [InlineData("1 0 obj <</Names<</JavaScript<</Names[(a)<</S/JavaScript/JS(1)>>]>>>>>>", ActiveContent.JavaScript)]
    [InlineData("1 0 obj <</OpenAction<</S/Launch/Win<</F(cmd.exe)/P(/c calc)>>>>>>", ActiveContent.Launch | ActiveContent.OpenAction)]
    [InlineData(@"1 0 obj <</S/GoToE/F<</F(\\\\host\\share\\x.pdf)>>>>", ActiveContent.Launch | ActiveContent.RemotePath | ActiveContent.ExternalObject)]
    [InlineData("1 0 obj <</S/GoToR/F(chapter2.pdf)/D[0/Fit]>>", ActiveContent.None)]
    [InlineData("1 0 obj <</S/GoToR/F(setup.exe)/D[0/Fit]>>", ActiveContent.Launch)]
    [InlineData("1 0 obj <</S/SubmitForm/F<</FS/URL/F(http://a.example/)>>>>", ActiveContent.SubmitForm)]
    [InlineData("1 0 obj <</Subtype/RichMedia>>", ActiveContent.EmbeddedFile)]
    [InlineData("1 0 obj <</XFA 2 0 R>> 2 0 obj <<>> stream\n<xdp><script>x</script></xdp>\nendstream", ActiveContent.JavaScript)]
    [InlineData("trailer <</Root<</Pages<<>>/OpenAction<</S/JavaScript/JS(x)>>>>>>", ActiveContent.JavaScript | ActiveContent.OpenAction)]
    [InlineData("1 0 obj <</A 1 ] /OpenAction<</S/JavaScript/JS(x)>>>>", ActiveContent.JavaScript | ActiveContent.OpenAction)]
    [InlineData("1 0 obj ( never closed \n2 0 obj <</S/JavaScript/JS(x)>>", ActiveContent.JavaScript)]
    [InlineData("1 0 obj <</JSON 1/Launches 2/Type/Catalog/JavaScripts 3>>", ActiveContent.None)]
    public void A_file_says_what_it_would_do(string objects, ActiveContent expected)
    {
        using var anatomy = PartSamples.Examine("%PDF-1.7\n" + objects, "a.pdf");
        Assert.Equal(expected, anatomy.Attachment().Active);
        Assert.Equal(expected != ActiveContent.None, anatomy.Flags.HasFlag(AnatomyFlags.ActiveContent));
        Assert.False(anatomy.Flags.HasFlag(AnatomyFlags.Executable));
    }

    [Theory]
    [InlineData("%PDF-1.4\n1 0 obj <<>>")]
    [InlineData("% remark\n% more\n%PDF-1.\nobj<<>>\ntrailer<<>>")]
    [InlineData("%!PS-Adobe-2.0 PDF-1.3\n1 0 obj <<>>")]
    [InlineData("%PDF\n1\0 0 obj<<>>")]
    [InlineData("%PDF-\0obj<<>>trailer<<>>")]
    public void The_header_may_be_as_wrong_as_readers_allow(string start)
    {
        using var anatomy = PartSamples.Examine(start + "\n9 0 obj <</S/JavaScript/JS(x)>>", "a.bin");
        Assert.Equal(ActiveContent.JavaScript, anatomy.Attachment().Active);
    }

    [Fact]
    public void A_script_is_a_part_of_its_own()
    {
        using var anatomy = PartSamples.Examine(Script, "a.pdf");
        var script = Assert.Single(anatomy.Attachment().Children);
        Assert.Equal(("script.js", "app.alert(1)"), (script.FileName, PartSamples.TextOf(script)));
    }

    [Theory]
    [InlineData("/FlateDecode", true)]
    [InlineData("/FlateDecode", false)]
    public void Objects_packed_into_a_stream_are_seen(string filter, bool isCompressed)
    {
        const string objects = "7 0 8 26 <</OpenAction 8 0 R>>      <</S/JavaScript/JS(packed)>>";
        var bytes = isCompressed ? Deflate(objects) : Encoding.Latin1.GetBytes(objects);
        using var anatomy = PartSamples.Examine(
            WithStream($"/Type/ObjStm/N 2/First 9{(isCompressed ? "/Filter" + filter : "")}", bytes), "a.pdf");
        Assert.Equal(ActiveContent.JavaScript | ActiveContent.OpenAction, anatomy.Attachment().Active);
    }

    [Fact]
    public void An_attached_file_is_a_part_with_its_name()
    {
        var stream = WithStream("/Type/EmbeddedFile/Filter/FlateDecode", Deflate(Encoding.Latin1.GetString(Samples.Eicar)));
        using var anatomy = PartSamples.Examine([.. stream, .. "\n6 0 obj <</Type/Filespec/F(a.bin)/UF<FEFF006500760069006C002E0065007800650000>/EF<</F 5 0 R>>>>"u8], "a.pdf");
        var file = Assert.Single(anatomy.Attachment().Children);
        Assert.True(Samples.HasEicar(file));
        Assert.Equal("evil.exe", file.FileName);
        Assert.Equal(ActiveContent.EmbeddedFile, anatomy.Attachment().Active);
    }

    [Fact]
    public void Links_come_with_the_words_of_the_annotation()
    {
        using var anatomy = PartSamples.Examine("%PDF-1.4\n1 0 obj <</Subtype/Link/Contents(Your bank)/A<</S/URI/URI(http://evil.example/)>>>>", "a.pdf");
        Assert.Equal([new Link("http://evil.example/", "Your bank", "1.2")], anatomy.Links);
    }

    [Theory]
    [InlineData("(Hello) Tj 0 -12 Td (next) Tj", "Hello\nnext")]
    [InlineData("[(Hel) 20 (lo) -300 (world)] TJ", "Hello world")]
    [InlineData("<48656c6c6f> Tj", "Hello")]
    [InlineData("1 0 0 1 5 700 Tm (a) Tj 1 0 0 1 50 700 Tm (b) Tj", "a b")]
    [InlineData("(a) ' (b) '", "a\nb")]
    public void The_words_of_a_page_are_read(string content, string text)
    {
        using var anatomy = PartSamples.Examine(
            $"%PDF-1.4\n1 0 obj <</Type/Page/Contents 2 0 R>>\n2 0 obj <<>>stream\nBT /F 9 Tf {content} ET\nendstream endobj", "a.pdf");
        Assert.Equal(text, anatomy.Attachment().Text.Trim());
    }

    [Fact]
    public void A_font_with_its_own_codes_is_read_by_its_map()
    {
        using var anatomy = PartSamples.Examine(
            """
            %PDF-1.4
            1 0 obj <</Type/Page/Contents 2 0 R/Resources<</Font<</F 3 0 R>>>>>>
            2 0 obj <<>>stream
            BT /F 9 Tf <000100020010> Tj ET
            endstream endobj
            3 0 obj <</Type/Font/Subtype/Type0/ToUnicode 4 0 R>>
            4 0 obj <<>>stream
            1 beginbfrange <0001> <0003> <0041> endbfrange 1 beginbfchar <0010> <20AC> endbfchar
            endstream endobj
            """,
            "a.pdf");
        Assert.Equal("AB\u20ac", anatomy.Attachment().Text.Trim());
    }

    [Theory]
    [InlineData("Rc4Of40Bits")]
    [InlineData("Rc4Of128Bits")]
    [InlineData("Aes128")]
    [InlineData("Aes256OfRevision5")]
    [InlineData("Aes256")]
    public void A_lock_without_a_password_is_opened_as_every_reader_does(string kind)
    {
        using var anatomy = PartSamples.Examine(LockedPdfs.All[kind], "a.pdf");
        var part = anatomy.Attachment();
        Assert.Equal("secret words", part.Text.Trim());
        Assert.Equal("app.alert(1)", PartSamples.TextOf(Assert.Single(part.Children)));
        Assert.False(anatomy.Flags.HasFlag(AnatomyFlags.EncryptedArchive));
    }

    [Fact]
    public void What_stays_locked_is_told()
    {
        using var anatomy = PartSamples.Examine(LockedPdfs.All["Locked"], "a.pdf");
        Assert.True(anatomy.Flags.HasFlag(AnatomyFlags.EncryptedArchive));
    }

    [Fact]
    public void A_password_of_the_tenant_opens_a_lock()
    {
        var anatomist = new Anatomist(new AnatomyBudget(), Samples.ScratchFolder, TimeProvider.System);
        using var anatomy = anatomist.Examine(new MemoryBytes(Samples.WithAttachment(LockedPdfs.All["Locked"], "a.pdf")), ["x", "u"], TestContext.Current.CancellationToken);
        Assert.Equal("secret words", anatomy.Attachment().Text.Trim());
        Assert.False(anatomy.Flags.HasFlag(AnatomyFlags.EncryptedArchive));
    }

    [Theory]
    [InlineData("ASCIIHexDecode", "48 65 6c6C6f>", "Hello")]
    [InlineData("AHx", "7", "p")]
    [InlineData("ASCII85Decode", "<~87cURD]j7BEbo80~>", "Hello world!")]
    [InlineData("ASCII85Decode", "z~>", "\0\0\0\0")]
    [InlineData("RunLengthDecode", "\u0002abc\u00fex\u0080zzz", "abcxxx")]
    [InlineData("LZWDecode", "\u0080\u000b\u0060\u0050\u0022\u000c\u000c\u0085\u0001", "-----A---B")]
    public void Filters_are_undone(string filter, string encoded, string expected)
    {
        Assert.True(PdfFilters.Decode(Encoding.Latin1.GetBytes(encoded), [(filter, null)], 1_000, out var decoded));
        Assert.Equal(expected, Encoding.Latin1.GetString(decoded.Span));
    }

    [Theory]
    [InlineData(12, new byte[] { 2, 1, 2, 3, 2, 1, 1, 1 }, new byte[] { 1, 2, 3, 2, 3, 4 })]
    [InlineData(11, new byte[] { 1, 1, 1, 1 }, new byte[] { 1, 2, 3 })]
    [InlineData(15, new byte[] { 4, 1, 1, 1, 3, 1, 1, 1 }, new byte[] { 1, 2, 3, 1, 2, 3 })]
    [InlineData(2, new byte[] { 1, 1, 1, 5, 1, 1 }, new byte[] { 1, 2, 3, 5, 6, 7 })]
    public void Predictors_are_undone(int predictor, byte[] encoded, byte[] expected)
    {
        var parameters = (PdfDictionary)new PdfLexer(Encoding.Latin1.GetBytes($"<</Predictor {predictor}/Columns 3>>")).Read()!;
        Assert.True(PdfFilters.Decode(Deflate(Encoding.Latin1.GetString(encoded)), [("FlateDecode", parameters)], 1_000, out var decoded));
        Assert.Equal(expected, decoded.ToArray());
    }

    [Fact]
    public void A_bomb_in_a_stream_is_bounded()
    {
        var bomb = Deflate(new string('a', 200_000_000));
        var watch = System.Diagnostics.Stopwatch.StartNew();
        using var anatomy = PartSamples.Examine(WithStream("/Type/EmbeddedFile/Filter/FlateDecode", bomb), "a.pdf");
        Assert.NotEqual(AnatomyFlags.None, anatomy.Flags & (AnatomyFlags.Bomb | AnatomyFlags.OverBudget));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"{watch.Elapsed}");
    }

    [Theory]
    [InlineData("1 0 obj (")]
    [InlineData("1 0 obj <<")]
    [InlineData("1 0 obj [")]
    [InlineData("1 0 obj <<>> stream\n")]
    [InlineData("trailer <<")]
    [InlineData("trailer (")]
    [InlineData("obj")]
    [InlineData("1 0 obj <</EF<</F 1 0 R>>/A 1 0 R/AA 1 0 R>>")]
    public void Repetition_takes_linear_time(string piece)
    {
        var content = new StringBuilder("%PDF-1.4\n1 0 obj\n").Insert(17, piece, 500_000 / piece.Length).ToString();
        var watch = System.Diagnostics.Stopwatch.StartNew();
        using var anatomy = PartSamples.Examine(content, "a.pdf");
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), $"{watch.Elapsed}");
    }

    [Fact]
    public void Damaged_files_never_throw_and_never_hang()
    {
        byte[][] seeds = [Encoding.Latin1.GetBytes(Script), .. LockedPdfs.All.Values, WithStream("/Type/ObjStm/N 1/First 4/Filter[/FlateDecode]", Deflate("7 0 <</JS(x)>>"))];
        PartSamples.Survive(PartSamples.Mutations(seeds, 1_500), "a.pdf");
        PartSamples.Survive(PartSamples.Truncations(Encoding.Latin1.GetBytes(Script)), "a.pdf");
    }

    [Fact]
    public void Every_dialect_of_the_samples_is_read()
    {
        foreach (var path in Directory.GetFiles(Samples.Require("docs/corkami-pdf"), "*.pdf"))
        {
            var watch = System.Diagnostics.Stopwatch.StartNew();
            using var anatomy = PartSamples.Examine(File.ReadAllBytes(path), "a.pdf");
            var name = Path.GetFileName(path);
            var expected = name.StartsWith("js-", StringComparison.Ordinal) || name.StartsWith("javascript", StringComparison.Ordinal) ? ActiveContent.JavaScript
                : name.Contains("attached", StringComparison.Ordinal) ? ActiveContent.EmbeddedFile
                : name.StartsWith("launch", StringComparison.Ordinal) ? ActiveContent.Launch : ActiveContent.None;
            Assert.True(anatomy.Attachment().Active.HasFlag(expected), name);
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), name);
        }
    }

    private static byte[] WithStream(string entries, byte[] bytes) =>
        [.. Encoding.Latin1.GetBytes($"%PDF-1.5\n5 0 obj <<{entries}/Length {bytes.Length}>>stream\n"), .. bytes, .. "\nendstream endobj"u8];

    private static byte[] Deflate(string content)
    {
        using var target = new MemoryStream();
        using (var zlib = new ZLibStream(target, CompressionLevel.Fastest, leaveOpen: true))
        {
            zlib.Write(Encoding.Latin1.GetBytes(content));
        }

        return target.ToArray();
    }
}
