using System.Text;
using Microsoft.Extensions.Time.Testing;
using SecuEdge.Content;
using SecuEdge.Filter.Checks;
using SecuEdge.Filter.Outbreak;
using SecuEdge.TestKit;

namespace SecuEdge.Filter.Tests.Checks;

public sealed class OutbreakCheckTests
{
    private static readonly TimeSpan HoldTime = TimeSpan.FromMinutes(5);
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly OutbreakOptions _options = new();
    private readonly MemoryRiskyFiles _files;

    public OutbreakCheckTests() => _files = new MemoryRiskyFiles(_time, _options.Window);

    [Fact]
    public async Task Active_content_is_held_until_it_is_known_for_as_long_as_mail_is_held()
    {
        var part = Macro("invoice.docm");
        var finding = Assert.Single(await FindAsync(part));
        Assert.Equal(("OUTBREAK_UNSEEN", VerdictAction.Hold, MessageClass.Suspicious), (finding.Code, finding.Action, finding.Class));
        Assert.Contains("invoice.docm", finding.Detail, StringComparison.Ordinal);

        See(part);
        _time.Advance(HoldTime - TimeSpan.FromSeconds(1));
        Assert.Single(await FindAsync(part));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Empty(await FindAsync(part));
    }

    [Fact]
    public async Task Judging_alone_makes_nothing_known()
    {
        await FindAsync(Macro("a.docm"));
        _time.Advance(TimeSpan.FromDays(1));
        Assert.Single(await FindAsync(Macro("a.docm")));
    }

    [Fact]
    public async Task What_was_convicted_since_is_new_again()
    {
        See(Macro("a.docm"));
        _time.Advance(TimeSpan.FromDays(1));
        _files.Forget(RiskyContent.KeyOf(Macro("a.docm").Sha256));
        Assert.Single(await FindAsync(Macro("a.docm")));
    }

    [Theory]
    [InlineData(AnatomyFlags.Executable, ActiveContent.None, "application/x-dosexec", true)]
    [InlineData(AnatomyFlags.EncryptedArchive, ActiveContent.None, "application/zip", true)]
    [InlineData(AnatomyFlags.ActiveContent, ActiveContent.None, "application/x-ole-storage", true)]
    [InlineData(AnatomyFlags.ActiveContent, ActiveContent.Macro | ActiveContent.EmbeddedFile, "application/x-ole-storage", true)]
    [InlineData(AnatomyFlags.ActiveContent, ActiveContent.ShortcutCommand, "application/x-ms-shortcut", true)]
    [InlineData(AnatomyFlags.ActiveContent, ActiveContent.JavaScript, "application/pdf", true)]
    [InlineData(AnatomyFlags.None, ActiveContent.None, "application/x-iso9660-image", true)]
    [InlineData(AnatomyFlags.ActiveContent, ActiveContent.EmbeddedFile, "application/pdf", false)]
    [InlineData(AnatomyFlags.ActiveContent, ActiveContent.OpenAction | ActiveContent.SubmitForm, "application/pdf", false)]
    [InlineData(AnatomyFlags.None, ActiveContent.None, "application/pdf", false)]
    [InlineData(AnatomyFlags.TypeMismatch, ActiveContent.None, "image/png", false)]
    public async Task Only_what_acts_by_itself_or_at_a_click_is_risky(AnatomyFlags flags, ActiveContent active, string type, bool isRisky)
    {
        var part = Facts.Part("1", "content"u8.ToArray(), "file.bin", type: type);
        part.Flags = flags;
        part.Active = active;
        Assert.Equal(isRisky, (await FindAsync(part)).Count > 0);
    }

    [Theory]
    [InlineData(PartKind.Body, false)]
    [InlineData(PartKind.Attachment, true)]
    public async Task A_script_in_a_body_does_not_run_but_in_an_attached_page_it_does(PartKind kind, bool isRisky)
    {
        var part = Facts.Part("1", "<script>"u8.ToArray(), kind: kind, type: "text/html");
        part.Flags = AnatomyFlags.ActiveContent;
        part.Active = ActiveContent.Script;
        Assert.Equal(isRisky, (await FindAsync(part)).Count > 0);
    }

    [Fact]
    public async Task Known_files_in_front_do_not_hide_a_new_one()
    {
        MessagePart[] parts = [.. Enumerable.Range(0, RiskyContent.MaxParts).Select(i => Macro($"known{i}.docm"))];
        See(parts[0]);
        _time.Advance(TimeSpan.FromDays(1));
        Assert.Empty(await FindAsync(parts[..10]));
        Assert.Equal("OUTBREAK_UNSEEN", Assert.Single(await FindAsync(parts)).Code);
    }

    [Fact]
    public async Task A_known_program_in_a_new_archive_is_known()
    {
        See(Executable("one.zip", "program"));
        _time.Advance(HoldTime);
        Assert.Empty(await FindAsync(Executable("two.zip", "program")));
        Assert.Single(await FindAsync(Executable("two.zip", "other program")));
    }

    [Fact]
    public async Task Known_good_files_and_directions_that_are_not_held_are_left_alone()
    {
        var part = Macro("a.docm");
        Assert.Empty(await FindAsync(Knowledge() with { IsKnownGood = (sha256, tenant) => sha256 == part.Sha256 && tenant == "example" }, part));
        Assert.Empty(await FindAsync(Knowledge() with { HoldTime = envelope => envelope.Tenant == "example" && envelope.Direction == Direction.Inbound ? null : HoldTime }, part));
    }

    [Fact]
    public async Task The_same_file_in_many_messages_at_once_is_a_burst()
    {
        var part = Macro("known.docm");
        See(part);
        _time.Advance(TimeSpan.FromDays(2));
        for (var i = 0; i < _options.BurstMessages; i++)
        {
            Assert.Empty(await FindAsync(part));
            See(part);
        }

        var finding = Assert.Single(await FindAsync(part));
        Assert.Equal(("OUTBREAK_BURST", VerdictAction.Hold), (finding.Code, finding.Action));
        Assert.Contains("21 messages in 10 minutes", finding.Detail, StringComparison.Ordinal);
        _time.Advance(2 * _options.Window);
        Assert.Empty(await FindAsync(part));
    }

    [Fact]
    public async Task A_file_of_its_own_in_each_mail_of_a_campaign_is_the_same_burst()
    {
        for (var i = 0; i < _options.BurstMessages; i++)
        {
            See(Macro($"Invoice_{10_000 + i}.docm", $"content {i:000}"));
        }

        Assert.Contains(await FindAsync(Macro("invoice_99999.docm", "content 999")), f => f.Code == "OUTBREAK_BURST");
        Assert.DoesNotContain(await FindAsync(Macro("minutes.docm", "content 999")), f => f.Code == "OUTBREAK_BURST");
        Assert.DoesNotContain(await FindAsync(Macro("invoice_99999.docm", new string('x', 5000))), f => f.Code == "OUTBREAK_BURST");
    }

    [Fact]
    public async Task What_came_as_often_on_an_earlier_day_is_no_burst()
    {
        var part = Macro("timesheet.xlsm");
        for (var day = 0; day < 2; day++)
        {
            for (var i = 0; i < 2 * _options.BurstMessages; i++)
            {
                See(part);
            }

            if (day == 0)
            {
                Assert.Contains(await FindAsync(part), f => f.Code == "OUTBREAK_BURST");
                _time.Advance(TimeSpan.FromDays(30));
            }
        }

        Assert.Empty(await FindAsync(part));
    }

    private static MessagePart Macro(string name, string content = "macro")
    {
        var part = Facts.Part("1", Encoding.ASCII.GetBytes(content), name, type: "application/x-ole-storage");
        part.Flags = AnatomyFlags.ActiveContent;
        part.Active = ActiveContent.Macro;
        return part;
    }

    private static MessagePart Executable(string archive, string content)
    {
        var part = Facts.Part("1", Encoding.ASCII.GetBytes(archive + content), archive);
        var entry = Facts.Part("1/a.exe", Encoding.ASCII.GetBytes(content), "a.exe", PartKind.Entry, "application/x-dosexec");
        entry.Flags = AnatomyFlags.Executable;
        part.Children.Add(entry);
        return part;
    }

    private void See(MessagePart part)
    {
        foreach (var risky in RiskyContent.Of(Facts.Of(parts: part).Anatomy))
        {
            _files.See(RiskyContent.KeyOf(risky.Sha256));
            _files.See(RiskyContent.PatternOf(risky)!.Value);
        }
    }

    private OutbreakKnowledge Knowledge() => new() { Files = _files, Options = _options, HoldTime = _ => HoldTime };

    private Task<IReadOnlyList<Finding>> FindAsync(params MessagePart[] parts) => FindAsync(Knowledge(), parts);

    private async Task<IReadOnlyList<Finding>> FindAsync(OutbreakKnowledge knowledge, params MessagePart[] parts) =>
        (await new OutbreakCheck(knowledge, _time).RunAsync(Facts.Of(parts: parts), TestContext.Current.CancellationToken)).Findings;
}
