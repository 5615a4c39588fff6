using System.Text.RegularExpressions;

namespace SecuEdge.Filter.Policy.Rules.Matching;

/// <summary>A header field with all the texts asked for; of several fields of the name, one is enough.</summary>
internal sealed class HeaderMatcher : Matcher
{
    // On the wall, and linear in the field's length, so this is only reached on a machine that stands still.
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(2);

    private readonly HeaderCondition _condition;
    private readonly Regex? _pattern;

    /// <exception cref="ArgumentException">Not a regular expression.</exception>
    /// <exception cref="NotSupportedException">Look-around or back-references.</exception>
    public HeaderMatcher(HeaderCondition condition)
    {
        _condition = condition;
        _pattern = condition.Matches is { } pattern
            ? new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, TimeLimit)
            : null;
    }

    public override int Cost => _pattern is null ? 4 : 20;

    public override Truth Answer(Question question) => Ask(question, out _);

    private Truth Ask(Question question, out string why)
    {
        why = "";
        return _pattern is null ? Find(question).Truth : question.Patterns.Ask(this, question.Facts.Headers, () => Find(question), out why);
    }

    /// <returns>With why, where that is not what <see cref="Why"/> says of a header that was not recorded.</returns>
    private (Truth Truth, string Why) Find(Question question)
    {
        var isUnknown = question.Facts.AreHeadersCut || (question.Facts.Text is null && RecordedFacts.IsLeftOut(_condition.Name));
        foreach (var (name, value) in question.Facts.Headers)
        {
            if (name.Equals(_condition.Name, StringComparison.OrdinalIgnoreCase))
            {
                if (_pattern is not null && question.Patterns.IsOver)
                {
                    return (Truth.Unknown, PatternMemory.OverSentence);
                }

                try
                {
                    if (IsMet(value))
                    {
                        return (Truth.Yes, "");
                    }
                }
                catch (RegexMatchTimeoutException)
                {
                    isUnknown = true;
                }
            }
        }

        return (isUnknown ? Truth.Unknown : Truth.No, "");
    }

    /// <summary>Unknown is what had no room, or took too long.</summary>
    public override bool CouldBe(Truth wanted, Doubt doubt) => true;

    public override string Why(Question question, Explanation explanation)
    {
        var value = question.Facts.Headers.FirstOrDefault(h => h.Key.Equals(_condition.Name, StringComparison.OrdinalIgnoreCase)).Value;
        return question.Ask(this) switch
        {
            Truth.Unknown when Ask(question, out var why) == Truth.Unknown && why.Length > 0 => $"header {_condition.Name}: {why}",
            Truth.Unknown => $"header {_condition.Name} was not found, and not all were recorded",
            _ when explanation.IsDiscreet => $"header {_condition.Name} is {(question.Ask(this) == Truth.Yes ? "" : "not ")}what is asked for",
            Truth.Yes => $"header {_condition.Name} {Asked("is there", "contains", "equals", "matches")}",
            _ when value is null => $"there is no header {_condition.Name}",
            _ => $"header {_condition.Name} '{(value.Length <= 80 ? value : value[..80] + "…")}' {Asked("is not there", "does not contain", "does not equal", "does not match")}",
        };
    }

    private string Asked(string exists, string contains, string equals, string matches) =>
        _condition.Contains is { } part ? $"{contains} '{part}'"
        : _condition.EqualTo is { } whole ? $"{equals} '{whole}'"
        : _condition.Matches is { } pattern ? $"{matches} {pattern}"
        : exists;

    private bool IsMet(string value) =>
        (_condition.Contains is not { } part || value.Contains(part, StringComparison.OrdinalIgnoreCase))
        && (_condition.EqualTo is not { } whole || value.Trim().Equals(whole.Trim(), StringComparison.OrdinalIgnoreCase))
        && (_pattern is null || _pattern.IsMatch(value));
}
