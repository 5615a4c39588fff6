namespace SecuEdge.Appliance.MailFlow;

/// <summary>
/// Makes the references of messages: <c>7K2F-9QXM</c>, eight characters of Crockford's base 32 (no I, L, O, U, so they survive the telephone).
/// Forty bits count 1/4096 seconds since 2025: sortable, and unique over a restart without anything of its own on disk, because no appliance
/// takes 4,096 messages in every second. Where the clock was set back, <see cref="StartAfter"/> keeps them unique all the same. The range
/// lasts 8.5 years, longer than any message log is kept.
/// </summary>
internal sealed class References(TimeProvider timeProvider)
{
    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private const long TicksPerReference = TimeSpan.TicksPerSecond / 4096;
    private const int Length = 9;
    private const int HyphenAt = 4;

    private static readonly DateTimeOffset Epoch = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private long _last;

    /// <summary>A reference of an earlier run: the next ones are higher, whatever the clock says. What is no reference of ours is ignored.</summary>
    public void StartAfter(string reference)
    {
        var known = Parse(reference);
        long previous;
        do
        {
            previous = Volatile.Read(ref _last);
            if (known <= previous)
            {
                return;
            }
        }
        while (Interlocked.CompareExchange(ref _last, known, previous) != previous);
    }

    public string Next()
    {
        long previous;
        long next;
        do
        {
            previous = Volatile.Read(ref _last);
            // A burst runs ahead of the clock instead of repeating; so does a clock that is set back.
            next = Math.Max(previous + 1, (timeProvider.GetUtcNow() - Epoch).Ticks / TicksPerReference);
        }
        while (Interlocked.CompareExchange(ref _last, next, previous) != previous);

        return string.Create(Length, next, static (text, value) =>
        {
            for (var i = Length - 1; i >= 0; i--)
            {
                if (i == HyphenAt)
                {
                    text[i] = '-';
                    continue;
                }

                text[i] = Alphabet[(int)(value & 31)];
                value >>= 5;
            }
        });
    }

    /// <returns>The number behind a reference; -1 when it is none.</returns>
    private static long Parse(string reference)
    {
        if (reference.Length != Length || reference[HyphenAt] != '-')
        {
            return -1;
        }

        var value = 0L;
        foreach (var digit in reference.Remove(HyphenAt, 1).Select(c => Alphabet.IndexOf(c, StringComparison.Ordinal)))
        {
            if (digit < 0)
            {
                return -1;
            }

            value = (value << 5) | (long)digit;
        }

        return value;
    }
}
