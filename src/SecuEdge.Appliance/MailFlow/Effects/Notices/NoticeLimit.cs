namespace SecuEdge.Appliance.MailFlow.Effects.Notices;

/// <summary>
/// One notice an hour for a rule and a reader; the others are counted and told with the next one. A wave of infected mail is one notice,
/// not a wave of them. In memory: a restart may send one more.
/// </summary>
internal sealed class NoticeLimit(TimeProvider timeProvider)
{
    // A flood of rules or readers beyond this is no longer information.
    private const int MaxKnown = 20_000;

    private static readonly TimeSpan Pause = TimeSpan.FromHours(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Node, string Rule, string To), (DateTimeOffset Last, int Suppressed)> _known = [];

    /// <returns>Null when it is not to be sent now; otherwise how many were not sent before it.</returns>
    public int? Take(string node, string rule, string to)
    {
        var now = timeProvider.GetUtcNow();
        var key = (node, rule, to.ToLowerInvariant());
        lock (_lock)
        {
            if (_known.TryGetValue(key, out var known) && now - known.Last < Pause)
            {
                _known[key] = known with { Suppressed = known.Suppressed + 1 };
                return null;
            }

            if (_known.Count >= MaxKnown && !_known.ContainsKey(key))
            {
                foreach (var old in _known.Where(k => now - k.Value.Last >= Pause).Select(k => k.Key).ToList())
                {
                    _known.Remove(old);
                }

                if (_known.Count >= MaxKnown)
                {
                    return null;
                }
            }

            _known[key] = (now, 0);
            return known.Suppressed;
        }
    }
}
