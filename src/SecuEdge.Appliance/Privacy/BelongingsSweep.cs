using System.Collections.Concurrent;
using System.Threading.Channels;
using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Operations;
using SecuEdge.Appliance.Settings;

namespace SecuEdge.Appliance.Privacy;

/// <summary>
/// Removes what a node leaves behind that is no mail, at once: an import that leaves a tenant out erases nothing, and a webhook that stayed
/// would tell the former company the mail of the next one of that name.
/// </summary>
internal sealed partial class BelongingsSweep(IEnumerable<INodeBelongings> kinds, SiteHolder sites, Auditor auditor, TimeProvider timeProvider, ILogger<BelongingsSweep> logger)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    // Something that was being made when its node went may come after it; nobody waits longer for the disk.
    private static readonly TimeSpan Aftermath = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<string, DateTimeOffset> _gone = new(StringComparer.OrdinalIgnoreCase);
    private readonly Channel<bool> _changed = Channel.CreateBounded<bool>(1);

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        sites.Changed += OnSiteChanged;
        return base.StartAsync(cancellationToken);
    }

    public override void Dispose()
    {
        sites.Changed -= OnSiteChanged;
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The site is in force by now: what it dropped at this start, or just before a crash, has no change to hear of any more.
        while (!stoppingToken.IsCancellationRequested)
        {
            await SweepAsync();
            await WaitAsync(stoppingToken);
        }
    }

    private async Task SweepAsync()
    {
        var ended = _gone.Where(g => timeProvider.GetUtcNow() - g.Value > Aftermath).ToList();
        var isDone = true;
        foreach (var kind in kinds)
        {
            foreach (var belonging in kind.Belongings.Where(b => IsLeft(b, sites.Current)).ToList())
            {
                isDone &= await RemoveAsync(kind, belonging);
            }
        }

        // What could not be removed is still known to be of the former node when there is another one.
        if (isDone)
        {
            ended.ForEach(e => _gone.TryRemove(e));
        }
    }

    private bool IsLeft(NodeBelonging belonging, SiteDirectory site) =>
        site.IsGone(belonging.Node) || (_gone.TryGetValue(belonging.Node, out var end) && belonging.Since <= end);

    private async Task<bool> RemoveAsync(INodeBelongings kind, NodeBelonging belonging)
    {
        try
        {
            await auditor.DoAsync([new Deed(Caller.Local, kind.Removal, belonging.Node, belonging.Name, "The node was deleted.")], () => kind.RemoveAsync(belonging));
            return true;
        }
        catch (Exception e)
        {
            // Whatever it was: the others go, and this one is tried again with the next change, or in a minute.
            LogFailed(e, belonging.Node, belonging.Name);
            return false;
        }
    }

    /// <summary>Until the next change, or a minute.</summary>
    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        using var minute = new CancellationTokenSource(Interval, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(minute.Token, cancellationToken);
        try
        {
            await _changed.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The minute is over.
        }
    }

    private void OnSiteChanged(SiteDirectory before, SiteDirectory now)
    {
        var end = timeProvider.GetUtcNow();
        foreach (var name in before.Site.Tenants.Select(t => t.Name).Where(now.IsGone))
        {
            _gone[name] = end;
        }

        _changed.Writer.TryWrite(true);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "What the deleted node {Node} left behind could not be removed: {Name}")]
    private partial void LogFailed(Exception exception, string node, string name);
}
