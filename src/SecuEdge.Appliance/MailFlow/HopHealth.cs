using System.Collections.Concurrent;
using SecuEdge.Smtp;

namespace SecuEdge.Appliance.MailFlow;

/// <summary>Which next hops did not answer a moment ago, and what was wrong.</summary>
internal sealed class HopHealth(QueueOptions options, TimeProvider timeProvider)
{
    // Mail by MX meets new dead addresses every day; those nobody asks for again must go.
    private const int EntriesBeforeCleaning = 1_000;

    private readonly ConcurrentDictionary<SmtpEndpoint, (DateTimeOffset Until, SmtpReply Trouble)> _down = new();

    /// <returns>The trouble of the last attempt while the hop is left alone; null when it may be tried.</returns>
    public SmtpReply? TroubleOf(SmtpEndpoint hop)
    {
        if (!_down.TryGetValue(hop, out var entry))
        {
            return null;
        }

        if (timeProvider.GetUtcNow() < entry.Until)
        {
            return entry.Trouble;
        }

        _down.TryRemove(hop, out _);
        return null;
    }

    public void MarkDown(SmtpEndpoint hop, SmtpReply trouble)
    {
        var now = timeProvider.GetUtcNow();
        if (_down.Count >= EntriesBeforeCleaning)
        {
            foreach (var (old, _) in _down.Where(e => e.Value.Until <= now))
            {
                _down.TryRemove(old, out _);
            }
        }

        _down[hop] = (now + options.HopBackoff, trouble);
    }

    public void MarkUp(SmtpEndpoint hop) => _down.TryRemove(hop, out _);
}
