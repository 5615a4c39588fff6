using System.Globalization;
using SecuEdge.Filter.Checks;
using SecuEdge.Filter.Policy;
using SecuEdge.Smtp;
using SecuEdge.TestKit;

namespace SecuEdge.Filter.Tests.Policy;

public sealed class PolicyTests
{
    private static readonly MailPath Recipient = new("anna", "example.org");
    private static readonly Dictionary<string, PolicyCase> Cases = ReadCases();

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_verdict_is_as_the_table_says(string name)
    {
        var given = Cases[name];

        var findings = Quorum.Apply(given.Findings, given.Engines, given.Quorum);
        var verdict = SecuEdge.Filter.Policy.Policy.Decide(findings, given.Policy, given.Direction, Recipient);

        Assert.Equal(given.Verdict, FormattableString.Invariant($"{verdict.Action} {verdict.Class} {verdict.Score} {verdict.DecidedBy}"));
        Assert.Equal(given.Findings.Count + 3, verdict.Rules.Count);
    }

    [Fact]
    public void Every_finding_and_threshold_is_explained_with_its_figures_matched_or_not()
    {
        Finding[] findings =
        [
            new("ODD", 2, MessageClass.Suspicious, null, "It is odd.", "part 1.2"),
            new("CLAMAV_INFECTED", 0, MessageClass.Infected, VerdictAction.Quarantine, "Malware.", "Eicar in 1.1"),
            new("PROGRAM", 0, MessageClass.Policy, VerdictAction.Quarantine, "A program.", ""),
        ];
        var policy = new TenantPolicy
        {
            Scores = new Dictionary<string, double> { ["ODD"] = 5.25 },
            Actions = new Dictionary<string, VerdictAction> { ["CLAMAV_INFECTED"] = VerdictAction.Tag, ["PROGRAM"] = VerdictAction.Reject },
        };

        var rules = SecuEdge.Filter.Policy.Policy.Decide(findings, policy, Direction.Inbound, Recipient).Rules;

        Assert.Equal(
            [
                new("ODD", false, VerdictAction.Deliver,
                    "It is odd. (part 1.2) Score 5.25 (set by the tenant instead of 2); asks for nothing by itself."),
                new("CLAMAV_INFECTED", true, VerdictAction.Quarantine,
                    "Malware. (Eicar in 1.1) Score 0; asks for Quarantine (the tenant's Tag is too weak for antivirus)."),
                new("PROGRAM", true, VerdictAction.Reject,
                    "A program. Score 0; asks for Reject (set by the tenant instead of Quarantine)."),
                new("REJECT_SCORE", false, VerdictAction.Deliver, "Score 5.25 is below 15, where mail gets Reject."),
                new("QUARANTINE_SCORE", false, VerdictAction.Deliver, "Score 5.25 is below 6, where mail gets Quarantine."),
                new RuleOutcome("TAG_SCORE", true, VerdictAction.Tag, "Score 5.25 reaches 5, where mail gets Tag."),
            ],
            rules);
    }

    [Fact]
    public void Whatever_a_tenant_sets_malware_and_unscanned_mail_never_pass()
    {
        foreach (var own in Enum.GetValues<VerdictAction>())
        {
            foreach (var direction in Enum.GetValues<Direction>())
            {
                var policy = new TenantPolicy { Actions = new Dictionary<string, VerdictAction> { ["X_INFECTED"] = own, ["X_FAILED"] = own } };
                Finding infected = new("X_INFECTED", 0, MessageClass.Infected, VerdictAction.Quarantine, "", "");
                Finding failed = new("X_FAILED", 0, MessageClass.Suspicious, VerdictAction.Defer, "", "");

                Assert.True(SecuEdge.Filter.Policy.Policy.Decide([infected], policy, direction, Recipient).Action >= VerdictAction.Quarantine);
                Assert.True(SecuEdge.Filter.Policy.Policy.Decide([failed], policy, direction, Recipient).Action >= VerdictAction.Defer);
            }
        }
    }

    private static Dictionary<string, PolicyCase> ReadCases()
    {
        var path = Path.Combine(TestData.RepositoryRoot, "tests", "SecuEdge.Filter.Tests", "Cases", "policy.cases");
        return File.ReadAllText(path).Split("\n\n")
            .Select(block => block.Split('\n').Where(line => line.Length > 0 && line[0] != '#').ToArray())
            .Where(lines => lines.Length > 0)
            .Select(PolicyCase.Parse)
            .ToDictionary(policyCase => policyCase.Name);
    }

    private sealed record PolicyCase(
        string Name,
        IReadOnlyList<Finding> Findings,
        IReadOnlyList<EngineReport> Engines,
        int Quorum,
        TenantPolicy Policy,
        Direction Direction,
        string Verdict)
    {
        public static PolicyCase Parse(string[] lines)
        {
            List<Finding> findings = [];
            List<EngineReport> engines = [];
            var quorum = 1;
            Dictionary<string, VerdictAction> actions = [];
            Dictionary<string, double> scores = [];
            var policy = TenantPolicy.Default with { Actions = actions, Scores = scores };
            var (name, verdict, direction) = ("", "", Direction.Inbound);
            foreach (var line in lines)
            {
                var colon = line.IndexOf(':', StringComparison.Ordinal);
                var (key, value) = (line[..colon], line[(colon + 1)..].Trim());
                var words = value.Split(' ');
                switch (key)
                {
                    case "name": name = value; break;
                    case "verdict": verdict = value; break;
                    case "direction": direction = Enum.Parse<Direction>(value); break;
                    case "action": actions.Add(words[0], Enum.Parse<VerdictAction>(words[1])); break;
                    case "score": scores.Add(words[0], Number(words[1])); break;
                    case "set" when words[0] == "tag": policy = policy with { TagScore = Number(words[1]) }; break;
                    case "set" when words[0] == "quarantine": policy = policy with { QuarantineScore = Number(words[1]) }; break;
                    case "set" when words[0] == "reject": policy = policy with { RejectScore = Number(words[1]) }; break;
                    case "quorum": quorum = int.Parse(value, CultureInfo.InvariantCulture); break;
                    case "engines": engines.AddRange(value.Split(", ").Select(pair => pair.Split(' ')).Select(pair => new EngineReport(pair[0], "1", pair[1], 1))); break;
                    case "finding":
                        VerdictAction? action = words[3] == "-" ? null : Enum.Parse<VerdictAction>(words[3]);
                        findings.Add(new(words[0], Number(words[1]), Enum.Parse<MessageClass>(words[2]), action, "Text.", "")
                        {
                            Group = words[0].EndsWith("_INFECTED", StringComparison.Ordinal) ? FindingGroup.Antivirus : FindingGroup.Structure,
                        });
                        break;
                    default: throw new FormatException($"unknown line: {line}");
                }
            }

            return new(name, findings, engines, quorum, policy, direction, verdict);
        }

        private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
    }
}
