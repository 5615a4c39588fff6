using System.Threading.Channels;
using SecuEdge.Appliance.Operations;
using SecuEdge.Appliance.Settings;
using SecuEdge.Store.Accounts;

namespace SecuEdge.Appliance.Access;

/// <summary>
/// Takes away what nobody can use any more: sessions and delegations that are over, and everything of a node that was deleted. The latter at
/// once, so that a new node of the same name inherits neither users nor tokens.
/// </summary>
internal sealed partial class AccessSweep(AccountStore store, SessionBook sessions, SiteHolder sites, Auditor auditor, TimeProvider timeProvider, ILogger<AccessSweep> logger)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    // A full disk is not asked in each moment.
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(5);

    // So long a delegation that is over can still be seen in the list.
    private static readonly TimeSpan DelegationAftermath = TimeSpan.FromDays(30);

    private readonly Channel<Removal> _removals = Channel.CreateUnbounded<Removal>();

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        sites.Changed += OnSiteChanged;
        // The site is in force by now: what it dropped at this start, or just before a crash, has no change to hear of any more.
        ForgetOrphans();
        return base.StartAsync(cancellationToken);
    }

    public override void Dispose()
    {
        sites.Changed -= OnSiteChanged;
        base.Dispose();
    }

    /// <summary>Sessions and delegations that are over.</summary>
    public async Task<int> SweepAsync(CancellationToken cancellationToken)
    {
        var now = timeProvider.GetUtcNow();
        return await store.ChangeAsync(
            draft =>
            {
                var over = store.Sessions.Where(s => !sessions.IsAlive(s)).ToList();
                var old = store.Delegations.Where(d => d.ExpiresAt + DelegationAftermath < now).ToList();
                over.ForEach(draft.Remove);
                old.ForEach(draft.Remove);
                return over.Count + old.Count;
            },
            cancellationToken);
    }

    /// <summary>Users, tokens and delegations of one node now, also on the disk; its name comes free for nobody by this.</summary>
    public async Task ForgetAsync(string node, CancellationToken cancellationToken)
    {
        await ForgetAsync(new Removal(new HashSet<string>(StringComparer.OrdinalIgnoreCase) { node }, timeProvider.GetUtcNow()), cancellationToken);
        await store.CompactAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, timeProvider);
        await Task.WhenAll(
            LoopAsync(async () => await timer.WaitForNextTickAsync(stoppingToken), () => RoundAsync(stoppingToken), stoppingToken),
            LoopAsync(async () => await _removals.Reader.WaitToReadAsync(stoppingToken), () => ForgetAsync(stoppingToken), stoppingToken));
    }

    private async Task RoundAsync(CancellationToken stoppingToken)
    {
        ForgetOrphans();
        await SweepAsync(stoppingToken);
    }

    private void ForgetOrphans()
    {
        var site = sites.Current;
        var gone = store.Accounts.SelectMany(a => a.Roles.Select(r => r.Node).Append(a.Node))
            .Concat(store.Tokens.Select(t => t.Node))
            .Concat(store.Delegations.Select(d => d.Node))
            .Where(site.IsGone)
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        if (gone.Count > 0)
        {
            _removals.Writer.TryWrite(new Removal(gone, timeProvider.GetUtcNow()));
        }
    }

    private async Task LoopAsync(Func<Task<bool>> wait, Func<Task> work, CancellationToken stoppingToken)
    {
        try
        {
            while (await wait())
            {
                try
                {
                    await work();
                }
                catch (Exception e) when (e is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
                {
                    // Whatever it was: what is over does not work anyway, and is tried again.
                    LogFailed(e);
                    await Task.Delay(RetryPause, timeProvider, stoppingToken);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The appliance stops.
        }
    }

    private void OnSiteChanged(SiteDirectory before, SiteDirectory now)
    {
        var gone = before.Site.Tenants.Select(t => t.Name).Where(now.IsGone).ToHashSet(StringComparer.OrdinalIgnoreCase);
        if (gone.Count > 0)
        {
            _removals.Writer.TryWrite(new Removal(gone, timeProvider.GetUtcNow()));
        }
    }

    private async Task ForgetAsync(CancellationToken cancellationToken)
    {
        // It waits on until it is done: by the next round there may be a new node of the name, and nobody would know what is whose.
        while (_removals.Reader.TryPeek(out var removal))
        {
            await ForgetAsync(removal, cancellationToken);
            _removals.Reader.TryRead(out _);
        }
    }

    private Task<List<(string Node, string What)>> ForgetAsync(Removal removal, CancellationToken cancellationToken) => auditor.ChangeAsync(
        store,
        draft => Forget(draft, removal),
        forgotten => (IReadOnlyList<Deed>)[.. forgotten.Select(f => new Deed(Caller.Local, "access.forget", f.Node, f.What, "The node was deleted."))],
        cancellationToken);

    private List<(string Node, string What)> Forget(AccountDraft draft, Removal removal)
    {
        var forgotten = new List<(string Node, string What)>();

        // What is newer belongs to a new node of the same name.
        bool Goes(string node, DateTimeOffset createdAt) => removal.Nodes.Contains(node) && createdAt <= removal.At;
        foreach (var account in store.Accounts.ToList())
        {
            if (Goes(account.Node, account.CreatedAt))
            {
                draft.Remove(account);
                sessions.End(draft, account.Id);
                forgotten.Add((account.Node, account.Name));
            }
            else if (account.Roles.Any(r => removal.Nodes.Contains(r.Node)))
            {
                draft.Put(account with { Roles = [.. account.Roles.Where(r => !removal.Nodes.Contains(r.Node))] });
                forgotten.Add((account.Node, account.Name));
            }
        }

        foreach (var token in store.Tokens.Where(t => Goes(t.Node, t.CreatedAt)).ToList())
        {
            draft.Remove(token);
            forgotten.Add((token.Node, TokenBook.NameOf(token)));
        }

        foreach (var delegation in store.Delegations.Where(d => Goes(d.Node, d.CreatedAt)).ToList())
        {
            draft.Remove(delegation);
            forgotten.Add((delegation.Node, delegation.Id));
        }

        return forgotten;
    }

    private sealed record Removal(IReadOnlySet<string> Nodes, DateTimeOffset At);

    [LoggerMessage(Level = LogLevel.Error, Message = "Sessions, users or tokens that are over could not be removed from the disk")]
    private partial void LogFailed(Exception exception);
}
