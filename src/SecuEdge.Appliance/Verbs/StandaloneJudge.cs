using Microsoft.Extensions.Logging.Abstractions;
using SecuEdge.Appliance.MailFlow;
using SecuEdge.Appliance.Operations;
using SecuEdge.Appliance.Settings;
using SecuEdge.Content;
using SecuEdge.Filter;
using SecuEdge.Filter.Checks;
using SecuEdge.Filter.Scanners;

namespace SecuEdge.Appliance.Verbs;

/// <summary>Judges files in the verb's own process, with the configured engine and the default policy: nothing is stored, no appliance is needed.</summary>
internal sealed class StandaloneJudge : IAsyncDisposable
{
    private readonly string _scratch;
    private readonly IReadOnlyList<IScanner> _scanners;

    private StandaloneJudge(string scratch, IReadOnlyList<IScanner> scanners, AnalyzeOperations operations)
    {
        _scratch = scratch;
        _scanners = scanners;
        Operations = operations;
    }

    public AnalyzeOperations Operations { get; }

    public static async Task<StandaloneJudge> OpenAsync(Configuration configuration)
    {
        var time = TimeProvider.System;
        var scratch = Directory.CreateTempSubdirectory("secuedge-").FullName;
        var scanners = AllScanners.Create(
            configuration.ClamAvService.Enabled ? configuration.ClamAv : null,
            yara: null,
            rules: null,
            configuration.Icap,
            hashLists: null,
            time,
            NullLoggerFactory.Instance);
        foreach (var scanner in scanners)
        {
            switch (scanner)
            {
                case ClamAvScanner clamAv: await clamAv.RefreshStatusAsync(CancellationToken.None); break;
                case IcapScanner icap: await icap.RefreshStatusAsync(CancellationToken.None); break;
            }
        }

        var judge = new MessageJudge(
            new Anatomist(configuration.Content, scratch, time),
            new MessageFilter(AllChecks.Create(scanners, time), configuration.Filter, time, NullLogger<MessageFilter>.Instance),
            configuration.Filter,
            time);
        return new StandaloneJudge(scratch, scanners, new AnalyzeOperations(judge, new SiteHolder(), time));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var scanner in _scanners.OfType<IAsyncDisposable>())
        {
            await scanner.DisposeAsync();
        }

        Directory.Delete(_scratch, recursive: true);
    }
}
