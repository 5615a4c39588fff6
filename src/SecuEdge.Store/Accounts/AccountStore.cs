using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using SecuEdge.Store.Files;

namespace SecuEdge.Store.Accounts;

/// <summary>
/// Users, tokens, sessions and delegations: all in memory, for they are asked at every request, and in a journal on disk. Every change runs
/// alone and sees the newest state, so that a code that works once works once.
/// </summary>
public sealed class AccountStore : IAsyncDisposable
{
    // Last uses are for people who clean up: minutes are enough, and a busy token costs no disk.
    private static readonly TimeSpan LastUseInterval = TimeSpan.FromMinutes(5);

    // A file four times as large as what is in it, plus a day of logins.
    private const int OvertakenFactor = 4;
    private const int OvertakenFloor = 2000;

    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly AccountJournal _journal;
    private readonly LazyWriter<AccountChange> _lastUses;
    private readonly AccountTables _tables;
    private readonly ConcurrentDictionary<string, DateTimeOffset> _lastUseWritten = new();

    private AccountStore(AccountTables tables, AccountJournal journal, IReadOnlyList<string> notes, TimeProvider timeProvider, ILogger logger)
    {
        _tables = tables;
        _journal = journal;
        Notes = notes;
        _lastUses = new LazyWriter<AccountChange>("last uses of tokens and sessions", WriteLastUses, timeProvider, logger);
    }

    /// <summary>What opening had to repair, in plain sentences.</summary>
    public IReadOnlyList<string> Notes { get; }

    public IEnumerable<Account> Accounts => _tables.Accounts.Values;

    public IEnumerable<ApiToken> Tokens => _tables.Tokens.Values;

    public IEnumerable<LoginSession> Sessions => _tables.Sessions.Values;

    public IEnumerable<Delegation> Delegations => _tables.Delegations.Values;

    public static AccountStore Open(StoreOptions options, TimeProvider timeProvider, ILogger logger)
    {
        var folder = Path.Combine(options.DataFolder, "accounts");
        DurableFile.CreateFolder(options.Files, folder);
        var tables = new AccountTables();
        var notes = new List<string>();
        var journal = AccountJournal.Open(options.Files, Path.Combine(folder, "journal"), tables.Apply, notes);
        return new AccountStore(tables, journal, notes, timeProvider, logger);
    }

    public Account? FindAccount(string id) => _tables.Accounts.GetValueOrDefault(id);

    /// <param name="name">In any case.</param>
    public Account? FindAccountByName(string name) =>
        _tables.AccountIds.TryGetValue(name, out var id) ? FindAccount(id) : null;

    public ApiToken? FindToken(string id) => _tables.Tokens.GetValueOrDefault(id);

    public ApiToken? FindTokenByHash(string hash) => _tables.TokenIds.TryGetValue(hash, out var id) ? FindToken(id) : null;

    public LoginSession? FindSession(string id) => _tables.Sessions.GetValueOrDefault(id);

    public LoginSession? FindSessionByHash(string hash) => _tables.SessionIds.TryGetValue(hash, out var id) ? FindSession(id) : null;

    public Delegation? FindDelegation(string id) => _tables.Delegations.GetValueOrDefault(id);

    /// <summary>
    /// Runs the change alone; what it put into the draft is durable, and seen, when the task completes. It reads the newest state from this
    /// store.
    /// </summary>
    /// <exception cref="IOException">The disk cannot take it; nothing has changed.</exception>
    public Task<T> ChangeAsync<T>(Func<AccountDraft, T> change, CancellationToken cancellationToken) =>
        ChangeAsync(
            change,
            (_, commit) =>
            {
                commit();
                return Task.CompletedTask;
            },
            cancellationToken);

    /// <summary>The same for a change that somebody must hear of first.</summary>
    /// <param name="accept">
    /// Gets what the change returned and the step that makes it durable, to be called once; when it throws before, nothing has changed. Not
    /// called when the draft is empty.
    /// </param>
    public async Task<T> ChangeAsync<T>(Func<AccountDraft, T> change, Func<T, Action, Task> accept, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            var draft = new AccountDraft();
            var result = change(draft);
            if (draft.Changes.Count > 0)
            {
                await accept(result, () => Commit(draft));
            }

            return result;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Writes the file anew without what was overtaken or taken away: nothing of it is on disk any more.</summary>
    /// <exception cref="IOException">The disk cannot take it; what is in force is safe in any case.</exception>
    public async Task CompactAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            _journal.Rewrite([.. _tables.All()]);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Remembers that a token was used; on disk within minutes.</summary>
    public void Touch(ApiToken token, DateTimeOffset at, string address)
    {
        var used = token with { LastUsedAt = at, LastUsedFrom = address };
        if (_tables.Tokens.TryUpdate(token.Id, used, token) && IsLastUseDue(token.Id, at))
        {
            _lastUses.Add(new AccountChange { Kind = AccountKind.Token, Key = token.Id });
        }
    }

    /// <inheritdoc cref="Touch(ApiToken, DateTimeOffset, string)"/>
    public void Touch(LoginSession session, DateTimeOffset at)
    {
        if (_tables.Sessions.TryUpdate(session.Id, session with { LastSeenAt = at }, session) && IsLastUseDue(session.Id, at))
        {
            _lastUses.Add(new AccountChange { Kind = AccountKind.Session, Key = session.Id });
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _lastUses.DisposeAsync();
        _journal.Dispose();
        _gate.Dispose();
    }

    private void Commit(AccountDraft draft)
    {
        _journal.Append(draft.Changes, isDurable: true);
        draft.Changes.ForEach(_tables.Apply);
        Tidy();
    }

    private bool IsLastUseDue(string id, DateTimeOffset at)
    {
        if (_lastUseWritten.TryGetValue(id, out var written) && at - written < LastUseInterval)
        {
            return false;
        }

        _lastUseWritten[id] = at;
        return true;
    }

    /// <summary>Writes what the records are now: one that was revoked meanwhile stays revoked.</summary>
    private void WriteLastUses(IReadOnlyList<AccountChange> touched)
    {
        _gate.Wait();
        try
        {
            var changes = touched
                .Select(t => t with { Token = t.Kind == AccountKind.Token ? FindToken(t.Key) : null, Session = t.Kind == AccountKind.Session ? FindSession(t.Key) : null })
                .Where(t => t.Token is not null || t.Session is not null)
                .ToList();
            foreach (var gone in touched.Select(t => t.Key).Except(changes.Select(c => c.Key)))
            {
                _lastUseWritten.TryRemove(gone, out _);
            }

            if (changes.Count > 0)
            {
                _journal.Append(changes, isDurable: false);
                Tidy();
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    private void Tidy()
    {
        if (_journal.Count <= (OvertakenFactor * _tables.Count) + OvertakenFloor)
        {
            return;
        }

        try
        {
            _journal.Rewrite([.. _tables.All()]);
        }
        catch (Exception e) when (DurableFile.IsDiskTrouble(e))
        {
            // The change itself is safe in the old file; the next one tries again.
        }

        foreach (var id in _lastUseWritten.Keys.Where(id => FindToken(id) is null && FindSession(id) is null).ToList())
        {
            _lastUseWritten.TryRemove(id, out _);
        }
    }
}
