namespace SecuEdge.Filter.Scanners;

/// <summary>An engine, or one signature of it, whose convictions are only advice.</summary>
/// <param name="Signature">Null for the whole engine.</param>
/// <param name="Reason">One sentence with the figures.</param>
/// <param name="By">Who demoted it by hand; null for the breaker.</param>
/// <param name="Version">Of the engine at that time; another one ends a demotion by the breaker.</param>
/// <param name="LastConvictionAt">The quiet time begins here.</param>
public sealed record Demotion(
    string Engine, string? Signature, DateTimeOffset Since, string Reason, string? By, string Version, DateTimeOffset LastConvictionAt);

/// <summary>What a message told the breaker: one conviction by one engine.</summary>
/// <param name="KnownDomain">Domain of the sender when he is a known correspondent; null otherwise.</param>
public sealed record ConvictionSample(string Engine, string Signature, string Version, string? KnownDomain);

/// <summary>All that must survive a restart.</summary>
public sealed record BreakerState
{
    public IReadOnlyList<Demotion> Demotions { get; init; } = [];

    /// <summary>Convictions by engine and hour.</summary>
    public IReadOnlyList<HourCount> History { get; init; } = [];
}

/// <param name="Signature">Empty for the engine as a whole.</param>
/// <param name="Hour">Hours since 1970.</param>
public sealed record HourCount(string Engine, string Signature, long Hour, int Count);
