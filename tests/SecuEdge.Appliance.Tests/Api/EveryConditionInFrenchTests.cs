using System.Text.Json;
using System.Text.RegularExpressions;
using SecuEdge.Appliance.Api.Languages;
using SecuEdge.Appliance.Settings;
using SecuEdge.Content;
using SecuEdge.Filter;
using SecuEdge.Filter.Policy.Lexical;
using SecuEdge.Filter.Policy.Rules;
using SecuEdge.Smtp;

namespace SecuEdge.Appliance.Tests.Api;

/// <summary>Every condition there is, asked of messages of all kinds: what it says is said in French to its last word.</summary>
public sealed partial class EveryConditionInFrenchTests
{
    private static readonly PolicyLayer Layer = new()
    {
        Node = "acme",
        Directories = ["ad"],
        WordLists = [new WordList { Name = "argent", Words = [new WordEntry { Text = "virement", Weight = 2 }, new WordEntry { Text = "urgent", Weight = 1 }] }],
        Holidays = [new Holiday(new DateOnly(2026, 12, 25), "Noël")],
    };

    public static TheoryData<string> Conditions =>
    [
        """{"type":"sender","addresses":["@x.example"]}""",
        """{"type":"sender","addresses":["@x.example"],"in":"envelope"}""",
        """{"type":"sender","addresses":["@x.example"],"in":"header","groups":["ad/ventes"]}""",
        """{"type":"recipient","addresses":["eva@acme.example"]}""",
        """{"type":"recipient","groups":["ad/ventes"]}""",
        """{"type":"time","weekdays":["monday"],"from":"08:00","to":"18:00"}""",
        """{"type":"time","holidays":"only"}""",
        """{"type":"size","atLeast":1000}""",
        """{"type":"size","atMost":1000}""",
        """{"type":"size","atLeast":1000,"atMost":2000000}""",
        """{"type":"attachmentCount","atLeast":1}""",
        """{"type":"attachmentCount","atLeast":2,"atMost":2}""",
        """{"type":"attachmentCount","atMost":0}""",
        """{"type":"attachment","extensions":["mp3"]}""",
        """{"type":"encrypted"}""",
        """{"type":"encrypted","kinds":["pgp"]}""",
        """{"type":"header","name":"Subject"}""",
        """{"type":"header","name":"Subject","contains":"facture"}""",
        """{"type":"header","name":"Subject","equalTo":"facture"}""",
        """{"type":"header","name":"Subject","matches":"fact.re"}""",
        """{"type":"header","name":"X-Autre"}""",
        """{"type":"words","list":"argent","atLeast":2}""",
        """{"type":"words","list":"argent","atLeast":9,"in":["subject"]}""",
        """{"type":"pattern","pattern":"vir[e]ment"}""",
        """{"type":"pattern","pattern":"vir[e]ment","in":["subject"]}""",
        """{"type":"language","anyOf":["fr","de"]}""",
        """{"type":"class","anyOf":["spam","phishing"]}""",
        """{"type":"class","anyOf":["clean"]}""",
        """{"type":"score","atLeast":5}""",
        """{"type":"score","atMost":5.5}""",
        """{"type":"finding","anyOf":["PDF_*","OTHER"]}""",
        """{"type":"engine"}""",
        """{"type":"engine","signature":"Zeus"}""",
        """{"type":"authentication","method":"spf","anyOf":["pass","none"]}""",
        """{"type":"authentication","method":"dmarc","anyOf":["fail"]}""",
        """{"type":"campaign"}""",
        """{"type":"campaign","name":"hiver"}""",
        """{"type":"firstContact"}""",
        """{"type":"origin","networks":["192.0.2.0/24"]}""",
        """{"type":"origin","countries":["FR"],"autonomousSystems":[64496]}""",
        """{"type":"origin","autonomousSystems":[64496]}""",
        """{"type":"not","of":{"type":"firstContact"}}""",
        """{"type":"all","of":[{"type":"size","atMost":9000000},{"type":"any","of":[{"type":"firstContact"},{"type":"attachmentCount","atMost":5}]}]}""",
        """{"type":"any","of":[{"type":"size","atLeast":9000000},{"type":"header","name":"Subject","contains":"rien"},{"type":"sender","addresses":["nul@x.example"]}]}""",
    ];

    [Theory]
    [MemberData(nameof(Conditions))]
    public void What_a_condition_says_is_said_in_French(string json)
    {
        var condition = JsonSerializer.Deserialize<Condition>(json, SiteJson.Options)!;
        foreach (var facts in Messages())
        {
            foreach (var recipient in (string[])["eva@acme.example", "paul@acme.example"])
            {
                foreach (var tried in ConditionTrial.Run(condition, Layer, null, facts, 5, MessageClass.Phishing, MailPath.TryParse(recipient, out var path) ? path : MailPath.Null))
                {
                    var french = Language.All.Single(l => l.Tag == "fr").Why(tried.Why);
                    Assert.False(English().IsMatch(french), $"{tried.Why}\n{french}");
                    Assert.Equal(tried.Why, Language.English.Why(tried.Why));
                }
            }
        }
    }

    /// <summary>Nothing known, all known, recorded only, cut, outbound with directories.</summary>
    private static IEnumerable<PolicyFacts> Messages()
    {
        var bare = new PolicyFacts { Reference = "R", At = new DateTimeOffset(2026, 11, 23, 9, 0, 0, TimeSpan.Zero), Tenant = "acme", Direction = Direction.Inbound };
        yield return bare;
        yield return bare with { AreAttachmentsCut = true, AreHeadersCut = true, IsSubjectCut = true };
        var full = bare with
        {
            At = new DateTimeOffset(2026, 12, 25, 20, 0, 0, TimeSpan.Zero),
            Sender = "a@x.example",
            HeaderFrom = "b@y.example",
            Recipients = ["eva@acme.example", "paul@acme.example"],
            ClientAddress = "192.0.2.7",
            Subject = "facture; virement",
            Headers = [new("Subject", "facture; virement")],
            SizeBytes = 1_500_000,
            Flags = AnatomyFlags.EncryptedPgp | AnatomyFlags.EncryptedSmime,
            Language = "nl",
            Attachments =
            [
                new AttachmentFacts { Path = "1", Name = "a.mp3", Type = "audio/mpeg", Kind = AttachmentKind.Audio, SizeBytes = 5_000_000 },
                new AttachmentFacts { Path = "1.1", Name = "b; c.txt", Type = "text/plain", Kind = AttachmentKind.Document, SizeBytes = 5, IsInside = true, Flags = AnatomyFlags.EncryptedArchive },
            ],
            Findings = [new Finding("PDF_JAVASCRIPT", 1, MessageClass.Suspicious, null, "An attached PDF carries JavaScript.", "1.2")],
            Convictions = [new ConvictionFact("clamav", "Win.Eicar")],
            Authentication = new Dictionary<AuthenticationMethod, string> { [AuthenticationMethod.Spf] = "pass", [AuthenticationMethod.Dmarc] = "none" },
            IsFirstContact = true,
            Campaign = "printemps",
            Country = "DE",
            AutonomousSystem = 64500,
            Text = new MessageText("facture", "un virement urgent", ["a.mp3"]) { IsBodyCut = true },
        };
        yield return full;
        yield return full with { IsFirstContact = false, Campaign = "", Text = new MessageText("rien", "rien", []), Attachments = [full.Attachments[1]], SizeBytes = 10, Flags = AnatomyFlags.None, HeaderFrom = "a@x.example" };
        yield return full with { Text = null, AreAttachmentsCut = true, SizeBytes = 20_000_000, Subject = "facture", Headers = [new("Subject", "un autre")] };
        foreach (var groups in new[]
                 {
                     new GroupFacts { Of = new Dictionary<string, IReadOnlyList<string>> { ["eva@acme.example"] = ["acme/ad/ventes"], ["b@y.example"] = ["acme/ad/ventes"], ["a@x.example"] = [.. Enumerable.Range(0, 12).Select(i => $"acme/ad/g{i}")] } },
                     new GroupFacts { Unread = ["acme/ad"] },
                     new GroupFacts { Of = new Dictionary<string, IReadOnlyList<string>> { ["eva@acme.example"] = ["acme/ad/achats"] } },
                 })
        {
            yield return full with { Direction = Direction.Outbound, Groups = groups };
        }
    }

    [GeneratedRegex(@"\b(the|is|are|was|were|not|asked|for|there|of|and|has|what|which|with|it|by|than|more|files?|bytes|unknown|mail|header|sender|recipient|score is|inside|outside)\b", RegexOptions.IgnoreCase)]
    private static partial Regex English();
}
