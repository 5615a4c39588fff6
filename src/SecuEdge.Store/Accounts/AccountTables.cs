using System.Collections.Concurrent;

namespace SecuEdge.Store.Accounts;

/// <summary>The records in memory, with the ways to find them. Read by anybody, changed by one at a time.</summary>
internal sealed class AccountTables
{
    public ConcurrentDictionary<string, Account> Accounts { get; } = new();

    public ConcurrentDictionary<string, ApiToken> Tokens { get; } = new();

    public ConcurrentDictionary<string, LoginSession> Sessions { get; } = new();

    public ConcurrentDictionary<string, Delegation> Delegations { get; } = new();

    /// <summary>By name.</summary>
    public ConcurrentDictionary<string, string> AccountIds { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>By hash.</summary>
    public ConcurrentDictionary<string, string> TokenIds { get; } = new();

    /// <summary>By hash.</summary>
    public ConcurrentDictionary<string, string> SessionIds { get; } = new();

    public int Count => Accounts.Count + Tokens.Count + Sessions.Count + Delegations.Count;

    public void Apply(AccountChange change)
    {
        switch (change.Kind)
        {
            case AccountKind.Account:
                Replace(Accounts, AccountIds, change.Key, change.Account, a => a.Name);
                break;
            case AccountKind.Token:
                Replace(Tokens, TokenIds, change.Key, change.Token, t => t.Hash);
                break;
            case AccountKind.Session:
                Replace(Sessions, SessionIds, change.Key, change.Session, s => s.Hash);
                break;
            case AccountKind.Delegation:
                Replace(Delegations, null, change.Key, change.Delegation, d => d.Id);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(change), change.Kind, null);
        }
    }

    public IEnumerable<AccountChange> All()
    {
        var draft = new AccountDraft();
        foreach (var account in Accounts.Values)
        {
            draft.Put(account);
        }

        foreach (var token in Tokens.Values)
        {
            draft.Put(token);
        }

        foreach (var session in Sessions.Values)
        {
            draft.Put(session);
        }

        foreach (var delegation in Delegations.Values)
        {
            draft.Put(delegation);
        }

        return draft.Changes;
    }

    private static void Replace<T>(
        ConcurrentDictionary<string, T> records, ConcurrentDictionary<string, string>? index, string key, T? record, Func<T, string> indexed)
        where T : class
    {
        if (records.TryGetValue(key, out var before))
        {
            index?.TryRemove(new KeyValuePair<string, string>(indexed(before), key));
        }

        if (record is null)
        {
            records.TryRemove(key, out _);
            return;
        }

        records[key] = record;
        if (index is not null)
        {
            index[indexed(record)] = key;
        }
    }
}
