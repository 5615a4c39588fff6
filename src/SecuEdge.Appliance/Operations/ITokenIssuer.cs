using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Settings;

namespace SecuEdge.Appliance.Operations;

/// <summary>Makes the token of a new customer.</summary>
internal interface ITokenIssuer
{
    /// <returns>The token, shown this once, and what it may do; null when none can be made that is bound to the node.</returns>
    Task<IssuedToken?> IssueAsync(Caller caller, TokenOrder order, CancellationToken cancellationToken);
}

/// <param name="Node">The token is good for this and what is below it.</param>
internal sealed record TokenOrder(string Name, string Node, IReadOnlySet<Permission> Permissions, DateTimeOffset? ExpiresAt);

/// <param name="Secret">Shown this once.</param>
internal sealed record IssuedToken(string Secret, IReadOnlyList<Permission> Permissions);

/// <summary>Makes it as the caller himself would: he cannot give what he has not, so the token has what both have.</summary>
internal sealed class TokenIssuer(TokenOperations tokens, SiteHolder sites) : ITokenIssuer
{
    public async Task<IssuedToken?> IssueAsync(Caller caller, TokenOrder order, CancellationToken cancellationToken)
    {
        List<Permission> given = [.. order.Permissions.Where(p => caller.May(p, order.Node, sites.Current))];
        var outcome = await tokens.CreateAsync(
            caller, new TokenDraft(order.Name, order.Node, given, "Made with the trial", order.ExpiresAt, []), cancellationToken);
        return outcome.Problem is null ? new IssuedToken(outcome.Value.Secret, given) : null;
    }
}
