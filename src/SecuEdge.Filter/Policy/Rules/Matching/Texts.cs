using SecuEdge.Filter.Policy.Lexical;

namespace SecuEdge.Filter.Policy.Rules.Matching;

/// <summary>Words or a pattern in the text of the message; in a back-test only the subject is known.</summary>
internal sealed class TextConditionMatcher(ITextMatcher matcher, IReadOnlyList<TextPlace> places) : Matcher
{
    private readonly bool _onlySubject = places.Count > 0 && places.All(p => p == TextPlace.Subject);

    // Reading kilobytes of text is what everything else is cheap beside.
    public override int Cost => _onlySubject ? 20 : 1000;

    public override Truth Answer(Question question) => Ask(question, out _);

    /// <summary>Unknown is what took too long, or had no room.</summary>
    public override bool CouldBe(Truth wanted, Doubt doubt) => true;

    public override string Why(Question question, Explanation explanation)
    {
        var answer = Ask(question, out var why);
        return !explanation.IsDiscreet ? why.TrimEnd('.')
            : answer switch
            {
                Truth.Yes => $"the text has what {matcher.Name} asks for",
                Truth.No => $"the text has not what {matcher.Name} asks for",
                _ => $"nobody knows whether the text has what {matcher.Name} asks for",
            };
    }

    private Truth Ask(Question question, out string why)
    {
        var answer = Find(question, out why);
        if (answer == Truth.No && question.Facts is { Text: null, IsSubjectCut: true })
        {
            why = "not found in what is recorded of the subject, which was longer";
            return Truth.Unknown;
        }

        return answer;
    }

    private Truth Find(Question question, out string why)
    {
        var text = question.Facts.Text ?? (_onlySubject ? new MessageText(question.Facts.Subject, "", []) : null);
        if (text is null)
        {
            why = "the text of the message is not recorded";
            return Truth.Unknown;
        }

        var about = question.Facts.Text ?? (object)question.Facts.Subject;
        return matcher switch
        {
            PatternMatcher pattern => question.Patterns.Ask(this, about, () => (pattern.Matches(text, question.Patterns, out var found), found), out why),
            WordsMatcher words => words.Matches(text, question.Patterns, about, out why),
            _ => throw new InvalidOperationException($"nobody bounds the work of {matcher.GetType().Name}"),
        };
    }
}

internal sealed class LanguageMatcher(IReadOnlyList<string> languages) : Matcher
{
    public override Truth Answer(Question question) => languages.Contains(question.Facts.Language, StringComparer.OrdinalIgnoreCase) ? Truth.Yes : Truth.No;

    public override string Why(Question question, Explanation explanation) =>
        question.Facts.Language.Length == 0 ? "too little text to tell its language"
        : $"written in {question.Facts.Language}{(question.Ask(this) == Truth.Yes ? "" : $", not {string.Join(" or ", languages)}")}";

    public override int Entries => languages.Count;

    public override bool Implies(Matcher other, Effort effort) =>
        other is LanguageMatcher same && languages.All(l => same.Languages.Contains(l, StringComparer.OrdinalIgnoreCase));

    private IReadOnlyList<string> Languages => languages;
}
