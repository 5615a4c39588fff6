using System.Net;
using SecuEdge.Appliance.Operations;
using SecuEdge.Store.Accounts;

namespace SecuEdge.Appliance.Access;

/// <summary>Signed-in browsers. The secret is in the cookie only; what is kept is its hash.</summary>
internal sealed class SessionBook(AccountStore store, GrantBook grants, AccessOptions options, Auditor auditor, TimeProvider timeProvider)
{
    /// <summary><c>__Host-</c>: browsers take it only over HTTPS, for this host alone and for all of it (RFC 6265bis §4.1.3.2).</summary>
    public const string CookieName = "__Host-secuedge";

    // One person with a few browsers; a program that signs in again and again pushes out its own.
    private const int MaxPerAccount = 20;
    private const int MaxClientLength = 200;

    public TimeSpan Lifetime => options.SessionLifetime;

    public int Active => store.Sessions.Count(IsAlive);

    /// <summary>Always a new secret, and what the browser had before ends: nobody can plant a session in somebody else's browser.</summary>
    /// <param name="accept">Asked, with the newest record, in the same step; null refuses.</param>
    /// <returns>The session and the secret for the cookie; null when it was refused.</returns>
    public async Task<StartedSession?> StartAsync(
        Account account, Func<Account, Account?> accept, string method, string? earlier, IPAddress? address, string client, CancellationToken cancellationToken)
    {
        var secret = Secrets.NewSession();
        var now = timeProvider.GetUtcNow();
        IReadOnlyList<AccountRole> rolesBefore = [];
        return await auditor.ChangeAsync(
            store,
            draft =>
            {
                if (store.FindAccount(account.Id) is not { IsDisabled: false } newest || accept(newest) is not { } accepted)
                {
                    return null;
                }

                var session = new LoginSession
                {
                    Id = Secrets.NewId("s"),
                    Hash = Secrets.Hash(secret),
                    AccountId = account.Id,
                    CreatedAt = now,
                    LastSeenAt = now,
                    Address = address is null ? "" : AddressRanges.Plain(address).ToString(),
                    Client = new string([.. client.Where(c => !char.IsControl(c)).Take(MaxClientLength)]),
                    Method = method,
                };
                foreach (var old in Of(account.Id).Skip(MaxPerAccount - 1).ToList())
                {
                    draft.Remove(old);
                }

                if (earlier is not null && store.FindSessionByHash(Secrets.Hash(earlier)) is { } before)
                {
                    draft.Remove(before);
                }

                draft.Put(accepted with { LastLoginAt = now });
                draft.Put(session);
                rolesBefore = newest.Roles;
                return new StartedSession(accepted, session, secret);
            },
            started => DeedsOf(started!, rolesBefore),
            cancellationToken);
    }

    /// <summary>The caller behind a cookie; null when the session is over.</summary>
    /// <param name="isAtWork">Somebody asked for something. A page that only listens keeps no session alive: its user may have left the desk.</param>
    public Caller? Authenticate(string secret, IPAddress? address, bool isAtWork)
    {
        if (store.FindSessionByHash(Secrets.Hash(secret)) is not { } session || !IsAlive(session) || store.FindAccount(session.AccountId) is not { IsDisabled: false } account)
        {
            return null;
        }

        if (isAtWork)
        {
            store.Touch(session, timeProvider.GetUtcNow());
        }

        return new Caller(account.Name)
        {
            Grants = grants.GrantsOf(account),
            Address = address is null ? "" : AddressRanges.Plain(address).ToString(),
            AccountId = account.Id,
            SessionId = session.Id,
        };
    }

    /// <summary>Newest first, those that are over left out.</summary>
    public IEnumerable<LoginSession> Of(string accountId) =>
        store.Sessions.Where(s => s.AccountId == accountId && IsAlive(s)).OrderByDescending(s => s.CreatedAt).ThenBy(s => s.Id, StringComparer.Ordinal);

    /// <summary>Takes the user's sessions out, in the same step as what made them worthless.</summary>
    /// <param name="exceptSessionId">The one he is working in.</param>
    public int End(AccountDraft draft, string accountId, string? exceptSessionId = null)
    {
        var ended = store.Sessions.Where(s => s.AccountId == accountId && s.Id != exceptSessionId).ToList();
        ended.ForEach(draft.Remove);
        return ended.Count;
    }

    public bool IsAlive(LoginSession session)
    {
        var now = timeProvider.GetUtcNow();
        return now - session.LastSeenAt < options.SessionIdle && now - session.CreatedAt < options.SessionLifetime;
    }

    private static IReadOnlyList<Deed> DeedsOf(StartedSession started, IReadOnlyList<AccountRole> rolesBefore)
    {
        var (account, session) = (started.Account, started.Session);
        var login = new Deed(new Caller(account.Name) { Address = session.Address }, "login.succeeded", account.Node, account.Name, $"Signed in with {session.Method}.");
        return rolesBefore.SequenceEqual(account.Roles)
            ? [login]
            : [
                new Deed(
                    new Caller("oidc") { Address = session.Address },
                    "user.change",
                    account.Node,
                    account.Name,
                    $"Roles by groups of the identity provider: {string.Join(", ", account.Roles.Select(r => $"{r.Role} on {r.Node}"))}."),
                login,
            ];
    }
}

internal sealed record StartedSession(Account Account, LoginSession Session, string Secret);
