namespace SecuEdge.Store.Accounts;

/// <summary>A customer's consent that somebody from outside acts on his node for a short time.</summary>
public sealed record Delegation
{
    public required string Id { get; init; }

    /// <summary>The node that is opened.</summary>
    public required string Node { get; init; }

    public required string Role { get; init; }

    /// <summary>As the customer typed it; it may be nobody's.</summary>
    public string UserName { get; init; } = "";

    /// <summary>Who bore the name when consent was given; null when nobody did.</summary>
    public string? AccountId { get; init; }

    /// <summary>A node above, whose own users it is for instead of a named one.</summary>
    public string StaffOf { get; init; } = "";

    /// <summary>What was agreed to, in the customer's words.</summary>
    public required string Consent { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required string CreatedBy { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }
}
