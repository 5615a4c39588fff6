using SecuEdge.Content;
using SecuEdge.Filter.Checks;

namespace SecuEdge.Filter.Tests.Checks;

public sealed class StructureCheckTests
{
    private const ActiveContent AutoExec = ActiveContent.Macro | ActiveContent.MacroAutoExec;

    /// <summary>What a part is, and every finding it makes; those that quarantine by themselves carry an exclamation mark.</summary>
    public static TheoryData<ActiveContent, PartKind, string, string> Rows => new()
    {
        { ActiveContent.Macro, PartKind.Attachment, "application/msword", "OFFICE_MACRO" },
        { AutoExec, PartKind.Attachment, "application/msword", "OFFICE_MACRO OFFICE_MACRO_AUTOEXEC" },
        { ActiveContent.Macro | ActiveContent.MacroSuspicious, PartKind.Attachment, "application/msword", "OFFICE_MACRO OFFICE_MACRO_SUSPICIOUS" },
        { AutoExec | ActiveContent.MacroSuspicious, PartKind.Attachment, "application/msword", "OFFICE_MACRO OFFICE_MACRO_AUTOEXEC OFFICE_MACRO_SUSPICIOUS OFFICE_MACRO_DROPPER!" },
        { ActiveContent.ExcelMacro, PartKind.Attachment, "text/plain", "EXCEL4_MACRO!" },
        { ActiveContent.Dde, PartKind.Attachment, "application/msword", "OFFICE_DDE!" },
        { ActiveContent.ExternalTemplate, PartKind.Entry, "application/msword", "OFFICE_EXTERNAL_TEMPLATE!" },
        { ActiveContent.ExternalObject, PartKind.Attachment, "application/msword", "OFFICE_EXTERNAL_OBJECT" },
        { ActiveContent.Control, PartKind.Attachment, "application/msword", "OFFICE_CONTROL" },
        { ActiveContent.EmbeddedFile, PartKind.Attachment, "application/pdf", "DOCUMENT_EMBEDDED_FILE" },
        { ActiveContent.Exploit, PartKind.Attachment, "application/rtf", "DOCUMENT_EXPLOIT!" },
        { ActiveContent.JavaScript, PartKind.Attachment, "application/pdf", "PDF_JAVASCRIPT" },
        { ActiveContent.JavaScript | ActiveContent.OpenAction, PartKind.Attachment, "application/pdf", "PDF_JAVASCRIPT PDF_JAVASCRIPT_AUTOEXEC" },
        { ActiveContent.OpenAction, PartKind.Attachment, "application/pdf", "" },
        { ActiveContent.Launch, PartKind.Attachment, "application/pdf", "PDF_LAUNCH!" },
        { ActiveContent.SubmitForm, PartKind.Attachment, "application/pdf", "PDF_SUBMIT_FORM" },
        { ActiveContent.Smuggling, PartKind.Attachment, "text/html", "HTML_SMUGGLING!" },
        { ActiveContent.Script, PartKind.Attachment, "text/html", "HTML_SCRIPT" },
        { ActiveContent.Script, PartKind.Attachment, "image/svg+xml", "SVG_SCRIPT" },
        { ActiveContent.Script, PartKind.Entry, "text/html", "HTML_SCRIPT" },
        { ActiveContent.PasswordForm, PartKind.Attachment, "text/html", "HTML_PASSWORD_FORM" },
        { ActiveContent.Redirect, PartKind.Attachment, "text/html", "HTML_REDIRECT" },
        { ActiveContent.ShortcutCommand, PartKind.Attachment, "application/x-ms-shortcut", "SHORTCUT_COMMAND!" },
        { ActiveContent.RemotePath, PartKind.Attachment, "application/xml", "REMOTE_PATH!" },
        // A mail program runs none of it in the body of a mail.
        { ActiveContent.Script | ActiveContent.SubmitForm | ActiveContent.PasswordForm | ActiveContent.Redirect | ActiveContent.Smuggling, PartKind.Body, "text/html", "" },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Active_content_makes_the_findings_of_the_table(ActiveContent active, PartKind kind, string type, string expected)
    {
        var part = new MessagePart { Path = "1.2", Kind = kind, DetectedType = type, Active = active, Flags = AnatomyFlags.ActiveContent };

        var found = await RunAsync(Facts.Of("x", AnatomyFlags.None, part));

        Assert.Equal(expected, string.Join(' ', found.Select(finding => finding.Code + (finding.Action == VerdictAction.Quarantine ? "!" : ""))));
        Assert.All(found, finding => Assert.Equal(FindingGroup.Structure, finding.Group));
    }

    [Fact]
    public async Task A_saved_page_that_carries_a_file_is_no_body()
    {
        var body = new MessagePart { Path = "1", Kind = PartKind.Body, DetectedType = "text/html", Active = ActiveContent.Smuggling, Flags = AnatomyFlags.ActiveContent };
        body.Children.Add(new MessagePart { Path = "1/a.zip", Kind = PartKind.Entry });

        Assert.Equal("HTML_SMUGGLING", Assert.Single(await RunAsync(Facts.Of("x", AnatomyFlags.None, body))).Code);
    }

    [Fact]
    public void No_hint_that_honest_files_give_too_reaches_a_threshold_alone()
    {
        foreach (var definition in new StructureCheck().Findings.Where(definition => definition.Action is null))
        {
            Assert.InRange(definition.Score, 0.1, 4.9);
        }
    }

    [Fact]
    public async Task Active_content_that_no_reader_told_apart_is_still_a_finding()
    {
        var part = new MessagePart { Path = "1", Kind = PartKind.Attachment, Flags = AnatomyFlags.ActiveContent };

        Assert.Equal("ATTACHMENT_ACTIVE_CONTENT", Assert.Single(await RunAsync(Facts.Of("x", AnatomyFlags.None, part))).Code);
    }

    [Fact]
    public async Task Ordinary_mail_has_no_finding() =>
        Assert.Empty(await RunAsync(Facts.Of("x", AnatomyFlags.None, Facts.Part("1", [1], "a.zip"), Facts.Part("2", [2], "b.pdf", type: "application/pdf"))));

    [Theory]
    [InlineData(PartKind.Entry, "EXECUTABLE_IN_ARCHIVE")]
    [InlineData(PartKind.Attachment, "")]
    public async Task A_program_counts_when_it_is_inside_something(PartKind kind, string expected)
    {
        var part = new MessagePart { Path = "1/a.zip/b.exe", Kind = kind, Flags = AnatomyFlags.Executable };

        Assert.Equal(expected, string.Join(' ', (await RunAsync(Facts.Of("x", AnatomyFlags.None, part))).Select(finding => finding.Code)));
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, true)]
    [InlineData(5, true)]
    public async Task Archives_count_as_nested_from_the_third_level_on(int levels, bool isFound)
    {
        var outermost = new MessagePart { Path = "1", Kind = PartKind.Attachment };
        var archive = outermost;
        for (var level = 2; level <= levels; level++)
        {
            var inner = new MessagePart { Path = $"{archive.Path}/{level}.zip", Kind = PartKind.Entry, Flags = AnatomyFlags.NestedArchive };
            archive.Children.Add(inner);
            archive = inner;
        }

        Assert.Equal(isFound, (await RunAsync(Facts.Of("x", AnatomyFlags.None, outermost))).Any(finding => finding.Code == "ARCHIVE_NESTED"));
    }

    [Theory]
    [InlineData("message/partial", "MESSAGE_PARTIAL")]
    [InlineData("message/external-body", "MESSAGE_EXTERNAL_BODY")]
    [InlineData("message/rfc822", "")]
    public async Task Pieces_and_references_are_told_by_their_declared_type(string type, string expected)
    {
        var part = new MessagePart { Path = "1", Kind = PartKind.Attachment, DeclaredType = type };

        Assert.Equal(expected, string.Join(' ', (await RunAsync(Facts.Of("x", AnatomyFlags.None, part))).Select(finding => finding.Code)));
    }

    [Theory]
    [InlineData("application/vnd.rar", "ATTACHMENT_PARTIAL")]
    [InlineData("message/partial", "MESSAGE_PARTIAL")]
    public async Task A_volume_of_a_split_archive_is_told_apart_from_a_piece_of_a_message(string type, string expected)
    {
        var part = new MessagePart { Path = "1", Kind = PartKind.Attachment, DeclaredType = type, Flags = AnatomyFlags.Partial };

        Assert.Equal(expected, Assert.Single(await RunAsync(Facts.Of("x", AnatomyFlags.Partial, part))).Code);
    }

    [Fact]
    public async Task The_detail_names_the_parts_with_their_evidence_and_neither_line_breaks_nor_direction_marks()
    {
        MessagePart Shortcut(string path, params string[] evidence) => new()
        {
            Path = path,
            Kind = PartKind.Attachment,
            FileName = "a.lnk",
            Active = ActiveContent.ShortcutCommand,
            Evidence = [.. evidence],
        };

        var facts = Facts.Of(
            "x", AnatomyFlags.None, Shortcut("1", "cmd.exe\r\n/c \u202Evil", new string('x', 100), "c", "d"), Shortcut("2"), Shortcut("3"), Shortcut("4"));

        Assert.Equal(
            $"1 (a.lnk): cmd.exe  /c  vil; {new string('x', 80)}; c, 2 (a.lnk), 3 (a.lnk), and 1 more",
            Assert.Single(await RunAsync(facts)).Detail);
    }

    private static async Task<IReadOnlyList<Finding>> RunAsync(MessageFacts facts) =>
        (await new StructureCheck().RunAsync(facts, TestContext.Current.CancellationToken)).Findings;
}
