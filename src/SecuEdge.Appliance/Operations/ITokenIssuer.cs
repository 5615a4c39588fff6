using SecuEdge.Appliance.Access;

namespace SecuEdge.Appliance.Operations;

/// <summary>Makes the token of a new customer.</summary>
internal interface ITokenIssuer
{
    /// <returns>The token, shown this once; null when none can be made that is bound to the node.</returns>
    Task<string?> IssueAsync(Caller caller, TokenOrder order, CancellationToken cancellationToken);
}

/// <param name="Node">The token is good for this and what is below it.</param>
internal sealed record TokenOrder(string Name, string Node, IReadOnlySet<Permission> Permissions, DateTimeOffset? ExpiresAt);

/// <summary>Makes none: a stored token without a node would be good for the whole appliance, and nobody gives that to a trial customer.</summary>
internal sealed class NoTokenIssuer : ITokenIssuer
{
    public Task<string?> IssueAsync(Caller caller, TokenOrder order, CancellationToken cancellationToken) => Task.FromResult<string?>(null);
}
