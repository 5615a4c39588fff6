using Microsoft.Extensions.Logging;
using SecuEdge.Filter.Scanners.HashLists;
using SecuEdge.Filter.Scanners.Yara;

namespace SecuEdge.Filter.Scanners;

/// <summary>The engines of this appliance. A new one is a file in this folder and a line here.</summary>
public static class AllScanners
{
    /// <param name="clamAv">Null = switched off; so are the others.</param>
    public static IReadOnlyList<IScanner> Create(
        ClamAvOptions? clamAv,
        YaraOptions? yara,
        IRuleEngine? rules,
        IcapOptions? icap,
        HashListStore? hashLists,
        TimeProvider timeProvider,
        ILoggerFactory loggers)
    {
        List<IScanner> all = [];
        if (clamAv is not null)
        {
            all.Add(new ClamAvScanner(clamAv, timeProvider, loggers.CreateLogger<ClamAvScanner>()));
        }

        if (yara is { Enabled: true } && rules is not null)
        {
            all.Add(new YaraScanner(rules, yara, loggers.CreateLogger<YaraScanner>()));
        }

        if (icap is { Enabled: true })
        {
            all.Add(new IcapScanner(icap, timeProvider, loggers.CreateLogger<IcapScanner>()));
        }

        if (hashLists is not null)
        {
            all.Add(new HashListScanner(hashLists));
        }

        return all;
    }
}
