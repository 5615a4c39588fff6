namespace SecuEdge.Filter.Outbreak;

/// <summary>What the outbreak check asks of the appliance around it.</summary>
public sealed record OutbreakKnowledge
{
    public required IRiskyFiles Files { get; init; }

    public OutbreakOptions Options { get; init; } = new();

    /// <summary>How long the tenant holds mail of this direction; null does not hold.</summary>
    public required Func<string, Direction, TimeSpan?> HoldTime { get; init; }

    /// <summary>SHA-256 of a file the administrator knows to be good.</summary>
    public Func<string, bool> IsKnownGood { get; init; } = _ => false;
}
