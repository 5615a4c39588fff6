using SecuEdge.Appliance.Settings;

namespace SecuEdge.Appliance.Directories;

/// <summary>Reads each directory when it is due: at start, when its settings changed, at its interval, sooner after a failure. A slow one delays no other.</summary>
internal sealed partial class DirectoryUpdates(
    DirectorySync sync, DirectoryShelf shelf, DirectorySecrets secrets, DirectoryStates states, SiteHolder sites, DirectoryOptions options, TimeProvider timeProvider,
    ILogger<DirectoryUpdates> logger) : BackgroundService
{
    private readonly Dictionary<DirectoryKey, (TenantDirectory Directory, Task Task)> _running = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Beat, timeProvider);
        try
        {
            do
            {
                Look(stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }

        await Task.WhenAll(_running.Values.Select(r => r.Task));
    }

    private void Look(CancellationToken cancellationToken)
    {
        var site = sites.Current;
        Tidy(site);
        var now = timeProvider.GetUtcNow();
        foreach (var (route, directory) in site.Tenants.Where(t => t.Tenant.Directories.Count > 0 && !t.IsSuspended(now)).SelectMany(t => t.Tenant.Directories.Select(d => (t, d))))
        {
            var key = new DirectoryKey(route.Tenant.Name, directory.Name);
            var isKnown = _running.TryGetValue(key, out var running);
            // A tenant is read anew with every change; only what says something else is another directory.
            var isChanged = !isKnown || (!ReferenceEquals(running.Directory, directory) && !AreSame(running.Directory, directory));
            if (directory.Enabled && (!isKnown || running.Task.IsCompleted) && (isChanged || states[key].NextTry <= now))
            {
                _running[key] = (directory, ReadAsync(key, directory, cancellationToken));
            }
        }
    }

    private async Task ReadAsync(DirectoryKey key, TenantDirectory directory, CancellationToken cancellationToken)
    {
        try
        {
            await sync.SyncAsync(key, directory, acceptLoss: false, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // It is read at the next start.
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // A fault of ours must not end the reading of all; this one is tried again.
            states[key] = states[key] with { NextTry = timeProvider.GetUtcNow() + TimeSpan.FromMinutes(directory.IntervalMinutes) };
            LogFailed(e, key.Tenant, key.Name);
        }
    }

    /// <summary>What belongs to directories that no longer are: another tenant of that name must not inherit it.</summary>
    private void Tidy(SiteDirectory site)
    {
        try
        {
            // Settings that cannot be used do not say what the tenant has: it is there again once they are mended.
            bool IsGone(DirectoryKey key) => !site.Unusable.Any(u => u.Name == key.Tenant) && site.FindTenant(key.Tenant)?.Tenant.Directories.Any(d => d.Name.Equals(key.Name, StringComparison.OrdinalIgnoreCase)) != true;
            foreach (var key in shelf.Keys.Where(IsGone).ToList())
            {
                shelf.Remove(key);
            }

            secrets.Remove(IsGone);
            states.Remove(IsGone);
            foreach (var key in _running.Where(r => r.Value.Task.IsCompleted && IsGone(r.Key)).Select(r => r.Key).ToList())
            {
                _running.Remove(key);
            }
        }
        catch (Exception e)
        {
            // Whatever it was: directories are read all the same.
            LogNotTidied(e);
        }
    }

    private static bool AreSame(TenantDirectory one, TenantDirectory other) =>
        System.Text.Json.JsonSerializer.Serialize(one, SiteJson.Options) == System.Text.Json.JsonSerializer.Serialize(other, SiteJson.Options);

    [LoggerMessage(Level = LogLevel.Error, Message = "Directory {Tenant}/{Name} could not be read")]
    private partial void LogFailed(Exception exception, string tenant, string name);

    [LoggerMessage(Level = LogLevel.Error, Message = "What was read of directories that are gone could not be deleted; it is tried again")]
    private partial void LogNotTidied(Exception exception);
}
