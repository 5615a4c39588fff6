using SecuEdge.Filter.Outbreak;
using SecuEdge.Filter.Scanners;

namespace SecuEdge.Filter.Checks;

/// <summary>Every check, in the order of the report. A new one is a file in this folder and a line here.</summary>
public static class AllChecks
{
    public static IReadOnlyList<ICheck> Create(IReadOnlyList<IScanner> scanners) => Create(scanners, TimeProvider.System);

    /// <remarks>Engines first: they are waiting for their daemon while the others, which only compute, do their work.</remarks>
    /// <param name="outbreak">What the appliance has seen before; without it (a single file judged on its own) nothing can be called new.</param>
    public static IReadOnlyList<ICheck> Create(
        IReadOnlyList<IScanner> scanners, TimeProvider timeProvider, IAdvisories? advisories = null, OutbreakKnowledge? outbreak = null) =>
    [
        .. scanners.Select(scanner => new ScannerCheck(scanner, timeProvider, advisories)),
        new GtubeCheck(),
        new AnatomyCheck(),
        new StructureCheck(),
        .. outbreak is null ? Array.Empty<ICheck>() : [new OutbreakCheck(outbreak, timeProvider)],
    ];
}
