using static SecuEdge.Cage.Tests.Yara.RuleVector;

namespace SecuEdge.Cage.Tests.Yara;

internal static class DocumentVectors
{
    private const string Pdf = "%PDF-1.7\n1 0 obj<</Type/Catalog ";
    private const string OneNote = "\u00e4\u0052\u005c\u007b\u008c\u00d8\u00a7\u004d\u00ae\u00b1\u0053\u0078\u00d0\u0029\u0096\u00d3";
    private const string OneNoteFile = "\u00e7\u0016\u00e3\u00bd\u0065\u0026\u0011\u0045\u00a4\u00c4\u008d\u004d\u000b\u007a\u009e\u00ac";
    private const string Relation = "<Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/";

    private static readonly string TwentyBytes = new('\0', 20);

    public static IReadOnlyList<RuleVector> All { get; } =
    [
        new("Ooxml_Remote_Template", Relation + "attachedTemplate\" Target=\"https://x.example/t.dotm\" TargetMode=\"External\"/>"),
        new("Ooxml_Remote_Template", Relation + "attachedTemplate\" Target=\"file:///\\\\192.0.2.1\\s\\t.dotm\" TargetMode=\"External\"/>"),
        new("Ooxml_Remote_Object", Relation + "oleObject\" Target=\"mhtml:https://x.example/p.html!x-usc:https://x.example/p.html\" TargetMode=\"External\"/>"),
        new("Ooxml_Remote_Object", Relation + "oleObject\" Target=\"https://x.example/p.html!\" TargetMode=\"External\"/>"),
        new("Diagnostic_Protocol", "location.href = \"ms-msdt:/id PCWDiagnostic /skip force\""),
        new("Rtf_Equation_Updated", "{\\rtf1{\\object\\objemb\\objupdate{\\*\\objdata 01050000" + Hex("Equation.3") + "}}}"),
        new("Rtf_Equation_Object", "{\\rtf1{\\object\\objemb{\\*\\objdata d0cf11e002CE020000000000C000000000000046}}}"),
        new("Rtf_Remote_Object", "{\\rtf1{\\object\\objautlink{\\*\\objdata 01050000" + Hex("OLE2Link") + "}}}"),
        new("Rtf_Remote_Object", "{\\rtf1{\\object{\\*\\objdata e0c9ea79f9bace118c8200aa004ba90b}}}"),
        new("Rtf_Object_Updated", "{\\rtf1{\\object\\objemb\\objupdate{\\*\\objdata 0105}}}"),
        new("Rtf_Carries_Program", "{\\rtf1{\\object{\\*\\objdata 0105" + Hex("Package\0report.pdf.exe\0") + "}}}"),
        new("Rtf_Damaged_Header", "{\\rtx9{\\object{\\*\\objdata 0105}}}"),
        new("OneNote_Carries_Script", OneNote + Repeat("x", 400) + OneNoteFile + TwentyBytes + "<script>new ActiveXObject('x')</script>"),
        new("OneNote_Carries_Program", OneNote + Repeat("x", 400) + OneNoteFile + TwentyBytes + "MZ\u0090\0"),
        new("OneNote_Carries_Program", OneNote + OneNoteFile + TwentyBytes + "L\0\0\0\u0001\u0014\u0002\0"),
        new("OneNote_Carries_Program", OneNote + OneNoteFile + TwentyBytes + "ITSF"),
        new("Pdf_Starts_Program", Pdf + "/OpenAction<</S/Launch/Win<</F(cmd.exe)/P(/c x)>>>>>>"),
        new("Pdf_Drops_File", Pdf + "/JS(this.exportDataObject({cName:\"x\", nLaunch: 2});)>>"),
        new("Pdf_Exploit_Script", Pdf + "/S/JavaScript/JS(var x = unescape('%u9090%u9090');)>>"),
        new("Pdf_Exploit_Script", Pdf + "/S/JavaScript/JS(Collab.collectEmailInfo({msg: x});)>>"),
        new("Pdf_Carries_Program", Pdf + "/Names<</EmbeddedFiles 2 0 R>>>>\n<</Type/EmbeddedFile>>\n<</Type/Filespec/F(setup.exe)/UF(setup.exe)>>"),
        new("Pdf_Masked_Names", Pdf + "/OpenAction<</S/J#61vaScript/JS(x)>>>>"),
        new("Pdf_Masked_Names", Pdf + "/OpenAction<</S/#4aavaScript>>>>"),
        new("Pdf_Masked_Names", Pdf + "/S/Laun#63h>>"),
        new("Pdf_Leads_Away", Pdf + "/OpenAction <</S/URI/URI (https://x.example/)>>>>"),
        new("Pdf_Leads_Away", Pdf + "/JS(app.launchURL(\"https://x.example/\", true);)>>"),
    ];
}
