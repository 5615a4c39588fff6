namespace SecuEdge.Appliance.MailFlow;

/// <summary>
/// When a deferred message is tried again, and when it is given up. Pure: the jitter comes from the reference, so that messages deferred
/// in the same second spread out and a test still gets the same answer twice.
/// </summary>
internal sealed class RetrySchedule(QueueOptions options)
{
    /// <summary>Quick at first, because most trouble is a restart or greylisting (usually 5 minutes); then every two hours.</summary>
    public static IReadOnlyList<TimeSpan> DefaultDelays { get; } =
    [
        TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(15), TimeSpan.FromMinutes(30), TimeSpan.FromHours(1), TimeSpan.FromHours(2),
    ];

    private readonly IReadOnlyList<TimeSpan> _delays = options.RetryDelays.Count > 0 ? [.. options.RetryDelays] : DefaultDelays;

    /// <param name="attempts">Attempts made, the failed one included.</param>
    /// <returns>Null when the lifetime is over. The last attempt comes exactly at its end.</returns>
    public DateTimeOffset? Next(string reference, DateTimeOffset receivedAt, int attempts, DateTimeOffset now)
    {
        var end = receivedAt + options.Lifetime;
        if (now >= end)
        {
            return null;
        }

        var next = now + (_delays[Math.Clamp(attempts - 1, 0, _delays.Count - 1)] * Jitter(reference, attempts));
        return next < end ? next : end;
    }

    /// <summary>0.9 to 1.1.</summary>
    private static double Jitter(string reference, int attempts)
    {
        // FNV-1a: string.GetHashCode differs from process to process.
        var hash = 2166136261u ^ (uint)attempts;
        foreach (var c in reference)
        {
            hash = (hash ^ c) * 16777619u;
        }

        return 0.9 + (0.2 * (hash % 1024) / 1023);
    }
}
