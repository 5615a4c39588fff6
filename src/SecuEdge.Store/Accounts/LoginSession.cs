namespace SecuEdge.Store.Accounts;

/// <summary>One signed-in browser.</summary>
public sealed record LoginSession
{
    public required string Id { get; init; }

    /// <summary>Lower-case hex SHA-256 of the cookie.</summary>
    public required string Hash { get; init; }

    public required string AccountId { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>To a few minutes on disk, exact in memory.</summary>
    public required DateTimeOffset LastSeenAt { get; init; }

    public string Address { get; init; } = "";

    /// <summary>What the browser calls itself, cut to a line.</summary>
    public string Client { get; init; } = "";

    /// <summary><c>password</c>, <c>password+totp</c>, <c>password+recovery</c>, <c>password+passkey</c>, <c>passkey</c> or <c>oidc</c>.</summary>
    public string Method { get; init; } = "";
}
