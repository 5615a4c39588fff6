namespace SecuEdge.Filter.Policy.Rules.Matching;

/// <summary>Several conditions together, in Kleene's logic: one decisive answer settles it, whatever is unknown.</summary>
/// <param name="decisive">No for and, yes for or.</param>
internal abstract class CombinedMatcher(IReadOnlyList<Matcher> of, Truth decisive) : Matcher
{
    private readonly Matcher[] _cheapFirst = [.. of.OrderBy(m => m.Cost)];

    /// <summary>As written.</summary>
    public IReadOnlyList<Matcher> Of { get; } = of;

    public override bool AsksRecipient { get; } = of.Any(m => m.AsksRecipient);

    public override int Cost { get; } = of.Sum(m => m.Cost);

    public override Truth Answer(Question question)
    {
        var answer = decisive == Truth.No ? Truth.Yes : Truth.No;
        foreach (var matcher in _cheapFirst)
        {
            var one = question.Ask(matcher);
            if (one == decisive)
            {
                return decisive;
            }

            answer = one == Truth.Unknown ? Truth.Unknown : answer;
        }

        return answer;
    }

    public override string Why(Question question, Explanation explanation) =>
        Of.FirstOrDefault(m => question.Ask(m) == decisive) is { } settled ? explanation.Of(settled)
        : Of.FirstOrDefault(m => question.Ask(m) == Truth.Unknown) is { } unknown ? explanation.Of(unknown)
        : string.Join("; ", Of.Select(explanation.Of));

    public override bool CouldBe(Truth wanted, Doubt doubt) =>
        wanted == decisive ? Of.Any(m => doubt.CouldBe(m, wanted)) : Of.All(m => doubt.CouldBe(m, wanted));

    public override void AddFiles(Question question, FileList files)
    {
        foreach (var matcher in Of)
        {
            files.AddFrom(matcher, question);
        }
    }
}

/// <summary>Every one holds.</summary>
internal sealed class AllMatcher(IReadOnlyList<Matcher> of) : CombinedMatcher(of, Truth.No);

/// <summary>At least one holds.</summary>
internal sealed class AnyMatcher(IReadOnlyList<Matcher> of) : CombinedMatcher(of, Truth.Yes);

/// <summary>Unknown stays unknown. Has no files: it holds because something is not there.</summary>
internal sealed class NotMatcher(Matcher of) : Matcher
{
    public Matcher Of => of;

    public override bool AsksRecipient => of.AsksRecipient;

    public override int Cost => of.Cost;

    public override Truth Answer(Question question) => question.Ask(of) switch
    {
        Truth.Yes => Truth.No,
        Truth.No => Truth.Yes,
        _ => Truth.Unknown,
    };

    public override bool CouldBe(Truth wanted, Doubt doubt) => doubt.CouldBe(of, wanted == Truth.Yes ? Truth.No : Truth.Yes);

    public override string Why(Question question, Explanation explanation) => explanation.Of(of);
}
