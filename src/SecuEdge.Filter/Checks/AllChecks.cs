using SecuEdge.Filter.Scanners;

namespace SecuEdge.Filter.Checks;

/// <summary>Every check, in the order of the report. A new one is a file in this folder and a line here.</summary>
public static class AllChecks
{
    public static IReadOnlyList<ICheck> Create(IReadOnlyList<IScanner> scanners) => Create(scanners, TimeProvider.System);

    /// <remarks>Engines first: they are waiting for their daemon while the others, which only compute, do their work.</remarks>
    public static IReadOnlyList<ICheck> Create(IReadOnlyList<IScanner> scanners, TimeProvider timeProvider) =>
    [
        .. scanners.Select(scanner => new ScannerCheck(scanner, timeProvider)),
        new GtubeCheck(),
        new AnatomyCheck(),
        new StructureCheck(),
    ];
}
