using Microsoft.Extensions.Logging.Abstractions;
using SecuEdge.Appliance.MailFlow;
using SecuEdge.Appliance.Operations;
using SecuEdge.Appliance.Settings;
using SecuEdge.Appliance.Yara;
using SecuEdge.Cage.Examination;
using SecuEdge.Cage.Pool;
using SecuEdge.Filter;
using SecuEdge.Filter.Checks;
using SecuEdge.Filter.Policy.Rules;
using SecuEdge.Filter.Scanners;

namespace SecuEdge.Appliance.Verbs;

/// <summary>Judges files in the verb's own process, with the configured engine and the default policy: nothing is stored, no appliance is needed.</summary>
internal sealed class StandaloneJudge : IAsyncDisposable
{
    private readonly string _scratch;
    private readonly CagePool _cage;
    private readonly IReadOnlyList<IScanner> _scanners;

    private StandaloneJudge(string scratch, CagePool cage, IReadOnlyList<IScanner> scanners, AnalyzeOperations operations)
    {
        _scratch = scratch;
        _cage = cage;
        _scanners = scanners;
        Operations = operations;
    }

    public AnalyzeOperations Operations { get; }

    public static async Task<StandaloneJudge> OpenAsync(Configuration configuration)
    {
        var time = TimeProvider.System;
        var scratch = Directory.CreateTempSubdirectory("secuedge-").FullName;
        var cage = new CagePool(configuration.Cage, scratch, time);
        var rules = configuration.Yara.Enabled ? await RulesAsync(configuration, cage, scratch) : null;
        var scanners = AllScanners.Create(
            configuration.ClamAvService.Enabled ? configuration.ClamAv : null,
            configuration.Yara,
            rules,
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
            new CagedAnatomist(configuration.Content, cage, scratch, configuration.Filter.MaxParallelMessages, configuration.Filter.CheckTimeout, time),
            new MessageFilter(AllChecks.Create(scanners, time), configuration.Filter, time, NullLogger<MessageFilter>.Instance),
            new FactsReader(),
            time,
            NullLogger<MessageJudge>.Instance);
        return new StandaloneJudge(scratch, cage, scanners, new AnalyzeOperations(judge, new SiteHolder(), time));
    }

    /// <summary>The rules that the appliance of this data folder would use; from a copy, so that a bad file is not touched here.</summary>
    private static async Task<CagedRuleEngine> RulesAsync(Configuration configuration, CagePool cage, string scratch)
    {
        var source = Path.Combine(configuration.Appliance.Data, "yara");
        var copy = Path.Combine(scratch, "yara");
        foreach (var (from, to) in new[] { (source, copy), (Path.Combine(source, "fetched"), Path.Combine(copy, "fetched")) })
        {
            Directory.CreateDirectory(to);
            foreach (var file in Directory.Exists(from) ? Directory.GetFiles(from, "*.yar") : [])
            {
                File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
            }
        }

        var caged = new RuleCage(cage.RunAsync, cage.RunAloneAsync, scratch);
        var book = new RuleBook(new RuleFolder(copy, configuration.YaraService.MaxRuleBytes), new RuleTrial(caged, configuration.YaraService), NullLogger<RuleBook>.Instance);
        await book.ReloadAsync(CancellationToken.None);
        return new CagedRuleEngine(book, caged, configuration.Yara);
    }

    public async ValueTask DisposeAsync()
    {
        await _cage.DisposeAsync();
        foreach (var scanner in _scanners.OfType<IAsyncDisposable>())
        {
            await scanner.DisposeAsync();
        }

        Directory.Delete(_scratch, recursive: true);
    }
}
