namespace SecuEdge.Cage.Sandbox;

/// <summary>What a worker is told when it is started, as one argument.</summary>
internal sealed record WorkerSettings
{
    public required string Scratch { get; init; }

    public required IReadOnlyList<string> ReadableFolders { get; init; }

    public required long MaxMemoryBytes { get; init; }

    public required long MaxScratchBytes { get; init; }

    public required int Parent { get; init; }

    /// <summary>Bars that stand already: filled by the first stage for the second.</summary>
    public IReadOnlyList<Bar> Bars { get; init; } = [];
}
