using System.Globalization;

namespace SecuEdge.Filter.Scanners;

/// <summary>
/// The circuit breaker of convictions. Engines err in bursts: one bad signature update, and every invoice is malware. A signature (or the
/// engine, when it is many signatures) that convicts far above its own history, or convicts known correspondents, is believed no more for a
/// while: its convictions are advice, the mail is held instead of kept in quarantine. It never lets mail pass by itself.
/// <code>
/// believed ── far above history, known correspondents, or a person ──► advisory
///    ▲                                                                     │
///    └── quiet for hours, or new signatures, or a person ◄─────────────────┘
/// </code>
/// </summary>
public sealed class ConvictionGuard(BreakerOptions options, TimeProvider timeProvider) : IAdvisories
{
    // The administrator's own hash lists are decisions, not opinions.
    private const string OwnLists = "hashlist";

    // Signatures with a history of their own; what is rarer than the 5,000 latest has none to speak of.
    private const int MaxSignatures = 5000;
    private static readonly TimeSpan KnownWindow = TimeSpan.FromHours(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<Key, ConvictionHistory> _histories = [];
    private readonly Dictionary<Key, Demotion> _demotions = [];
    private readonly Dictionary<Key, DateTimeOffset> _trustedUntil = [];
    private readonly MinuteCounter _messages = new();
    private volatile bool _hasDemotions;

    public IReadOnlyList<Demotion> Demotions
    {
        get
        {
            lock (_lock)
            {
                return [.. _demotions.Values.OrderBy(d => d.Since)];
            }
        }
    }

    public bool IsAdvisory(string engine, string signature)
    {
        if (!_hasDemotions || IsTestFile(signature))
        {
            return false;
        }

        lock (_lock)
        {
            return _demotions.ContainsKey(new Key(engine, "")) || _demotions.ContainsKey(new Key(engine, signature));
        }
    }

    /// <summary>The files that everybody tests with, EICAR's and ClamAV's own, are always what they say.</summary>
    public static bool IsTestFile(string signature) =>
        signature.Contains("eicar", StringComparison.OrdinalIgnoreCase) || signature.Contains("ClamAV-Test-File", StringComparison.OrdinalIgnoreCase);

    /// <summary>One more message was judged, convicted or not.</summary>
    public void CountMessage()
    {
        lock (_lock)
        {
            _messages.Add(timeProvider.GetUtcNow());
        }
    }

    /// <summary>What one message was convicted for. Two engines that agree are right: nothing is counted then.</summary>
    /// <returns>The demotion that this brought; null in nearly every case.</returns>
    public Demotion? Observe(IReadOnlyList<ConvictionSample> samples)
    {
        if (samples.Count == 0 || samples.Any(s => IsTestFile(s.Signature) || s.Engine == OwnLists) || samples.Select(s => s.Engine).Distinct().Count() > 1)
        {
            return null;
        }

        lock (_lock)
        {
            var now = timeProvider.GetUtcNow();
            Demotion? tripped = null;
            foreach (var sample in samples.DistinctBy(s => s.Signature))
            {
                var key = new Key(sample.Engine, sample.Signature);
                HistoryOf(key).Add(now, sample.KnownDomain);
                Prolong(key, now);
                tripped ??= Judge(key, sample.Version, now);
            }

            // What a demoted signature convicts does not count against its engine.
            var engine = new Key(samples[0].Engine, "");
            Prolong(engine, now);
            if (samples.All(s => !_demotions.ContainsKey(new Key(s.Engine, s.Signature))))
            {
                HistoryOf(engine).Add(now, samples[0].KnownDomain);
                tripped ??= Judge(engine, samples[0].Version, now);
            }

            return tripped;
        }
    }

    /// <summary>Demotions that end by themselves: quiet long enough, or the engine has other signatures now.</summary>
    public IReadOnlyList<Demotion> Expire(Func<string, string> versionOf)
    {
        lock (_lock)
        {
            var now = timeProvider.GetUtcNow();
            List<Demotion> ended = [];
            foreach (var (key, demotion) in _demotions)
            {
                var version = versionOf(demotion.Engine);
                // A person who demoted it wants to see it quiet first.
                var hasChanged = demotion.By is null && version.Length > 0 && demotion.Version.Length > 0 && version != demotion.Version;
                if (hasChanged || now - demotion.LastConvictionAt >= options.QuietTime)
                {
                    ended.Add(demotion);
                    _histories.GetValueOrDefault(key)?.StartAfresh();
                }
            }

            ended.ForEach(d => _demotions.Remove(KeyOf(d)));
            _hasDemotions = _demotions.Count > 0;
            return ended;
        }
    }

    /// <param name="signature">Null for the whole engine.</param>
    public Demotion Demote(string engine, string? signature, string reason, string by, string version)
    {
        lock (_lock)
        {
            return Demote(new Key(engine, signature ?? ""), reason, by, version, timeProvider.GetUtcNow());
        }
    }

    /// <summary>Believed again, and not demoted by the breaker for the quiet time: a person knows better.</summary>
    /// <param name="signature">Null for the engine and all its signatures.</param>
    public IReadOnlyList<Demotion> Restore(string engine, string? signature)
    {
        lock (_lock)
        {
            var until = timeProvider.GetUtcNow() + options.QuietTime;
            List<Demotion> restored = [.. _demotions.Values.Where(d => d.Engine == engine && (signature is null || d.Signature == signature))];
            foreach (var key in restored.Select(KeyOf).Append(new Key(engine, signature ?? "")).Distinct())
            {
                _demotions.Remove(key);
                _trustedUntil[key] = until;
                _histories.GetValueOrDefault(key)?.StartAfresh();
            }

            _hasDemotions = _demotions.Count > 0;
            return restored;
        }
    }

    public BreakerState Save()
    {
        lock (_lock)
        {
            return new BreakerState
            {
                Demotions = [.. _demotions.Values],
                History = [.. _histories.SelectMany(h => h.Value.AllHours, (h, hour) => new HourCount(h.Key.Engine, h.Key.Signature, hour.Key, hour.Value))],
            };
        }
    }

    /// <summary>Once, before the first message.</summary>
    public void Load(BreakerState state)
    {
        lock (_lock)
        {
            var oldest = ConvictionHistory.HourOf(timeProvider.GetUtcNow()) - ConvictionHistory.Hours;
            foreach (var hour in state.History.Where(h => h.Hour >= oldest))
            {
                HistoryOf(new Key(hour.Engine, hour.Signature)).AddHour(hour.Hour, hour.Count);
            }

            foreach (var demotion in state.Demotions)
            {
                _demotions[KeyOf(demotion)] = demotion;
            }

            _hasDemotions = _demotions.Count > 0;
        }
    }

    private static Key KeyOf(Demotion demotion) => new(demotion.Engine, demotion.Signature ?? "");

    private Demotion? Judge(Key key, string version, DateTimeOffset now)
    {
        if (!options.Enabled || _demotions.ContainsKey(key) || _demotions.ContainsKey(key with { Signature = "" })
            || (_trustedUntil.TryGetValue(key, out var until) && now < until))
        {
            return null;
        }

        var history = _histories[key];
        var known = history.KnownDomains(now, KnownWindow);
        if (key.Signature.Length > 0 && known >= options.KnownCorrespondents)
        {
            return Demote(key, $"convicted mail of {known} known correspondents within an hour", null, version, now);
        }

        var count = history.Within(now, options.Window);
        var usual = history.UsualPerHour(now);
        var messages = Math.Max(_messages.Within(now, options.Window), count);
        var percent = 100.0 * count / messages;
        return count > Math.Max(options.MinConvictions, options.HistoryFactor * usual) && percent > options.MinPercent
            ? Demote(key, string.Create(CultureInfo.InvariantCulture, $"convicted {count} of {messages} messages in {options.Window.TotalMinutes:0} minutes; usual are {usual:0.##} an hour"), null, version, now)
            : null;
    }

    private Demotion Demote(Key key, string reason, string? by, string version, DateTimeOffset now)
    {
        var demotion = new Demotion(key.Engine, key.Signature.Length == 0 ? null : key.Signature, now, reason, by, version, now);
        _trustedUntil.Remove(key);
        _demotions[key] = demotion;
        _hasDemotions = true;
        if (key.Signature.Length > 0)
        {
            // What this one signature did is not held against the engine besides.
            _histories.GetValueOrDefault(key with { Signature = "" })?.StartAfresh();
        }

        return demotion;
    }

    private void Prolong(Key key, DateTimeOffset now)
    {
        if (_demotions.TryGetValue(key, out var demotion))
        {
            _demotions[key] = demotion with { LastConvictionAt = now };
        }
    }

    private ConvictionHistory HistoryOf(Key key)
    {
        if (_histories.TryGetValue(key, out var history))
        {
            return history;
        }

        if (_histories.Count >= MaxSignatures)
        {
            _histories.Remove(_histories.Where(h => h.Key.Signature.Length > 0).MinBy(h => h.Value.LastAt).Key);
        }

        _histories.Add(key, history = new ConvictionHistory());
        return history;
    }

    /// <param name="Signature">Empty for the engine as a whole.</param>
    private readonly record struct Key(string Engine, string Signature);
}
