namespace SecuEdge.Filter.Policy.Rules.Matching;

/// <summary>Kleene's and: one no decides, whatever is unknown.</summary>
internal sealed class AllMatcher : Matcher
{
    private readonly Matcher[] _cheapFirst;

    public AllMatcher(IReadOnlyList<Matcher> of)
    {
        Of = of;
        _cheapFirst = [.. of.OrderBy(m => m.Cost)];
        AsksRecipient = of.Any(m => m.AsksRecipient);
        Cost = of.Sum(m => m.Cost);
    }

    /// <summary>As written.</summary>
    public IReadOnlyList<Matcher> Of { get; }

    public override bool AsksRecipient { get; }

    public override int Cost { get; }

    public override Truth Answer(Question question)
    {
        var all = Truth.Yes;
        foreach (var matcher in _cheapFirst)
        {
            switch (question.Ask(matcher))
            {
                case Truth.No: return Truth.No;
                case Truth.Unknown: all = Truth.Unknown; break;
                default: break;
            }
        }

        return all;
    }

    public override string Why(Question question, Explanation explanation) =>
        Of.FirstOrDefault(m => question.Ask(m) == Truth.No) is { } no ? explanation.Of(no)
        : Of.FirstOrDefault(m => question.Ask(m) == Truth.Unknown) is { } unknown ? explanation.Of(unknown)
        : string.Join("; ", Of.Select(explanation.Of));

    public override void AddFiles(Question question, FileList files)
    {
        foreach (var matcher in Of)
        {
            files.AddFrom(matcher, question);
        }
    }
}

/// <summary>Kleene's or: one yes decides, whatever is unknown.</summary>
internal sealed class AnyMatcher : Matcher
{
    private readonly Matcher[] _cheapFirst;

    public AnyMatcher(IReadOnlyList<Matcher> of)
    {
        Of = of;
        _cheapFirst = [.. of.OrderBy(m => m.Cost)];
        AsksRecipient = of.Any(m => m.AsksRecipient);
        Cost = of.Sum(m => m.Cost);
    }

    public IReadOnlyList<Matcher> Of { get; }

    public override bool AsksRecipient { get; }

    public override int Cost { get; }

    public override Truth Answer(Question question)
    {
        var any = Truth.No;
        foreach (var matcher in _cheapFirst)
        {
            switch (question.Ask(matcher))
            {
                case Truth.Yes: return Truth.Yes;
                case Truth.Unknown: any = Truth.Unknown; break;
                default: break;
            }
        }

        return any;
    }

    public override string Why(Question question, Explanation explanation) =>
        Of.FirstOrDefault(m => question.Ask(m) == Truth.Yes) is { } yes ? explanation.Of(yes)
        : Of.FirstOrDefault(m => question.Ask(m) == Truth.Unknown) is { } unknown ? explanation.Of(unknown)
        : string.Join("; ", Of.Select(explanation.Of));

    public override void AddFiles(Question question, FileList files)
    {
        foreach (var matcher in Of)
        {
            files.AddFrom(matcher, question);
        }
    }
}

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

    public override string Why(Question question, Explanation explanation) => explanation.Of(of);
}
