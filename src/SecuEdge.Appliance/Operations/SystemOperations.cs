using SecuEdge.Appliance.Backtest;
using SecuEdge.Appliance.Directories;
using SecuEdge.Appliance.MailFlow;
using SecuEdge.Appliance.Settings;
using SecuEdge.Appliance.Supervision;
using SecuEdge.Appliance.Telemetry;
using SecuEdge.Cage.Pool;
using SecuEdge.Filter;
using SecuEdge.Filter.Scanners;
using SecuEdge.Store.Quarantine;
using SecuEdge.Store.Settings;
using SecuEdge.Store.Spool;

namespace SecuEdge.Appliance.Operations;

/// <summary>How the appliance is, for people and for probes: the same facts in API, /readyz and metrics.</summary>
internal sealed class SystemOperations(
    Stores stores,
    ISpool spool,
    IQuarantine quarantine,
    MailQueue queue,
    IReadOnlyList<IScanner> scanners,
    CagePool cage,
    MessageFilter filter,
    SiteHolder sites,
    ISettingsStore settings,
    ClamAvSupervision supervision,
    DirectoryStates directories,
    ConvictionGuard guard,
    GatewayMetrics metrics,
    OwnNames names,
    StartNotes notes,
    TimeProvider timeProvider)
{
    private static readonly TimeSpan OldSignatures = TimeSpan.FromHours(24);

    private readonly DateTimeOffset _startedAt = timeProvider.GetUtcNow();

    /// <summary>Everything any check can find: the score table.</summary>
    public IReadOnlyList<FindingDefinition> Findings => filter.Catalogue;

    public SystemStatus Status()
    {
        var now = timeProvider.GetUtcNow();
        var store = spool.Status;
        var line = queue.Figures;
        List<EngineStatus> engines = [.. scanners.Select(scanner => EngineStatus.Of(scanner, metrics, now))];
        var problems = new List<string>();
        var warnings = new List<string>();
        if (!store.IsAccepting)
        {
            problems.Add($"storage: {store.Trouble}");
        }

        foreach (var engine in engines)
        {
            if (!engine.IsReady)
            {
                problems.Add($"{engine.Name}: {engine.Trouble}; mail is answered 451 until it scans");
            }
            else if (engine.Trouble.Length > 0)
            {
                warnings.Add($"{engine.Name}: {engine.Trouble}");
            }
            else if (engine is { IsDaily: true, SignaturesAt: { } published } && now - published > OldSignatures)
            {
                warnings.Add($"{engine.Name}: signatures are {(now - published).TotalHours:0} hours old");
            }
        }

        var caged = CageState.Of(cage.Status);
        if (caged.Trouble.Length > 0)
        {
            problems.Add($"cage: {caged.Trouble}; mail with attachments that must be opened is answered 451");
        }

        // The other two depend on how the gateway is run, and the manual says so.
        warnings.AddRange(caged.Bars.Where(bar => !bar.Holds && bar.Name is ("limits" or "landlock" or "seccomp")).Select(bar => $"cage: without {bar.Name}: {bar.Detail}"));
        foreach (var demotion in guard.Demotions)
        {
            var whom = demotion.Signature is { } signature ? $"signature {signature}" : "all its convictions";
            var by = demotion.By is { } person ? $" by {person}" : "";
            warnings.Add($"{demotion.Engine}: {whom} only hold mail since {demotion.Since.UtcDateTime:yyyy-MM-dd HH:mm} UTC{by}: {demotion.Reason}; POST /api/v1/engines/{demotion.Engine}:restore ends it");
        }

        // The administrator's own lists are no antivirus.
        if (scanners.All(scanner => scanner is HashListScanner))
        {
            warnings.Add("antivirus is switched off by configuration (SECUEDGE__ClamAv__Enabled=false)");
        }

        if (sites.Current.Site.Tenants.Count == 0)
        {
            warnings.Add("no tenant is configured: all mail is refused; import a site file");
        }

        warnings.AddRange(names.Warnings());
        if (supervision.Status is { IsDegraded: true, Trouble: var trouble })
        {
            warnings.Add(trouble);
        }

        if (stores.LogTrouble is { Length: > 0 } logTrouble)
        {
            warnings.Add($"message log: {logTrouble}");
        }

        warnings.AddRange(directories.Warnings());
        warnings.AddRange(sites.Current.Unusable.Select(u => u.Sentence));
        warnings.AddRange(OriginNeeds.Warnings(sites.Current.Site, stores.Origin));
        warnings.AddRange(notes.All);
        return new SystemStatus
        {
            Status = problems.Count > 0 ? "unavailable" : warnings.Count > 0 ? "degraded" : "ready",
            Problems = problems,
            Warnings = warnings,
            Version = typeof(SystemOperations).Assembly.GetName().Version!.ToString(3),
            StartedAt = _startedAt,
            Engines = engines,
            Cage = caged,
            Queue = new QueueStatus(line.Active, line.Deferred, line.Held, line.OldestAge.TotalSeconds, line.OldestHeldAge.TotalSeconds),
            QuarantineMessages = quarantine.Count,
            QuarantineBytes = quarantine.TotalBytes,
            FreeBytes = store.FreeBytes,
            SiteRevision = settings.Revision,
            Tenants = sites.Current.Site.Tenants.Count,
            Domains = sites.Current.Site.Tenants.Sum(t => t.Domains.Count),
        };
    }
}

/// <summary>What the start found and repaired, in plain sentences: shown until the next start.</summary>
internal sealed class StartNotes
{
    private readonly List<string> _all = [];

    public IReadOnlyList<string> All => _all;

    public void Add(IEnumerable<string> notes) => _all.AddRange(notes);
}

/// <summary>State of the appliance.</summary>
public sealed record SystemStatus
{
    /// <summary><c>ready</c>, <c>degraded</c> (mail flows, somebody should look), or <c>unavailable</c> (mail is answered 4xx).</summary>
    public required string Status { get; init; }

    /// <summary>Why mail does not flow.</summary>
    public required IReadOnlyList<string> Problems { get; init; }

    /// <summary>What somebody should look at.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    public required string Version { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public required IReadOnlyList<EngineStatus> Engines { get; init; }

    public required CageState Cage { get; init; }

    public required QueueStatus Queue { get; init; }

    public required int QuarantineMessages { get; init; }

    public required long QuarantineBytes { get; init; }

    /// <summary>Free space of the data folder.</summary>
    public required long FreeBytes { get; init; }

    /// <summary>0 = nothing was imported yet.</summary>
    public required int SiteRevision { get; init; }

    public required int Tenants { get; init; }

    public required int Domains { get; init; }
}

/// <summary>One engine.</summary>
public sealed record EngineStatus
{
    /// <summary><c>clamav</c>, <c>yara</c>, <c>icap</c>, <c>hashlist</c>.</summary>
    public required string Name { get; init; }

    /// <summary>It could scan now. Mail is answered 451 otherwise.</summary>
    public required bool IsReady { get; init; }

    /// <summary>Engine and signatures as the engine names them; it changes with every update.</summary>
    public required string Version { get; init; }

    /// <summary>When the signatures were published; absent when the engine does not say.</summary>
    public DateTimeOffset? SignaturesAt { get; init; }

    public double? SignatureAgeHours { get; init; }

    /// <summary>Signatures of single files, stale after a day.</summary>
    public required bool IsDaily { get; init; }

    /// <summary>Messages it was asked about since the start, and how it answered.</summary>
    public required EngineAnswers Answers { get; init; }

    /// <summary>Why it is not ready, or what is degraded; empty otherwise.</summary>
    public required string Trouble { get; init; }

    internal static EngineStatus Of(IScanner scanner, GatewayMetrics metrics, DateTimeOffset now)
    {
        var status = scanner.Status;
        return new EngineStatus
        {
            Name = scanner.Name,
            IsReady = status.IsReady,
            Version = status.Version,
            SignaturesAt = status.SignaturesAt,
            SignatureAgeHours = status.SignaturesAt is { } published ? Math.Round((now - published).TotalHours, 1) : null,
            IsDaily = status.IsDaily,
            Answers = new EngineAnswers(
                metrics.EngineAnswers(scanner.Name, "clean"),
                metrics.EngineAnswers(scanner.Name, "hit"),
                metrics.EngineAnswers(scanner.Name, "error"),
                metrics.EngineAnswers(scanner.Name, "timeout")),
            Trouble = status.Trouble,
        };
    }
}

public sealed record EngineAnswers(long Clean, long Hit, long Error, long Timeout);

/// <summary>The processes that take mail apart, and what keeps them in.</summary>
/// <param name="Workers">Processes wanted.</param>
/// <param name="Waiting">Jobs without a process.</param>
/// <param name="Restarts">Since the start, those in turn included.</param>
/// <param name="LastFailure">Why a process was last replaced out of turn; empty when none was.</param>
/// <param name="Bars">Empty until the first process runs.</param>
public sealed record CageState(
    int Workers, int Ready, int Busy, int Waiting, long Restarts, string LastFailure, DateTimeOffset? LastFailureAt, string Trouble, IReadOnlyList<CageBar> Bars)
{
    internal static CageState Of(CageStatus status) => new(
        status.Workers,
        status.Ready,
        status.Busy,
        status.Waiting,
        status.Restarts,
        status.LastFailure,
        status.LastFailureAt,
        status.Trouble,
        [.. status.Bars.Select(bar => new CageBar(bar.Name, bar.Holds, bar.Detail))]);
}

/// <param name="Name"><c>limits</c>, <c>namespaces</c>, <c>user</c>, <c>landlock</c>, <c>seccomp</c>.</param>
public sealed record CageBar(string Name, bool Holds, string Detail);

/// <param name="Held">Waiting to be judged again.</param>
public sealed record QueueStatus(int Active, int Deferred, int Held, double OldestAgeSeconds, double OldestHeldSeconds);
