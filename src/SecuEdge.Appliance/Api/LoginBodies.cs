using System.ComponentModel.DataAnnotations;
using SecuEdge.Appliance.Access;

namespace SecuEdge.Appliance.Api;

/// <summary>What a login form sends.</summary>
public sealed record LoginRequest
{
    /// <summary>Name of the user.</summary>
    [Required, MaxLength(165)]
    public required string User { get; init; }

    [Required, MaxLength(256)]
    public required string Password { get; init; }

    /// <summary>One-time code or recovery code, when the user has a second factor. The refusal does not tell whether it was this that was wrong.</summary>
    [MaxLength(64)]
    public string Totp { get; init; } = "";

    /// <summary>The answer to a challenge for <c>secondFactor</c>, in place of the code.</summary>
    public PasskeyAnswerBody? Passkey { get; init; }
}

/// <summary>A session has begun; its cookie came with this answer.</summary>
public sealed record LoginDetail
{
    public required string User { get; init; }

    /// <summary>To be sent as header <c>X-CSRF-Token</c> with everything that changes something.</summary>
    public required string CsrfToken { get; init; }

    /// <summary>The latest end of the session; it ends earlier when it is idle.</summary>
    public required DateTimeOffset EndsAt { get; init; }

    /// <summary>Recovery codes left; make new ones in time.</summary>
    public required int RecoveryCodesLeft { get; init; }
}

/// <summary>A change of one's own password.</summary>
public sealed record OwnPasswordRequest
{
    /// <summary>The present one.</summary>
    [Required, MaxLength(256)]
    public required string Password { get; init; }

    /// <summary>At least 12 characters, not the name, none of the well-known ones.</summary>
    [Required, MaxLength(256)]
    public required string NewPassword { get; init; }
}

/// <summary>One's own password, once more.</summary>
public sealed record ProofRequest
{
    /// <summary>The present password.</summary>
    [Required, MaxLength(256)]
    public required string Password { get; init; }

    /// <summary>One-time or recovery code, where one is asked for.</summary>
    [MaxLength(64)]
    public string Code { get; init; } = "";
}

/// <summary>The first code of a new authenticator.</summary>
public sealed record CodeRequest
{
    /// <summary>Six digits.</summary>
    [Required, MaxLength(6)]
    public required string Code { get; init; }
}

/// <summary>A secret for an authenticator program, not in force until it is confirmed with a code.</summary>
public sealed record TotpSecretDetail
{
    /// <summary>To be typed in: base 32.</summary>
    public required string Secret { get; init; }

    /// <summary>The same for a QR code: <c>otpauth://totp/…</c>.</summary>
    public required string Address { get; init; }
}

/// <summary>Codes that each stand in once for a one-time code. Shown now and never again.</summary>
public sealed record RecoveryCodesDetail
{
    public required IReadOnlyList<string> Codes { get; init; }
}

/// <summary>The caller as the appliance sees him.</summary>
public sealed record MeDetail
{
    /// <summary>Name of the user or token, as it stands in the audit log.</summary>
    public required string Name { get; init; }

    /// <summary>Where the request came from; empty at the machine itself.</summary>
    public required string Address { get; init; }

    /// <summary>What he may do where; everything below a node is included.</summary>
    public required IReadOnlyList<GrantDetail> Grants { get; init; }

    /// <summary>The signed-in user; absent for tokens.</summary>
    public UserDetail? User { get; init; }

    /// <summary>To be sent as header <c>X-CSRF-Token</c> with everything that changes something; absent for tokens, which need none.</summary>
    public string? CsrfToken { get; init; }
}

/// <summary>Permissions on one node and everything below it.</summary>
public sealed record GrantDetail
{
    /// <summary>Name of the tenant; <c>provider</c> for the whole appliance.</summary>
    public required string Node { get; init; }

    /// <summary>In the order of the permission list.</summary>
    public required IReadOnlyList<Permission> Permissions { get; init; }

    /// <summary>Only what concerns this address; absent = all of the node.</summary>
    public string? Mailbox { get; init; }

    /// <summary>Id of the delegation it comes from; absent = his own.</summary>
    public string? Delegation { get; init; }

    internal static GrantDetail Of(Grant grant) => new()
    {
        Node = grant.Node,
        Permissions = [.. grant.Permissions.Order()],
        Mailbox = grant.Mailbox,
        Delegation = grant.Delegation,
    };
}

/// <summary>The roles there are.</summary>
/// <param name="Items">Each with what it may do.</param>
public sealed record RoleList(IReadOnlyList<RoleDetail> Items);

/// <summary>A role and what it may do.</summary>
public sealed record RoleDetail
{
    public required Role Role { get; init; }

    /// <summary>On a node and everything below it; of a <c>mailboxUser</c> only what concerns his address.</summary>
    public required IReadOnlyList<Permission> Permissions { get; init; }

    /// <summary>Of these, what has a meaning on the root only.</summary>
    public required IReadOnlyList<Permission> OnlyAtRoot { get; init; }
}
