using System.Text.RegularExpressions;
using SecuEdge.Filter.Policy.Rules;
using SecuEdge.Filter.Policy.Rules.Matching;

namespace SecuEdge.Filter.Policy.Lexical;

/// <summary>
/// A regular expression over texts as they are, not folded. The engine without backtracking, so that its time grows with the text and not
/// with what a stranger writes into it; the time limit is for patterns that make that engine itself large.
/// </summary>
internal sealed class PatternMatcher : ITextMatcher
{
    private const int QuotedChars = 60;

    /// <summary>
    /// On the wall, for one text: the engine counts nothing else. Ordinary patterns take milliseconds, which may be a second on a machine with fifty
    /// things to do. What the patterns of a message work, <see cref="PatternMemory"/> bounds.
    /// </summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    private readonly Regex _regex;
    private readonly string _pattern;
    private readonly IReadOnlyList<TextPlace> _places;

    public PatternMatcher(string pattern, bool ignoreCase, IReadOnlyList<TextPlace> places)
    {
        _pattern = pattern;
        _places = places;
        _regex = Compile(pattern, ignoreCase);
    }

    /// <exception cref="ArgumentException">Names the position and the remedy.</exception>
    public static Regex Compile(string pattern, bool ignoreCase)
    {
        var options = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | (ignoreCase ? RegexOptions.IgnoreCase : RegexOptions.None);
        try
        {
            return new Regex(pattern, options, Limit);
        }
        catch (RegexParseException e)
        {
            var problem = e.Message;
            var after = problem.LastIndexOf(". ", StringComparison.Ordinal);
            throw new ArgumentException($"is wrong at character {Math.Max(1, e.Offset)}: {(after >= 0 ? problem[(after + 2)..] : problem)}", e);
        }
        catch (NotSupportedException e)
        {
            throw new ArgumentException("uses look-around, a back-reference or very large repetitions, whose time could not be bounded; write it without", e);
        }
    }

    /// <summary>Without the pattern: what a company looks for is not for everybody who may see that it was found.</summary>
    string ITextMatcher.Name => "a pattern of the rule";

    public Truth Matches(MessageText text, out string why) => Matches(text, null, out why);

    /// <param name="memory">The time that all patterns of the message share; null = this one alone.</param>
    public Truth Matches(MessageText text, PatternMemory? memory, out string why)
    {
        var isCut = false;
        try
        {
            foreach (var place in _places)
            {
                isCut |= text.IsCut(place);
                foreach (var one in Texts(text, place).SelectMany(AsSeen))
                {
                    isCut |= one.Length > FoldedMessage.MaxChars;
                    if (memory?.IsOver == true)
                    {
                        why = PatternMemory.OverSentence;
                        return Truth.Unknown;
                    }

                    // A match on a slice gives no text, so the position is taken and the text quoted from it.
                    foreach (var match in _regex.EnumerateMatches(one.AsSpan(0, Math.Min(one.Length, FoldedMessage.MaxChars))))
                    {
                        var quote = one.Substring(match.Index, Math.Min(match.Length, QuotedChars));
                        why = $"The pattern {_pattern} finds '{quote}' in the {Name(place)}.";
                        return Truth.Yes;
                    }
                }
            }
        }
        catch (RegexMatchTimeoutException)
        {
            why = $"The pattern {_pattern} took longer than {Limit.TotalSeconds:0} s on this text; write it simpler.";
            return Truth.Unknown;
        }

        var where = string.Join(", ", _places.Select(Name));
        why = isCut ? $"The pattern {_pattern} finds nothing in the {where}, and the text is longer than what is looked at." : $"The pattern {_pattern} finds nothing in the {where}.";
        return isCut ? Truth.Unknown : Truth.No;
    }

    /// <summary>As it came, and where that is not the same without what nobody sees.</summary>
    private static IEnumerable<string> AsSeen(string text) => Invisible.Without(text) is var seen && ReferenceEquals(seen, text) ? [text] : [text, seen];

    private static IReadOnlyList<string> Texts(MessageText text, TextPlace place) => place switch
    {
        TextPlace.Subject => [text.Subject],
        TextPlace.Body => text.Bodies,
        TextPlace.Attachments => text.Attachments,
        _ => throw new ArgumentOutOfRangeException(nameof(place), place, null),
    };

    private static string Name(TextPlace place) => place switch
    {
        TextPlace.Subject => "subject",
        TextPlace.Body => "body",
        TextPlace.Attachments => "attachments",
        _ => throw new ArgumentOutOfRangeException(nameof(place), place, null),
    };
}
