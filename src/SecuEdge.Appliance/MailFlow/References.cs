namespace SecuEdge.Appliance.MailFlow;

/// <summary>
/// Makes the references of messages: <c>7K2F-9QXM</c>, eight characters of Crockford's base 32 (no I, L, O, U, so they survive the telephone).
/// Forty bits count 1/4096 seconds since 2025: sortable, and unique over a restart without anything on disk, because no appliance takes
/// 4,096 messages in every second. The range lasts 8.5 years, longer than any message log is kept.
/// </summary>
internal sealed class References(TimeProvider timeProvider)
{
    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private const long TicksPerReference = TimeSpan.TicksPerSecond / 4096;

    private static readonly DateTimeOffset Epoch = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private long _last;

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

        return string.Create(9, next, static (text, value) =>
        {
            for (var i = 8; i >= 0; i--)
            {
                if (i == 4)
                {
                    text[i] = '-';
                    continue;
                }

                text[i] = Alphabet[(int)(value & 31)];
                value >>= 5;
            }
        });
    }
}
