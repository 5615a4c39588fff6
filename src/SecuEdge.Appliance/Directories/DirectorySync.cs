using System.Collections.Concurrent;
using SecuEdge.Appliance.Events;
using SecuEdge.Appliance.Settings;

namespace SecuEdge.Appliance.Directories;

/// <summary>
/// Reads one directory and takes over what was read:
/// <list type="number">
/// <item>only a complete reading counts; anything else leaves the snapshot in force as it is;</item>
/// <item>one that lost more than half of the addresses or groups waits for a person's word: an account that lost its rights, or a filter with a
/// slip, looks just like that; so does a first one that found nobody: without a snapshot mail is answered 451, with an empty one 550;</item>
/// <item>the rest is on disk before it is in force.</item>
/// </list>
/// </summary>
internal sealed partial class DirectorySync(
    DirectoryReader reader, DirectorySecrets secrets, DirectoryShelf shelf, DirectoryStates states, EventHub events, DirectoryOptions options, TimeProvider timeProvider,
    ILogger<DirectorySync> logger) : IDisposable
{
    /// <summary>After a failure; doubled with each further one, up to the directory's own interval.</summary>
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMinutes(1);

    // Of the interval, so that directories of one provider are not all read in the same second.
    private const double Jitter = 0.1;

    private readonly ConcurrentDictionary<string, SemaphoreSlim> _turns = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _places = new(options.MaxParallel, options.MaxParallel);

    /// <param name="acceptLoss">A person says that the many that are gone are really gone, or that there is nobody.</param>
    public Task<DirectoryState> SyncAsync(DirectoryKey key, TenantDirectory directory, bool acceptLoss, CancellationToken cancellationToken) =>
        InTurnAsync(
            key,
            async () =>
            {
                var (reading, trouble) = await ReadNowAsync(key, directory, cancellationToken);
                var before = states[key];
                var now = timeProvider.GetUtcNow();
                var snapshot = reading is null ? null : DirectorySnapshot.Of(reading, now);
                if (reading is not null && snapshot is null)
                {
                    trouble = "people are in so many groups, groups in groups counted, that it does not fit; choose a narrower groupFilter";
                }

                var after = snapshot is null ? Failed(before, directory, trouble, now) : TakeOver(key, directory, snapshot, before, acceptLoss, now);
                states[key] = after;
                Tell(key, before, after);
                return after;
            },
            cancellationToken);

    /// <summary>What is there now, without taking it over.</summary>
    public Task<(DirectoryReading? Reading, string Trouble)> ReadAsync(DirectoryKey key, TenantDirectory directory, CancellationToken cancellationToken) =>
        InTurnAsync(key, () => ReadNowAsync(key, directory, cancellationToken), cancellationToken);

    public void Dispose() => _places.Dispose();

    private async Task<(DirectoryReading? Reading, string Trouble)> ReadNowAsync(DirectoryKey key, TenantDirectory directory, CancellationToken cancellationToken)
    {
        var password = secrets.Find(key, directory);
        return password is null && directory.BindName.Length > 0
            ? (null, "password: is missing, or was given for other addresses, another protection or another account; give it with PUT /api/v1/directories/NAME")
            : await reader.ReadAsync(key.Tenant, directory, password ?? "", cancellationToken);
    }

    /// <summary>One directory of a tenant after the other: slow servers of one tenant take one place, and not those of all.</summary>
    private async Task<T> InTurnAsync<T>(DirectoryKey key, Func<Task<T>> act, CancellationToken cancellationToken)
    {
        var turn = _turns.GetOrAdd(key.Tenant, _ => new SemaphoreSlim(1, 1));
        await turn.WaitAsync(cancellationToken);
        try
        {
            await _places.WaitAsync(cancellationToken);
            try
            {
                return await act();
            }
            finally
            {
                _places.Release();
            }
        }
        finally
        {
            turn.Release();
        }
    }

    private DirectoryState TakeOver(DirectoryKey key, TenantDirectory directory, DirectorySnapshot snapshot, DirectoryState state, bool acceptLoss, DateTimeOffset now)
    {
        var current = shelf.Find(key);
        if (current is null && !acceptLoss && snapshot.Addresses.Count == 0)
        {
            var nobody =
                $"no address was found, so that all mail for its domains would be refused; check peopleFilter, base and what the account may see. If there really are none: POST /api/v1/directories/{directory.Name}:sync?acceptLoss=true";
            return Failed(state, directory, nobody, now) with { AwaitsConsent = true };
        }

        if (current is not null && !acceptLoss && snapshot.HasLostTooMuch(current))
        {
            var gone = $"{current.Added(snapshot)} of {current.Addresses.Count} addresses and {snapshot.LostGroups(current)} of {current.Groups.Count} groups would go";
            var since = $"{current.ReadAt.UtcDateTime:yyyy-MM-dd HH:mm}";
            var trouble =
                $"{gone}, which looks like a mistake; what was read at {since} UTC stays in force. If they are really gone: POST /api/v1/directories/{directory.Name}:sync?acceptLoss=true";
            return Failed(state, directory, trouble, now) with { AwaitsConsent = true };
        }

        try
        {
            var (added, removed) = (snapshot.Added(current), current?.Added(snapshot) ?? 0);
            shelf.Put(key, snapshot);
            LogRead(key.Tenant, key.Name, snapshot.EntryCount, snapshot.Groups.Count, added, removed);
            return new DirectoryState
            {
                LastTry = now,
                LastSuccess = now,
                Added = added + removed == 0 ? state.Added : added,
                Removed = added + removed == 0 ? state.Removed : removed,
                NextTry = now + (TimeSpan.FromMinutes(directory.IntervalMinutes) * (1 - (Jitter * Random.Shared.NextDouble()))),
            };
        }
        catch (IOException e)
        {
            LogNotStored(e, key.Tenant, key.Name);
            return Failed(state, directory, "what was read could not be stored; check free disk space", now);
        }
    }

    private static DirectoryState Failed(DirectoryState state, TenantDirectory directory, string trouble, DateTimeOffset now)
    {
        var interval = TimeSpan.FromMinutes(directory.IntervalMinutes);
        var wait = FirstRetry * Math.Pow(2, Math.Min(state.Failures, 16));
        return state with
        {
            LastTry = now,
            Trouble = trouble,
            FailingSince = state.FailingSince ?? now,
            Failures = state.Failures + 1,
            AwaitsConsent = false,
            NextTry = now + (wait < interval ? wait : interval),
        };
    }

    /// <summary>The first failure, and the first success after it.</summary>
    private void Tell(DirectoryKey key, DirectoryState before, DirectoryState after)
    {
        if (after.Trouble.Length > 0 && after.Trouble != before.Trouble)
        {
            LogFailed(key.Tenant, key.Name, after.Trouble);
        }

        if (before.FailingSince is null == after.FailingSince is null)
        {
            return;
        }

        events.Publish(new GatewayEvent(
            after.FailingSince is null ? EventNames.DirectoryRecovered : EventNames.DirectoryFailed,
            timeProvider.GetUtcNow(),
            key.Tenant,
            key.Name,
            new DirectoryHappening(key.Name, after.Trouble, after.AwaitsConsent, shelf.Find(key)?.ReadAt)));
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Directory {Tenant}/{Name} was read: {Entries} entries, {Groups} groups, {Added} addresses added, {Removed} removed")]
    private partial void LogRead(string tenant, string name, int entries, int groups, int added, int removed);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Directory {Tenant}/{Name} was not read: {Trouble}")]
    private partial void LogFailed(string tenant, string name, string trouble);

    [LoggerMessage(Level = LogLevel.Error, Message = "What was read of directory {Tenant}/{Name} could not be stored")]
    private partial void LogNotStored(Exception exception, string tenant, string name);
}

/// <summary>What happened to a directory.</summary>
/// <param name="Name">Name of the directory.</param>
/// <param name="Trouble">Why it was not read; empty when it was.</param>
/// <param name="AwaitsConsent">It was read, and lost so much, or found so little, that a person must agree.</param>
/// <param name="ReadAt">When what is in force was read; absent when nothing was ever.</param>
public sealed record DirectoryHappening(string Name, string Trouble, bool AwaitsConsent, DateTimeOffset? ReadAt);
