namespace SecuEdge.Store.Accounts;

/// <summary>A person who can sign in. Names can be given again after a deletion; the id never is, so everything else refers to the id.</summary>
public sealed record Account
{
    public required string Id { get; init; }

    /// <summary>What is typed at the login; lower case.</summary>
    public required string Name { get; init; }

    /// <summary>The node of the tree that he belongs to: who may manage its users may manage him.</summary>
    public required string Node { get; init; }

    public string DisplayName { get; init; } = "";

    public string Email { get; init; } = "";

    /// <summary><c>en</c> or <c>fr</c>; empty = the appliance's.</summary>
    public string Language { get; init; } = "";

    public IReadOnlyList<AccountRole> Roles { get; init; } = [];

    /// <summary>Cannot sign in, and his tokens do not work.</summary>
    public bool IsDisabled { get; init; }

    /// <summary>In PHC form, with algorithm and parameters; empty = there is none.</summary>
    public string PasswordHash { get; init; } = "";

    public DateTimeOffset? PasswordChangedAt { get; init; }

    /// <summary>Base32, RFC 6238; empty = no one-time codes.</summary>
    public string TotpSecret { get; init; } = "";

    /// <summary>Handed out but not confirmed by a code yet.</summary>
    public string PendingTotpSecret { get; init; } = "";

    /// <summary>Number of the last time step that was used; it and all before are spent.</summary>
    public long TotpLastStep { get; init; }

    /// <summary>Hashes of codes not used yet.</summary>
    public IReadOnlyList<string> RecoveryCodeHashes { get; init; } = [];

    /// <summary>In the order they were registered.</summary>
    public IReadOnlyList<Passkey> Passkeys { get; init; } = [];

    /// <summary><c>issuer|subject</c> at the identity provider; empty = signs in with a password.</summary>
    public string ExternalId { get; init; } = "";

    public DateTimeOffset CreatedAt { get; init; }

    public string CreatedBy { get; init; } = "";

    public DateTimeOffset? LastLoginAt { get; init; }

    /// <summary>More than a password is asked of him.</summary>
    public bool HasSecondFactor => TotpSecret.Length > 0 || Passkeys.Count > 0;
}

/// <param name="Role">Word of the role, <c>customerAdmin</c>.</param>
/// <param name="Address">Of a mailbox user; null otherwise.</param>
public sealed record AccountRole(string Role, string Node, string? Address = null);
