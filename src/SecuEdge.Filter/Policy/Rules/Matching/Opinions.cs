namespace SecuEdge.Filter.Policy.Rules.Matching;

internal sealed class ClassMatcher(IReadOnlyList<MessageClass> classes) : Matcher
{
    public override Truth Answer(Question question) => classes.Contains(question.Class) ? Truth.Yes : Truth.No;

    public override string Why(Question question, Explanation explanation) =>
        $"class is {question.Class}{(question.Ask(this) == Truth.Yes ? "" : $", not {string.Join(" or ", classes)}")}";

    public override int Entries => classes.Count;

    public override bool Implies(Matcher other, Effort effort) => other is ClassMatcher same && classes.All(same.Classes.Contains);

    private IReadOnlyList<MessageClass> Classes => classes;
}

/// <summary>Codes of findings, those ending in <c>*</c> by their beginning.</summary>
internal sealed class FindingMatcher(IReadOnlyList<string> codes) : Matcher
{
    private readonly string[] _codes = [.. codes.Where(c => !c.EndsWith('*'))];
    private readonly string[] _beginnings = [.. codes.Where(c => c.EndsWith('*')).Select(c => c[..^1])];

    public override Truth Answer(Question question)
    {
        foreach (var finding in question.Facts.Findings)
        {
            if (Contains(finding.Code))
            {
                return Truth.Yes;
            }
        }

        return Truth.No;
    }

    public override string Why(Question question, Explanation explanation) =>
        question.Facts.Findings.FirstOrDefault(f => Contains(f.Code)) is { } finding
            ? $"finding {finding.Code}{(finding.Detail.Length == 0 ? "" : $" ({finding.Detail})")}"
            : $"no finding {string.Join(" or ", codes)}";

    public override int Entries => codes.Count;

    public override bool Implies(Matcher other, Effort effort) =>
        other is FindingMatcher same
        && _codes.All(same.Contains)
        && _beginnings.All(own => same._beginnings.Any(b => own.StartsWith(b, StringComparison.OrdinalIgnoreCase)));

    private bool Contains(string code)
    {
        foreach (var asked in _codes)
        {
            if (asked.Equals(code, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        foreach (var beginning in _beginnings)
        {
            if (code.StartsWith(beginning, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}

internal sealed class EngineMatcher(IReadOnlyList<string> engines, string? signature) : Matcher
{
    public override Truth Answer(Question question)
    {
        foreach (var conviction in question.Facts.Convictions)
        {
            if (IsMet(conviction))
            {
                return Truth.Yes;
            }
        }

        return Truth.No;
    }

    public override string Why(Question question, Explanation explanation) =>
        question.Facts.Convictions.FirstOrDefault(IsMet) is { } conviction ? $"engine {conviction.Engine} found {conviction.Signature}"
        : question.Facts.Convictions.Count == 0 ? "no engine found anything"
        : "what engines found is not what is asked for";

    private bool IsMet(ConvictionFact conviction) =>
        (engines.Count == 0 || engines.Contains(conviction.Engine, StringComparer.OrdinalIgnoreCase))
        && (signature is null || conviction.Signature.Contains(signature, StringComparison.OrdinalIgnoreCase));
}
