using Microsoft.Extensions.Logging;

namespace SecuEdge.Filter.Scanners;

/// <summary>The engines of this appliance. A new one is a file in this folder and a line here.</summary>
public static class AllScanners
{
    public static IReadOnlyList<IScanner> Create(ClamAvOptions clamAv, TimeProvider timeProvider, ILoggerFactory loggers) =>
    [
        new ClamAvScanner(clamAv, timeProvider, loggers.CreateLogger<ClamAvScanner>()),
    ];
}
