namespace SecuEdge.Cage.Jobs;

/// <summary>What can be asked of the cage. A new job is a file in this folder and a line here.</summary>
internal static class AllCageJobs
{
    public static IReadOnlyList<ICageJob> Create() =>
    [
        new CompileRulesJob(),
        new ScanRulesJob(),
    ];
}
