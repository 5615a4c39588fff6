using System.Net;
using System.Text;
using System.Text.Json;
using SecuEdge.Content;
using SecuEdge.Filter.Policy.Rules;

namespace SecuEdge.Filter.Tests.Policy;

public sealed class FactsReaderTests
{
    private static readonly FilterReport Nothing = new([], [], TimeSpan.Zero);

    /// <summary>Type by content, flags, kind.</summary>
    public static TheoryData<string, AnatomyFlags, AttachmentKind> Kinds => new()
    {
        { "application/pdf", AnatomyFlags.None, AttachmentKind.Document },
        { "application/zip", AnatomyFlags.None, AttachmentKind.Archive },
        { "image/png", AnatomyFlags.None, AttachmentKind.Image },
        { "audio/mpeg", AnatomyFlags.None, AttachmentKind.Audio },
        { "application/ogg", AnatomyFlags.None, AttachmentKind.Audio },
        { "video/mp4", AnatomyFlags.None, AttachmentKind.Video },
        { "application/x-shockwave-flash", AnatomyFlags.None, AttachmentKind.Executable },
        { "text/plain", AnatomyFlags.None, AttachmentKind.Text },
        { "text/plain", AnatomyFlags.Executable, AttachmentKind.Executable },
        { "message/rfc822", AnatomyFlags.None, AttachmentKind.Message },
        { "application/pkcs7-mime", AnatomyFlags.None, AttachmentKind.Cryptographic },
        { "font/ttf", AnatomyFlags.None, AttachmentKind.Unknown },
        { "application/octet-stream", AnatomyFlags.None, AttachmentKind.Unknown },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_kind_of_a_file_is_that_of_its_content(string type, AnatomyFlags flags, AttachmentKind kind)
    {
        var part = Filter.Tests.Facts.Part("1", [1], "x.bin", type: type);
        part.Flags = flags;
        Assert.Equal(kind, Assert.Single(Read(Filter.Tests.Facts.Of("", AnatomyFlags.None, part)).Attachments).Kind);
    }

    [Fact]
    public void Files_in_archives_and_attached_messages_are_inside_and_bodies_are_no_files()
    {
        var zip = Filter.Tests.Facts.Part("2", [1], "a.zip");
        zip.Children.Add(Filter.Tests.Facts.Part("2/b.exe", [2], "b.exe", PartKind.Entry, "application/vnd.microsoft.portable-executable"));
        var mail = Filter.Tests.Facts.Part("3", [3], null, PartKind.Message, "message/rfc822");
        mail.Children.Add(Filter.Tests.Facts.Part("3.1", [4], null, PartKind.Body, "text/plain"));
        mail.Children.Add(Filter.Tests.Facts.Part("3.2", [5], "c.pdf", type: "application/pdf"));
        var mixed = Filter.Tests.Facts.Part("", [], null, PartKind.Multipart, "multipart/mixed");
        mixed.Children.Add(Filter.Tests.Facts.Part("1", [6], null, PartKind.Body, "text/html"));
        mixed.Children.Add(Filter.Tests.Facts.Part("1b", [6], null, PartKind.Body, "image/png"));
        mixed.Children.Add(zip);
        mixed.Children.Add(mail);
        var reading = Filter.Tests.Facts.Part("4", [7], "d.zip", PartKind.Reading);
        mixed.Children.Add(reading);

        var files = Read(Filter.Tests.Facts.Of("", AnatomyFlags.None, mixed)).Attachments;

        Assert.Equal(
            [("1b", false), ("2", false), ("3", false), ("3.2", true), ("4", true), ("2/b.exe", true)],
            files.Select(f => (f.Path, f.IsInside)));
    }

    [Fact]
    public void Names_documents_and_text_files_are_the_text_of_attachments()
    {
        var document = Filter.Tests.Facts.Part("1", [1], "plan.docx", type: "application/pdf");
        document.Text = "secret plan";
        var csv = Filter.Tests.Facts.Part("2", Encoding.UTF8.GetBytes("nom;été"), "clients.csv", type: "text/plain");
        var utf16 = Filter.Tests.Facts.Part("3", [0xFF, 0xFE, .. Encoding.Unicode.GetBytes("zwei")], "a.txt", type: "text/plain");
        var latin = Filter.Tests.Facts.Part("4", Encoding.Latin1.GetBytes("dépôt"), "b.txt", type: "text/plain");
        var facts = Read(Filter.Tests.Facts.Of("", AnatomyFlags.None, document, csv, utf16, latin));
        Assert.Equal(["plan.docx", "secret plan", "clients.csv", "nom;été", "a.txt", "zwei", "b.txt", "dépôt"], facts.Text!.Attachments);
    }

    [Fact]
    public void Text_files_that_are_cut_are_told_and_names_behind_them_are_kept()
    {
        var parts = Enumerable.Range(0, 3).Select(i => Filter.Tests.Facts.Part($"{i}", new byte[900_000], $"{i}.txt", type: "text/plain")).Append(Filter.Tests.Facts.Part("9", [1], "last.docm"));
        var text = Read(Filter.Tests.Facts.Of("", AnatomyFlags.None, [.. parts])).Text!;
        Assert.Contains("last.docm", text.Attachments);
        Assert.False(text.IsCut(TextPlace.Attachments));
        var large = Filter.Tests.Facts.Part("1", new byte[(1 << 20) + 1], "a.txt", type: "text/plain");
        Assert.True(Read(Filter.Tests.Facts.Of("", AnatomyFlags.None, large)).Text!.IsCut(TextPlace.Attachments));
        var fourth = Read(Filter.Tests.Facts.Of("", AnatomyFlags.None, [.. parts, Filter.Tests.Facts.Part("4", new byte[10], "4.txt", type: "text/plain")])).Text!;
        Assert.True(fourth.IsCut(TextPlace.Attachments));
    }

    /// <summary>Flags of the message and of its body, whether body and files are cut.</summary>
    [Theory]
    [InlineData(AnatomyFlags.None, AnatomyFlags.None, false, false)]
    [InlineData(AnatomyFlags.None, AnatomyFlags.TextCut, true, false)]
    [InlineData(AnatomyFlags.OverBudget, AnatomyFlags.None, true, true)]
    [InlineData(AnatomyFlags.Failed, AnatomyFlags.None, true, true)]
    [InlineData(AnatomyFlags.Bomb, AnatomyFlags.None, false, true)]
    public void What_was_not_looked_at_is_told(AnatomyFlags message, AnatomyFlags body, bool isBodyCut, bool areFilesCut)
    {
        var part = Filter.Tests.Facts.Part("1", [1], null, PartKind.Body, "text/plain");
        part.Flags = body;
        var facts = Read(Filter.Tests.Facts.Of("", message, part));
        Assert.Equal((isBodyCut, areFilesCut), (facts.Text!.IsBodyCut, facts.AreAttachmentsCut));
    }

    [Fact]
    public void A_file_behind_thousands_of_small_ones_is_among_the_facts()
    {
        var zip = Filter.Tests.Facts.Part("1", [1], "photos.zip");
        for (var i = 0; i < 2_001; i++)
        {
            zip.Children.Add(Filter.Tests.Facts.Part($"1/{i}.txt", [1], $"{i}.txt", PartKind.Entry, "text/plain"));
        }

        var facts = Read(Filter.Tests.Facts.Of("", AnatomyFlags.None, zip, Filter.Tests.Facts.Part("2", [2], "order.docm")));
        Assert.Contains(facts.Attachments, a => a.Name == "order.docm");
        Assert.True(facts.AreAttachmentsCut);
    }

    [Fact]
    public void What_the_world_knows_is_asked_for()
    {
        var facts = new FactsReader(new World()).Read(Filter.Tests.Facts.Of(), Nothing);
        Assert.Equal(("FR", 64500, true), (facts.Country, facts.AutonomousSystem, facts.IsFirstContact));
        Assert.False(new FactsReader(new World()).Read(Filter.Tests.Facts.Of() with { IsFirstContact = false }, Nothing).IsFirstContact);
        Assert.Null(Read(Filter.Tests.Facts.Of()).IsFirstContact);
    }

    [Fact]
    public void The_language_is_that_of_the_body() =>
        Assert.Equal("fr", Read(Filter.Tests.Facts.Of().WithText("Vous trouverez la facture dans ce message, merci de nous répondre.")).Language);

    public static TheoryData<string, Condition, Truth, Truth> Recorded
    {
        get
        {
            HeaderCondition Has(string name, string? text = null) => new() { Name = name, Contains = text };
            return new()
            {
                // What, condition, answer of the live message, answer of what is recorded.
                { "trace field that is there", Has("received", "bad-relay"), Truth.Yes, Truth.Unknown },
                { "trace field that is not there", Has("Return-Path"), Truth.No, Truth.Unknown },
                { "no signature", new NotCondition(Has("DKIM-Signature")), Truth.No, Truth.Unknown },
                { "other field", Has("X-Mailer", "mutt"), Truth.Yes, Truth.Yes },
                { "other field that is not there", Has("List-Id"), Truth.No, Truth.No },
                { "end of a long subject", new PatternCondition { Pattern = "needle", In = [TextPlace.Subject] }, Truth.Yes, Truth.Unknown },
                { "beginning of a long subject", new PatternCondition { Pattern = "aaa", In = [TextPlace.Subject] }, Truth.Yes, Truth.Yes },
                { "extension of a long name", new AttachmentCondition { Extensions = ["docm"] }, Truth.Yes, Truth.Unknown },
            };
        }
    }

    [Theory]
    [MemberData(nameof(Recorded))]
    public void What_was_not_recorded_is_unknown_and_never_no(string what, Condition condition, Truth live, Truth recorded)
    {
        var subject = new string('a', 400) + " needle";
        var facts = Read(Filter.Tests.Facts.Of()) with
        {
            Subject = subject,
            Text = new MessageText(subject, "", []),
            Headers = [new("Received", "from bad-relay"), new("DKIM-Signature", "v=1"), new("X-Mailer", "mutt")],
            Attachments = what.StartsWith("extension", StringComparison.Ordinal)
                ? [new() { Path = "1", Name = new string('n', 400) + ".docm", Type = "application/msword", Kind = AttachmentKind.Document }]
                : [],
        };
        var rules = RuleSet.Compile(new PolicyLayer { Node = "acme", Rules = [new() { Name = "r", When = condition, Then = [new TagAction { Subject = "[x]" }] }] }, null);
        Truth Ask(PolicyFacts about) => Assert.Single(rules.Decide(about, 0, MessageClass.Clean, new SecuEdge.Smtp.MailPath("a", "example.org")).Answers).Holds;
        Assert.Equal((live, recorded), (Ask(facts), Ask(RecordedFacts.Of(facts, []))));
    }

    [Fact]
    public void What_is_recorded_is_small_whatever_came_and_says_what_had_no_room()
    {
        var facts = Read(Filter.Tests.Facts.Of()) with
        {
            Subject = new string('s', 5_000),
            Headers = [.. Enumerable.Range(0, 500).Select(i => new KeyValuePair<string, string>($"X-{i}", new string('v', 50)))],
            Attachments = [.. Enumerable.Range(0, 3_000).Select(i => new AttachmentFacts { Path = new string('p', 1_000), Type = "application/pdf", Kind = AttachmentKind.Document })],
            Recipients = [.. Enumerable.Range(0, 1_000).Select(i => $"r{i}@example.net")],
        };

        var recorded = RecordedFacts.Of(facts, [new PastVerdict(VerdictAction.Deliver, "X")]);

        Assert.Equal((true, true, 100), (recorded.AreHeadersCut, recorded.AreAttachmentsCut, recorded.Attachments.Count));
        Assert.InRange(recorded.Headers.Sum(h => h.Key.Length + h.Value.Length), 3_000, 4_096);
        Assert.InRange(JsonSerializer.SerializeToUtf8Bytes(recorded).Length, 0, 64 * 1024);
        Assert.Null(recorded.Text);
    }

    [Fact]
    public void Trace_fields_are_not_recorded_and_their_absence_is_no_cut()
    {
        var facts = Read(Filter.Tests.Facts.Of()) with { Headers = [new("Received", "from a by b"), new("List-Id", "<news>"), new("DKIM-Signature", "v=1")] };
        var recorded = RecordedFacts.Of(facts, []);
        Assert.Equal("List-Id", Assert.Single(recorded.Headers).Key);
        Assert.False(recorded.AreHeadersCut);
    }

    [Fact]
    public void A_value_that_is_cut_counts_as_a_cut()
    {
        var facts = Read(Filter.Tests.Facts.Of()) with { Headers = [new("To", new string('x', 299) + "\U0001F600 and more")] };
        var recorded = RecordedFacts.Of(facts, []);
        Assert.True(recorded.AreHeadersCut);
        Assert.Equal(299, Assert.Single(recorded.Headers).Value.Length);
    }

    private static PolicyFacts Read(MessageFacts message) => new FactsReader().Read(message, Nothing);

    private sealed class World : IFactSources
    {
        public NetworkOrigin? OriginOf(IPAddress address) => new("FR", 64500);

        public bool? IsFirstContact(Envelope envelope, string headerFrom) => true;
    }
}
