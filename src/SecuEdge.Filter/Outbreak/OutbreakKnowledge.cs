namespace SecuEdge.Filter.Outbreak;

/// <summary>What the outbreak check asks of the appliance around it.</summary>
public sealed record OutbreakKnowledge
{
    public required IRiskyFiles Files { get; init; }

    public OutbreakOptions Options { get; init; } = new();

    /// <summary>How long a message is held, the longest of its recipients; null where nobody wants that.</summary>
    public required Func<Envelope, TimeSpan?> HoldTime { get; init; }

    /// <summary>Somebody vouches for the file: SHA-256 and tenant.</summary>
    public Func<string, string, bool> IsKnownGood { get; init; } = (_, _) => false;
}
