namespace SecuEdge.Appliance.Access;

/// <summary>
/// Makes guessing slow. Three counters per attempt: user from this client, this client, this user from anywhere. Each allows some failures,
/// then doubles a pause with every further one. The counter over all clients is the most generous, so that a stranger cannot easily
/// lock somebody out who sits elsewhere. An attempt counts as failed from its beginning: many at once gain nothing.
/// That counter does not hold back a user at a client from which he signed in before: nobody elsewhere can lock an administrator out.
/// </summary>
internal sealed class LoginLimiter(TimeProvider timeProvider)
{
    /// <summary>Counters kept at once: some megabytes. When they are full the oldest tenth goes.</summary>
    public const int Capacity = 30_000;

    /// <summary>Pairs of user and client kept at once: a megabyte or two. When they are full the oldest tenth goes.</summary>
    public const int FamiliarCapacity = 10_000;

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);

    // 15 minutes: what people bear, and 100 guesses a day for who does not stop.
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(15);

    // A day without a failure: forgotten.
    private static readonly TimeSpan Memory = TimeSpan.FromDays(1);

    private readonly Dictionary<string, Counter> _counters = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, DateTimeOffset> _familiar = new(StringComparer.OrdinalIgnoreCase);
    private readonly Lock _lock = new();
    private long _attempts;

    /// <summary>Counters in memory now.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _counters.Count;
            }
        }
    }

    /// <summary>Begins an attempt, or says how long to wait.</summary>
    /// <param name="user">As typed; empty where nobody says who he is before he is known, so that only the client counts.</param>
    public LoginAttempt Begin(string user, string client)
    {
        var now = timeProvider.GetUtcNow();
        lock (_lock)
        {
            var keys = Counted(user, client);
            var until = keys.Select(k => Find(k.Key, now)?.LockedUntil ?? DateTimeOffset.MinValue).Max();
            if (until > now)
            {
                return new LoginAttempt(until - now, IsNowLocked: false, 0);
            }

            var isNowLocked = false;
            var number = ++_attempts;
            foreach (var (key, allowed) in keys)
            {
                var counter = Add(key, now);
                counter.Failures++;
                counter.LastAt = now;
                if (counter.Failures >= allowed)
                {
                    (counter.LockedBy, counter.LockedBefore) = (number, counter.LockedUntil);
                    counter.LockedUntil = now + Pause(counter.Failures - allowed);
                    isNowLocked |= counter.Failures == allowed;
                }
            }

            return new LoginAttempt(TimeSpan.Zero, isNowLocked, number);
        }
    }

    /// <summary>It was the person himself: his failures are forgiven, those of the client against others are not.</summary>
    public void Succeed(string user, string client)
    {
        lock (_lock)
        {
            foreach (var (key, allowed) in Counted(user, client))
            {
                if (key.StartsWith('c'))
                {
                    Forgive(key, allowed, null);
                }
                else
                {
                    _counters.Remove(key);
                }
            }

            Remember(Pair(user, client));
        }
    }

    /// <summary>
    /// This attempt does not count: it was the client's only in that it succeeded, or our own trouble ended it. A pause that others brought about, at
    /// the same time, goes on: with many at once, one that is taken back must not let the next ones in.
    /// </summary>
    /// <param name="attempt">What <see cref="Begin"/> answered; its own pause ends.</param>
    public void Undo(string user, string client, LoginAttempt attempt)
    {
        lock (_lock)
        {
            foreach (var (key, allowed) in Counted(user, client))
            {
                Forgive(key, allowed, attempt);
            }
        }
    }

    /// <summary>What others try in his name is nothing to who is where he signed in before.</summary>
    private (string Key, int Allowed)[] Counted(string user, string client) =>
        user.Length > 0 && _familiar.ContainsKey(Pair(user, client)) ? Keys(user, client)[..2] : Keys(user, client);

    /// <summary>With what each allows before it pauses. An office behind one address shares the second; the third takes a determined stranger.</summary>
    private static (string Key, int Allowed)[] Keys(string user, string client) =>
        user.Length == 0 ? [($"c {client}", 20)] : [(Pair(user, client), 5), ($"c {client}", 20), ($"u {user}", 50)];

    private static string Pair(string user, string client) => $"b {client} {user}";

    private void Remember(string pair)
    {
        if (_familiar.Count >= FamiliarCapacity && !_familiar.ContainsKey(pair))
        {
            foreach (var oldest in _familiar.OrderBy(f => f.Value).Take(FamiliarCapacity / 10).Select(f => f.Key).ToList())
            {
                _familiar.Remove(oldest);
            }
        }

        _familiar[pair] = timeProvider.GetUtcNow();
    }

    private static TimeSpan Pause(int beyond) =>
        beyond > 20 ? LongestPause : TimeSpan.FromTicks(Math.Min(LongestPause.Ticks, FirstPause.Ticks << beyond));

    /// <param name="attempt">Null when it was the person himself, whom no pause shall hold up.</param>
    private void Forgive(string key, int allowed, LoginAttempt? attempt)
    {
        if (_counters.TryGetValue(key, out var counter))
        {
            counter.Failures = Math.Max(0, counter.Failures - 1);
            if (attempt is null || counter.Failures < allowed)
            {
                counter.LockedUntil = DateTimeOffset.MinValue;
            }
            else if (counter.LockedBy == attempt.Number)
            {
                counter.LockedUntil = counter.LockedBefore;
            }
        }
    }

    private Counter? Find(string key, DateTimeOffset now) =>
        _counters.TryGetValue(key, out var counter) && now - counter.LastAt < Memory ? counter : null;

    private Counter Add(string key, DateTimeOffset now)
    {
        if (Find(key, now) is { } found)
        {
            return found;
        }

        if (_counters.Count >= Capacity)
        {
            foreach (var oldest in _counters.OrderBy(c => c.Value.LastAt).Take(Capacity / 10).Select(c => c.Key).ToList())
            {
                _counters.Remove(oldest);
            }
        }

        return _counters[key] = new Counter { LastAt = now };
    }

    private sealed class Counter
    {
        public int Failures { get; set; }

        public DateTimeOffset LastAt { get; set; }

        public DateTimeOffset LockedUntil { get; set; }

        /// <summary>The attempt that began the pause, and what was before it.</summary>
        public long LockedBy { get; set; }

        public DateTimeOffset LockedBefore { get; set; }
    }
}

/// <param name="Wait">Zero when the attempt may go on.</param>
/// <param name="IsNowLocked">This one was the last before a pause.</param>
/// <param name="Number">Which one it is.</param>
internal sealed record LoginAttempt(TimeSpan Wait, bool IsNowLocked, long Number);
