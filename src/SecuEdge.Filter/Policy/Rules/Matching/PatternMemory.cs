using SecuEdge.Filter.Policy.Lexical;

namespace SecuEdge.Filter.Policy.Rules.Matching;

/// <summary>
/// What regular expressions and word lists found in one message, and the work they share: each alone is bounded, but there may be hundreds, and
/// attachments without end. When the work is over the rest are unknown. A pattern that is slow on this message is charged no more than its share, so that a
/// text made to be slow for one does not silence the others. Answers are kept, so that explaining a decision asks nothing twice.
/// </summary>
/// <param name="processorTime">Of the calling thread: a busy machine must not make answers unknown.</param>
internal sealed class PatternMemory(Func<TimeSpan> processorTime)
{
    /// <summary>For all patterns and lists of a message, each charged with its share at most; ordinary ones take milliseconds.</summary>
    internal static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    /// <summary>For one pattern or list: a quarter of a second a megabyte of text and as much again.</summary>
    internal static readonly TimeSpan Share = TimeSpan.FromSeconds(0.5);

    /// <summary>Whatever is charged: no message gets more of the machine.</summary>
    internal static readonly TimeSpan Whole = TimeSpan.FromSeconds(4);

    internal const string OverSentence = "this pattern, or all of this message together, took too long, so it was not asked to its end; write them simpler";

    // Explanations are read later, and not always on the thread of the decision.
    private readonly Lock _lock = new();
    private readonly Dictionary<object, (object About, Truth Truth, string Why)> _known = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<(WordListMatcher List, int Places), (object About, WordWeight? Weight)> _weights = [];
    private TimeSpan _charged;
    private TimeSpan _spent;
    private TimeSpan _started;

    /// <summary>Asked by a matcher between two texts.</summary>
    public bool IsOver => processorTime() - _started is var own && (own >= Share || _spent + own >= Whole || _charged + own >= Limit);

    /// <param name="matcher">Who asks.</param>
    /// <param name="about">What it asks about, one object a message.</param>
    public Truth Ask(object matcher, object about, Func<(Truth Truth, string Why)> find, out string why)
    {
        lock (_lock)
        {
            if (!_known.TryGetValue(matcher, out var known) || !ReferenceEquals(known.About, about))
            {
                var (truth, sentence) = Charge(find, (Truth.Unknown, OverSentence));
                _known[matcher] = known = (about, truth, sentence);
            }

            why = known.Why;
            return known.Truth;
        }
    }

    /// <param name="asked">The list and the places, as bits.</param>
    /// <param name="about">What is weighed, one object a message.</param>
    /// <returns>Null when the work is over.</returns>
    public WordWeight? Weigh((WordListMatcher List, int Places) asked, object about, Func<WordWeight> weigh)
    {
        lock (_lock)
        {
            if (!_weights.TryGetValue(asked, out var known) || !ReferenceEquals(known.About, about))
            {
                _weights[asked] = known = (about, Charge<WordWeight?>(weigh, null));
            }

            return known.Weight;
        }
    }

    private T Charge<T>(Func<T> find, T over)
    {
        _started = processorTime();
        var found = IsOver ? over : find();
        var own = processorTime() - _started;
        _spent += own;
        _charged += own < Share ? own : Share;
        return found;
    }
}
