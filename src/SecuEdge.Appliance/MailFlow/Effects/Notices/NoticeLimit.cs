namespace SecuEdge.Appliance.MailFlow.Effects.Notices;

/// <summary>
/// One notice an hour for a rule and a reader; the others are counted and told with the next one. A wave of infected mail is one notice,
/// not a wave of them. In memory: a restart may send one more.
/// </summary>
internal sealed class NoticeLimit(TimeProvider timeProvider)
{
    // A flood of rules or readers beyond this is no longer information. A tenant's own: the flood of one must not silence the others.
    private const int MaxOfTenant = 1_000;

    // Some 40 MB; two hundred tenants in a flood at once.
    private const int MaxKnown = 200_000;

    private static readonly TimeSpan Pause = TimeSpan.FromHours(1);

    private static readonly TimeSpan Sweep = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Node, string Rule, string To), (DateTimeOffset Last, int Suppressed, string Tenant)> _known = [];
    private readonly Dictionary<string, int> _countOf = new(StringComparer.OrdinalIgnoreCase);
    private DateTimeOffset _forgotAt;

    /// <returns>Null when it is not to be sent now; otherwise how many were not sent before it.</returns>
    /// <param name="tenant">Whose mail it is.</param>
    public int? Take(string tenant, string node, string rule, string to)
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

            if (IsFull(tenant))
            {
                Forget(now);
                if (IsFull(tenant))
                {
                    return null;
                }
            }

            var suppressed = known.Suppressed;
            Remove(key);
            _known[key] = (now, 0, tenant);
            _countOf[tenant] = _countOf.GetValueOrDefault(tenant) + 1;
            return suppressed;
        }
    }

    /// <summary>Nobody was told after all: the next message of the kind tells at once.</summary>
    /// <param name="missed">How many were not sent since the last one that was.</param>
    public void GiveBack(string node, string rule, string to, int missed)
    {
        var key = (node, rule, to.ToLowerInvariant());
        lock (_lock)
        {
            if (_known.TryGetValue(key, out var known))
            {
                _known[key] = known with { Last = DateTimeOffset.MinValue, Suppressed = known.Suppressed + missed };
            }
        }
    }

    private bool IsFull(string tenant) => _countOf.GetValueOrDefault(tenant) >= MaxOfTenant || _known.Count >= MaxKnown;

    private void Forget(DateTimeOffset now)
    {
        // Going through all of them for each mail of a flood would be a burden of its own.
        if (now - _forgotAt < Sweep)
        {
            return;
        }

        _forgotAt = now;
        foreach (var old in _known.Where(k => now - k.Value.Last >= Pause).Select(k => k.Key).ToList())
        {
            Remove(old);
        }
    }

    private void Remove((string Node, string Rule, string To) key)
    {
        if (_known.Remove(key, out var gone))
        {
            _countOf[gone.Tenant]--;
            if (_countOf[gone.Tenant] == 0)
            {
                _countOf.Remove(gone.Tenant);
            }
        }
    }
}
