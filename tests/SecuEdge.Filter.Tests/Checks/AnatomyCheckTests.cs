using SecuEdge.Content;
using SecuEdge.Filter.Checks;

namespace SecuEdge.Filter.Tests.Checks;

public sealed class AnatomyCheckTests
{
    [Theory]
    [InlineData(AnatomyFlags.Unparseable, "MESSAGE_UNPARSEABLE", 0, MessageClass.Suspicious, VerdictAction.Quarantine)]
    [InlineData(AnatomyFlags.Ambiguous, "MESSAGE_AMBIGUOUS", 2, MessageClass.Suspicious, null)]
    [InlineData(AnatomyFlags.OverBudget, "ANATOMY_OVER_BUDGET", 0, MessageClass.Suspicious, VerdictAction.Quarantine)]
    [InlineData(AnatomyFlags.Bomb, "ATTACHMENT_BOMB", 0, MessageClass.Suspicious, VerdictAction.Quarantine)]
    [InlineData(AnatomyFlags.Broken, "ATTACHMENT_BROKEN", 0.5, MessageClass.Suspicious, null)]
    [InlineData(AnatomyFlags.EncryptedArchive, "ATTACHMENT_ENCRYPTED", 0.5, MessageClass.Encrypted, null)]
    [InlineData(AnatomyFlags.EncryptedSmime, "MESSAGE_ENCRYPTED_SMIME", 0, MessageClass.Encrypted, null)]
    [InlineData(AnatomyFlags.EncryptedPgp, "MESSAGE_ENCRYPTED_PGP", 0, MessageClass.Encrypted, null)]
    [InlineData(AnatomyFlags.TypeMismatch, "ATTACHMENT_TYPE_MISMATCH", 1, MessageClass.Suspicious, null)]
    [InlineData(AnatomyFlags.DeceptiveName, "ATTACHMENT_DECEPTIVE_NAME", 3, MessageClass.Suspicious, null)]
    [InlineData(AnatomyFlags.Executable, "ATTACHMENT_EXECUTABLE", 0, MessageClass.Policy, VerdictAction.Quarantine)]
    [InlineData(AnatomyFlags.UnknownContainer, "ATTACHMENT_UNKNOWN_CONTAINER", 1, MessageClass.Suspicious, null)]
    public async Task A_flag_of_the_message_or_of_any_part_is_one_finding(
        AnatomyFlags flag, string code, double score, MessageClass messageClass, VerdictAction? action)
    {
        MessageFacts[] all =
        [
            Facts.Of("x", flag),
            Facts.Of("x", AnatomyFlags.None, Part("1", flag)),
            Facts.Of("x", flag, Part("1", flag), Part("2", flag)),
        ];
        foreach (var facts in all)
        {
            var finding = Assert.Single(await RunAsync(facts));
            Assert.Equal((code, score, messageClass, action), (finding.Code, finding.Score, finding.Class, finding.Action));
            // No tenant may weaken it: what is behind was not examined.
            Assert.Equal(flag is AnatomyFlags.OverBudget or AnatomyFlags.Bomb, finding.Floor == VerdictAction.Quarantine);
        }
    }

    [Theory]
    [InlineData(AnatomyFlags.None)]
    [InlineData(AnatomyFlags.SignedMessage)]
    [InlineData(AnatomyFlags.NestedArchive)]
    [InlineData(AnatomyFlags.ActiveContent)]
    [InlineData(AnatomyFlags.Unlocked)]
    [InlineData(AnatomyFlags.EightBit)]
    public async Task Harmless_facts_are_no_finding(AnatomyFlags flag) => Assert.Empty(await RunAsync(Facts.Of("x", flag, Part("1", flag))));

    [Fact]
    public async Task A_message_that_could_not_be_taken_apart_stays_in_quarantine_whatever_the_tenant_says()
    {
        var facts = Facts.Of();
        facts = facts with { Anatomy = new MessageAnatomy { Root = facts.Anatomy.Root, Headers = new(), Flags = AnatomyFlags.Failed, Troubles = ["no answer within 40 s"] } };

        var finding = Assert.Single(await RunAsync(facts));

        Assert.Equal(("ANATOMY_FAILED", VerdictAction.Quarantine, VerdictAction.Quarantine, "no answer within 40 s"), (finding.Code, finding.Action, finding.Floor, finding.Detail));
    }

    [Fact]
    public async Task The_detail_names_the_parts_and_stops_after_five()
    {
        var parts = Enumerable.Range(1, 7).Select(i => Part($"{i}", AnatomyFlags.Executable, $"{i}.exe")).ToArray();

        var finding = Assert.Single(await RunAsync(Facts.Of("x", AnatomyFlags.Executable, parts)));

        Assert.Equal("1 (1.exe), 2 (2.exe), 3 (3.exe), 4 (4.exe), 5 (5.exe), and 2 more", finding.Detail);
    }

    [Fact]
    public async Task An_entry_is_named_by_its_path_alone()
    {
        var facts = Facts.Of("x", AnatomyFlags.None, Part("1.2/report.zip/a.exe", AnatomyFlags.Executable, "a.exe"));

        Assert.Equal("1.2/report.zip/a.exe", Assert.Single(await RunAsync(facts)).Detail);
    }

    [Fact]
    public async Task What_stopped_the_anatomy_is_the_detail_when_no_part_is_to_blame()
    {
        var facts = Facts.Of();
        facts = facts with
        {
            Anatomy = new MessageAnatomy
            {
                Root = facts.Anatomy.Root,
                Headers = new(),
                Flags = AnatomyFlags.OverBudget | AnatomyFlags.Executable,
                Troubles = ["more than 1000 parts"],
            },
        };

        Assert.Equal(["more than 1000 parts", ""], (await RunAsync(facts)).Select(finding => finding.Detail));
    }

    private static MessagePart Part(string path, AnatomyFlags flags, string? name = null) =>
        new() { Path = path, Kind = PartKind.Attachment, Flags = flags, FileName = name };

    private static async Task<IReadOnlyList<Finding>> RunAsync(MessageFacts facts) =>
        (await new AnatomyCheck().RunAsync(facts, TestContext.Current.CancellationToken)).Findings;
}
