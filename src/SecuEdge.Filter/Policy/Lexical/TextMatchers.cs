using System.Runtime.CompilerServices;
using SecuEdge.Filter.Policy.Rules;
using SecuEdge.Filter.Policy.Rules.Matching;

namespace SecuEdge.Filter.Policy.Lexical;

/// <summary>Questions about the words of a message, compiled once.</summary>
public static class TextMatchers
{
    /// <summary>A list is compiled once for all rules and tenants that use it, and as long as one of them does.</summary>
    private static readonly ConditionalWeakTable<WordList, WordListMatcher> Compiled = [];

    /// <param name="places">Empty = everywhere.</param>
    /// <exception cref="ArgumentException">Names the wrong entry: <c>words[3].text: …</c>.</exception>
    public static ITextMatcher Words(WordList list, double atLeast, IReadOnlyList<TextPlace> places) =>
        new WordsMatcher(list.Name, Compiled.GetValue(list, l => new WordListMatcher(l)), atLeast, FoldedMessage.Places(places));

    /// <param name="places">Empty = everywhere.</param>
    /// <exception cref="ArgumentException">Names the position and the remedy.</exception>
    public static ITextMatcher Pattern(string pattern, bool ignoreCase, IReadOnlyList<TextPlace> places) =>
        new PatternMatcher(pattern, ignoreCase, FoldedMessage.Places(places));

    /// <summary>What is wrong with a word list; null when it can be compiled.</summary>
    public static string? Problem(WordList list) => WordListMatcher.Problem(list);

    /// <summary>What a list costs, at most.</summary>
    internal static WordListSize SizeOf(WordList list) => WordListMatcher.SizeOf(list);
}
