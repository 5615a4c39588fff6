using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Operations;
using SecuEdge.Store.Accounts;

namespace SecuEdge.Appliance.Tests.Api.Permissions;

/// <summary>Makes tokens for callers of the generated test, past the API: it makes none that has expired.</summary>
internal static class TestTokens
{
    public static async Task<string> AddAsync(RunningGateway gateway, TestCaller caller)
    {
        var secret = Secrets.NewToken();
        var token = new ApiToken
        {
            Id = Secrets.NewId("t"),
            Name = caller.Name,
            Hash = Secrets.Hash(secret),
            Node = caller.Node!,
            Permissions = [.. caller.Permissions.Select(MailAccess.Word)],
            CreatedAt = DateTimeOffset.UnixEpoch,
            ExpiresAt = caller.IsExpired ? DateTimeOffset.UnixEpoch.AddDays(1) : null,
            Networks = caller.Networks,
        };
        await gateway.Service<AccountStore>().ChangeAsync(
            draft =>
            {
                draft.Put(token);
                return true;
            },
            TestContext.Current.CancellationToken);
        return secret;
    }
}
