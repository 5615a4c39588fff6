namespace SecuEdge.Filter.Policy.Rules.Matching;

/// <summary>
/// What regular expressions found in one message, and the time they share: each alone is bounded, but there may be hundreds, and attachments
/// without end. When the time is over the rest are unknown. Answers are kept, so that explaining a decision asks nothing twice.
/// </summary>
internal sealed class PatternMemory(TimeProvider timeProvider)
{
    /// <summary>A second for all patterns of a message; ordinary ones take milliseconds.</summary>
    internal static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    internal const string OverSentence = "the patterns of this message took longer than a second together, so this one was not asked to its end; write them simpler";

    // Explanations are read later, and not always on the thread of the decision.
    private readonly Lock _lock = new();
    private readonly Dictionary<object, (object About, Truth Truth, string Why)> _known = new(ReferenceEqualityComparer.Instance);
    private TimeSpan _spent;
    private long _started;

    /// <summary>Asked by a matcher between two texts.</summary>
    public bool IsOver => _spent + timeProvider.GetElapsedTime(_started) >= Limit;

    /// <param name="matcher">Who asks.</param>
    /// <param name="about">What it asks about, one object a message.</param>
    public Truth Ask(object matcher, object about, Func<(Truth Truth, string Why)> find, out string why)
    {
        lock (_lock)
        {
            if (!_known.TryGetValue(matcher, out var known) || !ReferenceEquals(known.About, about))
            {
                _started = timeProvider.GetTimestamp();
                var (truth, sentence) = IsOver ? (Truth.Unknown, OverSentence) : find();
                _spent += timeProvider.GetElapsedTime(_started);
                _known[matcher] = known = (about, truth, sentence);
            }

            why = known.Why;
            return known.Truth;
        }
    }
}
