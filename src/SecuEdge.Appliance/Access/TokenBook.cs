using System.Net;
using SecuEdge.Appliance.Operations;
using SecuEdge.Store.Accounts;

namespace SecuEdge.Appliance.Access;

/// <summary>Turns a token that was sent into the caller it stands for.</summary>
internal sealed class TokenBook(AccountStore store, GrantBook grants, TimeProvider timeProvider)
{
    /// <summary>Found by its hash, which nobody can steer: that the comparison is an ordinary one tells nothing.</summary>
    public TokenAnswer Authenticate(string token, IPAddress? address)
    {
        var now = timeProvider.GetUtcNow();
        if (store.FindTokenByHash(Secrets.Hash(token)) is not { } known)
        {
            return new TokenAnswer(LoginFailure.TokenUnknown, null, null);
        }

        if (known.ExpiresAt <= now)
        {
            return new TokenAnswer(LoginFailure.TokenExpired, known, null);
        }

        if (!AddressRanges.Contain(known.Networks, address))
        {
            return new TokenAnswer(LoginFailure.TokenNetwork, known, null);
        }

        if (!grants.HasNode(known.Node) || (known.CreatorId is { } creator && store.FindAccount(creator) is not { IsDisabled: false }))
        {
            return new TokenAnswer(LoginFailure.TokenOrphaned, known, null);
        }

        var from = address is null ? "" : AddressRanges.Plain(address).ToString();
        store.Touch(known, now, from);
        return new TokenAnswer(null, known, new Caller(NameOf(known)) { Grants = grants.GrantsOf(known), Address = from, Token = known });
    }

    /// <summary>As it stands in the audit log. Names of tokens are the tenants' business and repeat; users' names have no brackets.</summary>
    public static string NameOf(ApiToken token) =>
        token.Permissions.Contains(ApiToken.Everything) ? token.Name : $"{token.Name} ({token.Id})";
}

/// <param name="Failure">Null when it may come in.</param>
/// <param name="Token">Known, even when it may not.</param>
internal sealed record TokenAnswer(LoginFailure? Failure, ApiToken? Token, Caller? Caller);
