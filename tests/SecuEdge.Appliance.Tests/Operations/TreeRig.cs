using System.Collections.Frozen;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Events;
using SecuEdge.Appliance.Operations;
using SecuEdge.Appliance.Settings;
using SecuEdge.Smtp;
using SecuEdge.Store;
using SecuEdge.Store.Audit;
using SecuEdge.Store.Settings;
using SecuEdge.TestKit;

namespace SecuEdge.Appliance.Tests.Operations;

/// <summary>The operations of the tenant tree over a real store, without gateway: provider, two resellers, their customers.</summary>
internal sealed class TreeRig : IAsyncDisposable
{
    private const string Tree = """
        {"tenants":[
          {"name":"north","kind":"reseller","service":{"contacts":["help@north.example"]}},
          {"name":"south","kind":"reseller"},
          {"name":"acme","parent":"north","domains":[{"name":"acme.example","nextHops":["h:25"],"recipients":["info"]}],"outbound":{"networks":["10.0.0.1"]}},
          {"name":"shop","parent":"north"},
          {"name":"farm","parent":"south","domains":[{"name":"farm.example","nextHops":["h:25"]}]}]}
        """;

    private readonly SettingsStore _store;
    private TempFolder? _folder;

    private TreeRig(TempFolder folder, SettingsStore store, long budget)
    {
        _folder = folder;
        _store = store;
        Auditor = new Auditor(Audit, Time);
        Editor = new SiteEditor(store, Sites, Auditor, new RevisionBudget(Time, budget));
        Sites.Current = new SiteDirectory(Site.Empty);
        SiteOperations = new SiteOperations(store, Sites, Editor);
        var challenge = new DomainChallenge(States, Dns);
        Tenants = new TenantOperations(Editor, Sites, new ApplianceOptions(), Time);
        Domains = new DomainOperations(Editor, Sites, challenge, new DomainProofs(Editor, Events, Time));
        Recipients = new RecipientOperations(Editor, Domains);
        Revisions = new RevisionOperations(store, Sites, Editor);
        Trials = new TrialOperations(Editor, Sites, challenge, new NoTokens(), new ApplianceOptions(), new SmtpServerOptions { Hostname = "mx.test.example" }, Time);
        Watch = NewWatch();
    }

    /// <summary>What is written to disk.</summary>
    public ISettingsStore Store => _store;

    /// <summary>Bytes of the journal so far.</summary>
    public long JournalBytes => Directory.GetFiles(Path.Combine(_folder!.Path, "settings"), "journal-*").Sum(f => new FileInfo(f).Length);

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 3, 1, 8, 0, 0, TimeSpan.Zero));

    public SiteHolder Sites { get; } = new();

    public FakeDns Dns { get; } = new();

    public MemoryStateFiles States { get; } = new();

    public MemoryAuditLog Audit { get; } = new();

    public EventHub Events { get; } = new();

    public Auditor Auditor { get; }

    public SiteEditor Editor { get; }

    public SiteOperations SiteOperations { get; }

    public TenantOperations Tenants { get; }

    public DomainOperations Domains { get; }

    public RecipientOperations Recipients { get; }

    public RevisionOperations Revisions { get; }

    public TrialOperations Trials { get; }

    public TrialWatch Watch { get; private set; }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<TreeRig> StartAsync(long budget = RevisionBudget.UsualBytes)
    {
        var rig = await OpenAsync(new TempFolder(inMemory: true), budget);
        Assert.Null((await rig.SiteOperations.ImportAsync(Caller.Local, Tree, "start", plan: false, Cancellation)).Problem);
        return rig;
    }

    /// <summary>The appliance after a restart, with what is stored in force; this one is over.</summary>
    public async Task<TreeRig> RestartAsync()
    {
        var folder = _folder!;
        _folder = null;
        await DisposeAsync();
        var rig = await OpenAsync(folder);
        await rig.SiteOperations.LoadAsync(_ => { }, TestContext.Current.CancellationToken);
        return rig;
    }

    /// <summary>Who may do everything at a node and below it, except what is said.</summary>
    public static Caller Manager(string node, params Permission[] without) =>
        new($"manager-of-{node}") { Grants = [new Grant(node, Grant.All.Except(without).ToFrozenSet())] };

    /// <summary>As after a restart of the appliance.</summary>
    public void RestartWatch() => Watch = NewWatch();

    public async ValueTask DisposeAsync()
    {
        Editor.Dispose();
        Watch.Dispose();
        await _store.DisposeAsync();
        _folder?.Dispose();
    }

    private static async Task<TreeRig> OpenAsync(TempFolder folder, long budget = RevisionBudget.UsualBytes) =>
        new(folder, await SettingsStore.OpenAsync(new StoreOptions { DataFolder = folder.Path }, new FakeTimeProvider(), NullLogger.Instance, Cancellation), budget);

    private TrialWatch NewWatch() => new(Sites, Events, Auditor, States, Time, NullLogger<TrialWatch>.Instance);

    /// <summary>Tokens have tests of their own.</summary>
    private sealed class NoTokens : ITokenIssuer
    {
        public Task<IssuedToken?> IssueAsync(Caller caller, TokenOrder order, CancellationToken cancellationToken) => Task.FromResult<IssuedToken?>(null);
    }
}
