using SecuEdge.Filter.Policy.Rules;

namespace SecuEdge.Filter.Tests.Policy;

/// <summary>
/// Rules asked as their documentation says, one condition after the other and nothing remembered: slow, and short enough to be seen right.
/// What the compiled form says must equal it.
/// </summary>
/// <param name="layers">From the root down.</param>
internal sealed class NaiveRules(IReadOnlyList<PolicyLayer> layers)
{
    /// <summary>Every rule in the order asked.</summary>
    public IReadOnlyList<Standing> InOrder()
    {
        List<Standing> standing = [];
        for (var depth = 0; depth < layers.Count; depth++)
        {
            for (var index = 0; index < layers[depth].Rules.Count; index++)
            {
                var rule = layers[depth].Rules[index];
                if (standing.Exists(s => s.Rule.Name == rule.Name && s.Depth < depth && s.Rule.Locked))
                {
                    continue;
                }

                standing.RemoveAll(s => s.Rule.Name == rule.Name);
                standing.Add(new Standing(rule, layers[depth].Node, depth, index, layers[depth].ComesLast));
            }
        }

        standing.Sort(Compare);
        return standing;
    }

    public Said Decide(PolicyFacts facts, double score, MessageClass messageClass, string recipient)
    {
        var said = new Said();
        foreach (var standing in InOrder())
        {
            var rule = standing.Rule;
            var isForIt = rule.Direction == RuleDirection.Both || (rule.Direction == RuleDirection.Inbound) == (facts.Direction == Direction.Inbound);
            var isAsked = rule.Enabled && isForIt && said.DecidedBy is null;
            var holds = !isAsked ? Truth.No : rule.When is null ? Truth.Yes : Ask(rule.When, standing.Depth, facts, score, messageClass, recipient);
            said.Answers.Add($"{rule.Name}@{standing.Node} {(isAsked ? holds.ToString() : "not asked")}");
            if (holds != Truth.Yes || rule.Mode == RuleMode.Monitor)
            {
                continue;
            }

            said.Effects.AddRange(rule.Then.Where(a => !a.IsFinal).Select(a => $"{rule.Name}@{standing.Node} {a}"));
            if (rule.Then.FirstOrDefault(a => a.IsFinal) is { } final)
            {
                said.DecidedBy = $"{rule.Name}@{standing.Node} {final}";
            }
        }

        return said;
    }

    // Locked ones first and from the root down, profiles last, priority, then root before leaf, then as written.
    private static int Compare(Standing one, Standing other)
    {
        int Section(Standing s) => s.Rule.Locked ? 0 : s.IsProfile ? 2 : 1;
        int[] differences =
        [
            Section(one) - Section(other),
            one.Rule.Locked ? one.Depth - other.Depth : 0,
            other.Rule.Priority - one.Rule.Priority,
            one.Depth - other.Depth,
            one.Index - other.Index,
        ];
        return differences.FirstOrDefault(d => d != 0);
    }

    private Truth Ask(Condition condition, int depth, PolicyFacts facts, double score, MessageClass messageClass, string recipient)
    {
        Truth Below(Condition of) => Ask(of, depth, facts, score, messageClass, recipient);
        switch (condition)
        {
            case AllCondition all:
                var answers = all.Of.Select(Below).ToList();
                return answers.Contains(Truth.No) ? Truth.No : answers.Contains(Truth.Unknown) ? Truth.Unknown : Truth.Yes;
            case AnyCondition any:
                answers = [.. any.Of.Select(Below)];
                return answers.Contains(Truth.Yes) ? Truth.Yes : answers.Contains(Truth.Unknown) ? Truth.Unknown : Truth.No;
            case NotCondition not:
                return Below(not.Of) switch { Truth.Yes => Truth.No, Truth.No => Truth.Yes, _ => Truth.Unknown };
            case ObjectCondition named:
                var owner = Enumerable.Range(0, depth + 1).Last(d => layers[d].Objects.Any(o => o.Name == named.Name));
                return Ask(layers[owner].Objects.Single(o => o.Name == named.Name).Is, owner, facts, score, messageClass, recipient);
            default:
                return AskFact(condition, facts, score, messageClass, recipient);
        }
    }

    private static Truth AskFact(Condition condition, PolicyFacts facts, double score, MessageClass messageClass, string recipient) => condition switch
    {
        SenderCondition c => Is(c.Addresses.Any(p =>
            (c.In != SenderPlace.Header && IsAddress(p, facts.Sender)) || (c.In != SenderPlace.Envelope && facts.HeaderFrom.Length > 0 && IsAddress(p, facts.HeaderFrom)))),
        RecipientCondition c => Is(c.Addresses.Any(p => IsAddress(p, recipient))),
        SizeCondition c => Is((c.AtLeast ?? long.MinValue) <= facts.SizeBytes && facts.SizeBytes <= (c.AtMost ?? long.MaxValue)),
        ScoreCondition c => Is((c.AtLeast ?? double.MinValue) <= score && score <= (c.AtMost ?? double.MaxValue)),
        ClassCondition c => Is(c.AnyOf.Contains(messageClass)),
        FindingCondition c => Is(facts.Findings.Any(f => c.AnyOf.Any(code => code.EndsWith('*') ? f.Code.StartsWith(code[..^1], StringComparison.Ordinal) : f.Code == code))),
        AttachmentCondition c when facts.Attachments.Any(a => c.Kinds.Contains(a.Kind)) => Truth.Yes,
        AttachmentCondition => facts.AreAttachmentsCut ? Truth.Unknown : Truth.No,
        HeaderCondition c when facts.Headers.Any(h => h.Key == c.Name && h.Value.Contains(c.Contains ?? "", StringComparison.OrdinalIgnoreCase)) => Truth.Yes,
        HeaderCondition => facts.AreHeadersCut ? Truth.Unknown : Truth.No,
        AuthenticationCondition c => facts.Authentication.TryGetValue(c.Method, out var result) ? Is(c.AnyOf.Contains(result)) : Truth.Unknown,
        FirstContactCondition => facts.IsFirstContact is { } isFirst ? Is(isFirst) : Truth.Unknown,
        OriginCondition c => facts.Country is null ? Truth.Unknown : Is(c.Countries.Contains(facts.Country)),
        PatternCondition c => facts.Text is null ? Truth.Unknown : Is((facts.Text.Subject + "\n" + facts.Text.Body).Contains(c.Pattern, StringComparison.OrdinalIgnoreCase)),
        _ => throw new InvalidOperationException($"no answer for {condition.GetType().Name}"),
    };

    private static Truth Is(bool holds) => holds ? Truth.Yes : Truth.No;

    private static bool IsAddress(string pattern, string address) => pattern == "<>" ? address.Length == 0
        : pattern.StartsWith('@') ? address.EndsWith(pattern, StringComparison.OrdinalIgnoreCase)
        : address.Equals(pattern, StringComparison.OrdinalIgnoreCase);

    /// <summary>A rule that nobody below replaced.</summary>
    internal sealed record Standing(Rule Rule, string Node, int Depth, int Index, bool IsProfile);

    /// <summary>As text, so that a difference can be read.</summary>
    internal sealed class Said
    {
        public string? DecidedBy { get; set; }

        public List<string> Effects { get; } = [];

        public List<string> Answers { get; } = [];
    }
}
