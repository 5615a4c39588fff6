using System.ComponentModel.DataAnnotations;
using SecuEdge.Appliance.Access;
using SecuEdge.Store.Accounts;

namespace SecuEdge.Appliance.Api;

/// <summary>A role on a node.</summary>
public sealed record RoleOnNode
{
    /// <summary>What he is there.</summary>
    public required Role Role { get; init; }

    /// <summary>Name of the tenant; <c>provider</c> for the whole appliance. Everything below is included.</summary>
    [MaxLength(63)]
    public required string Node { get; init; }

    /// <summary>Mail address of a <c>mailboxUser</c>, in a domain of the node; absent for all others.</summary>
    [MaxLength(254)]
    public string? Address { get; init; }

    internal AccountRole ToRecord() => new(Roles.Word(Role), Node.ToLowerInvariant(), Address);

    internal static RoleOnNode? Of(AccountRole role) => Roles.Find(role.Role) is { } known ? new RoleOnNode { Role = known, Node = role.Node, Address = role.Address } : null;
}

/// <summary>A person who can sign in.</summary>
public sealed record UserDetail
{
    /// <summary>What he types at the login.</summary>
    public required string Name { get; init; }

    /// <summary>The node he belongs to: who manages its users manages him.</summary>
    public required string Node { get; init; }

    /// <summary>As people call him; may be empty.</summary>
    public required string DisplayName { get; init; }

    /// <summary>Where he can be reached; may be empty.</summary>
    public required string Email { get; init; }

    /// <summary><c>en</c> or <c>fr</c>; empty = the appliance's.</summary>
    public required string Language { get; init; }

    /// <summary>What he is where.</summary>
    public required IReadOnlyList<RoleOnNode> Roles { get; init; }

    /// <summary>Cannot sign in, and tokens he made do not work.</summary>
    public required bool IsDisabled { get; init; }

    /// <summary>Whether he has a password; without one he can only come from the identity provider.</summary>
    public required bool HasPassword { get; init; }

    /// <summary>Whether more than a password is asked of him: a one-time code or a passkey.</summary>
    public required bool HasSecondFactor { get; init; }

    /// <summary>Passkeys he has registered.</summary>
    public required int PasskeyCount { get; init; }

    /// <summary>Recovery codes he has left.</summary>
    public required int RecoveryCodesLeft { get; init; }

    /// <summary><c>issuer|subject</c> at the identity provider; empty = none.</summary>
    public required string ExternalId { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>User or token that made him.</summary>
    public required string CreatedBy { get; init; }

    /// <summary>Absent when he never signed in.</summary>
    public DateTimeOffset? LastLoginAt { get; init; }

    internal static UserDetail Of(Account account) => new()
    {
        Name = account.Name,
        Node = account.Node,
        DisplayName = account.DisplayName,
        Email = account.Email,
        Language = account.Language,
        Roles = [.. account.Roles.Select(RoleOnNode.Of).OfType<RoleOnNode>()],
        IsDisabled = account.IsDisabled,
        HasPassword = account.PasswordHash.Length > 0,
        HasSecondFactor = account.HasSecondFactor,
        PasskeyCount = account.Passkeys.Count,
        RecoveryCodesLeft = account.RecoveryCodeHashes.Count,
        ExternalId = account.ExternalId,
        CreatedAt = account.CreatedAt,
        CreatedBy = account.CreatedBy,
        LastLoginAt = account.LastLoginAt,
    };
}

/// <summary>A user to be made.</summary>
public sealed record UserRequest
{
    /// <summary>2-64 lower-case letters, digits, dots, dashes and underscores, or an e-mail address. Unique on the appliance.</summary>
    [Required, MaxLength(165)]
    public required string Name { get; init; }

    /// <summary>The node he belongs to; his roles are on it or below.</summary>
    [Required, MaxLength(63)]
    public required string Node { get; init; }

    /// <summary>As people call him.</summary>
    [MaxLength(200)]
    public string DisplayName { get; init; } = "";

    /// <summary>Where he can be reached.</summary>
    [MaxLength(254)]
    public string Email { get; init; } = "";

    /// <summary><c>en</c> or <c>fr</c>; empty = the appliance's.</summary>
    [MaxLength(2)]
    public string Language { get; init; } = "";

    /// <summary>What he is where. Nobody can give a role that may do more than himself.</summary>
    public IReadOnlyList<RoleOnNode> Roles { get; init; } = [];

    /// <summary>At least 12 characters; absent = he cannot sign in with one yet.</summary>
    [MaxLength(256)]
    public string? Password { get; init; }

    /// <summary><c>issuer|subject</c> at the identity provider, to sign in there and nowhere else. Only the provider can set it.</summary>
    [MaxLength(500)]
    public string ExternalId { get; init; } = "";
}

/// <summary>Changes of a user; what is absent stays.</summary>
public sealed record UserPatch
{
    /// <summary>As people call him.</summary>
    [MaxLength(200)]
    public string? DisplayName { get; init; }

    /// <summary>Where he can be reached.</summary>
    [MaxLength(254)]
    public string? Email { get; init; }

    /// <summary><c>en</c> or <c>fr</c>; empty = the appliance's.</summary>
    [MaxLength(2)]
    public string? Language { get; init; }

    /// <summary>All roles he then has.</summary>
    public IReadOnlyList<RoleOnNode>? Roles { get; init; }

    /// <summary>True ends his sessions; he cannot sign in, and tokens he made do not work.</summary>
    public bool? IsDisabled { get; init; }

    /// <summary><c>issuer|subject</c> at the identity provider, to sign in there and nowhere else: password, codes and passkeys go. Empty takes it away.</summary>
    [MaxLength(500)]
    public string? ExternalId { get; init; }
}

/// <summary>A password given by an administrator.</summary>
public sealed record PasswordRequest
{
    /// <summary>At least 12 characters, not the name, none of the well-known ones.</summary>
    [Required, MaxLength(256)]
    public required string Password { get; init; }
}

/// <summary>A token, without the secret, of which only a hash is kept.</summary>
public sealed record TokenDetail
{
    public required string Id { get; init; }

    /// <summary>As its maker called it.</summary>
    public required string Name { get; init; }

    /// <summary>Where it may act; everything below is included.</summary>
    public required string Node { get; init; }

    /// <summary>What it may do there. It never does more than the user who made it may at the moment.</summary>
    public required IReadOnlyList<Permission> Permissions { get; init; }

    public required string Comment { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>User or token that made it.</summary>
    public required string CreatedBy { get; init; }

    /// <summary>Absent = never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Addresses or CIDR networks it may be used from; empty = any.</summary>
    public required IReadOnlyList<string> Networks { get; init; }

    /// <summary>Absent when it never was used.</summary>
    public DateTimeOffset? LastUsedAt { get; init; }

    /// <summary>Address of the last use; empty when it never was used.</summary>
    public required string LastUsedFrom { get; init; }

    internal static TokenDetail Of(ApiToken token) => new()
    {
        Id = token.Id,
        Name = token.Name,
        Node = token.Node,
        Permissions = [.. PermissionWords.Read(token.Permissions).Order()],
        Comment = token.Comment,
        CreatedAt = token.CreatedAt,
        CreatedBy = token.CreatedBy,
        ExpiresAt = token.ExpiresAt,
        Networks = token.Networks,
        LastUsedAt = token.LastUsedAt,
        LastUsedFrom = token.LastUsedFrom,
    };
}

/// <summary>A token to be made.</summary>
public sealed record TokenRequest
{
    /// <summary>1-64 letters, digits, dots, dashes, underscores and spaces.</summary>
    [Required, MaxLength(64)]
    public required string Name { get; init; }

    /// <summary>Where it may act; everything below is included.</summary>
    [Required, MaxLength(63)]
    public required string Node { get; init; }

    /// <summary>At least one; only what the caller has himself.</summary>
    public required IReadOnlyList<Permission> Permissions { get; init; }

    /// <summary>What it is for.</summary>
    [MaxLength(500)]
    public string Comment { get; init; } = "";

    /// <summary>Absent = never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Addresses or CIDR networks it may be used from; empty = any.</summary>
    public IReadOnlyList<string> Networks { get; init; } = [];
}

/// <summary>A new token.</summary>
public sealed record CreatedToken
{
    /// <summary>The token itself. Shown now and never again.</summary>
    public required string Secret { get; init; }

    public required TokenDetail Token { get; init; }
}

/// <summary>Changes of a token; what is absent stays. Its scope never changes: make another.</summary>
public sealed record TokenPatch
{
    /// <summary>What it is for.</summary>
    [MaxLength(500)]
    public string? Comment { get; init; }

    /// <summary>Its new end.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Addresses or CIDR networks it may be used from; empty = any.</summary>
    public IReadOnlyList<string>? Networks { get; init; }
}

/// <summary>A signed-in browser.</summary>
public sealed record SessionDetail
{
    public required string Id { get; init; }

    /// <summary>Whether it is the one that asks.</summary>
    public required bool IsThis { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset LastSeenAt { get; init; }

    /// <summary>Where it was signed in from.</summary>
    public required string Address { get; init; }

    /// <summary>What the browser calls itself.</summary>
    public required string Client { get; init; }

    /// <summary><c>password</c>, <c>password+totp</c>, <c>password+recovery</c> or <c>oidc</c>.</summary>
    public required string Method { get; init; }

    internal static SessionDetail Of(LoginSession session, string? current) => new()
    {
        Id = session.Id,
        IsThis = session.Id == current,
        CreatedAt = session.CreatedAt,
        LastSeenAt = session.LastSeenAt,
        Address = session.Address,
        Client = session.Client,
        Method = session.Method,
    };
}

/// <summary>A customer's consent that somebody from outside acts on his node.</summary>
public sealed record DelegationDetail
{
    public required string Id { get; init; }

    /// <summary>The node that is opened.</summary>
    public required string Node { get; init; }

    public required Role Role { get; init; }

    /// <summary>The user it is for, as it was typed; empty when it is for the staff of a node.</summary>
    public required string User { get; init; }

    /// <summary>The node above whose own users it is for; empty when it is for one user.</summary>
    public required string StaffOf { get; init; }

    /// <summary>What was agreed to.</summary>
    public required string Consent { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required string CreatedBy { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>False when it is over.</summary>
    public required bool IsActive { get; init; }

    internal static DelegationDetail Of(Delegation delegation, bool isActive) => new()
    {
        Id = delegation.Id,
        Node = delegation.Node,
        Role = Roles.Find(delegation.Role) ?? Role.Auditor,
        User = delegation.UserName,
        StaffOf = delegation.StaffOf,
        Consent = delegation.Consent,
        CreatedAt = delegation.CreatedAt,
        CreatedBy = delegation.CreatedBy,
        ExpiresAt = delegation.ExpiresAt,
        IsActive = isActive,
    };
}

/// <summary>A delegation to be made. The answer does not tell whether there is such a user.</summary>
public sealed record DelegationRequest
{
    /// <summary>The node that is opened; everything below is included.</summary>
    [Required, MaxLength(63)]
    public required string Node { get; init; }

    /// <summary><c>customerAdmin</c>, <c>helpdesk</c>, <c>quarantineManager</c> or <c>auditor</c>; not more than the caller has.</summary>
    public required Role Role { get; init; }

    /// <summary>Name of the user it is for.</summary>
    [MaxLength(165)]
    public string User { get; init; } = "";

    /// <summary>Instead of a user: a node above, whose own users it is for.</summary>
    [MaxLength(63)]
    public string StaffOf { get; init; } = "";

    /// <summary>What is agreed to, in plain words; it stands beside every use in the audit log.</summary>
    [Required, MinLength(10), MaxLength(1000)]
    public required string Consent { get; init; }

    /// <summary>At most seven days from now.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }
}
