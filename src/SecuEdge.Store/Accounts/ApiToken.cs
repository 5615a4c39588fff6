namespace SecuEdge.Store.Accounts;

/// <summary>A secret that a program sends instead of a person's login. Only its hash is kept.</summary>
public sealed record ApiToken
{
    public const string Everything = "*";

    public required string Id { get; init; }

    public required string Name { get; init; }

    /// <summary>Lower-case hex SHA-256 of the token; a token has 256 random bits, so no slow hash is needed.</summary>
    public required string Hash { get; init; }

    public required string Node { get; init; }

    /// <summary>Words of permissions, or <see cref="Everything"/>.</summary>
    public IReadOnlyList<string> Permissions { get; init; } = [];

    public string Comment { get; init; } = "";

    public DateTimeOffset CreatedAt { get; init; }

    public string CreatedBy { get; init; } = "";

    /// <summary>The token never has more than this user has; null when a token or the machine's operator made it.</summary>
    public string? CreatorId { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Addresses or CIDR networks it may be used from; empty = any.</summary>
    public IReadOnlyList<string> Networks { get; init; } = [];

    /// <summary>To a few minutes.</summary>
    public DateTimeOffset? LastUsedAt { get; init; }

    public string LastUsedFrom { get; init; } = "";
}
