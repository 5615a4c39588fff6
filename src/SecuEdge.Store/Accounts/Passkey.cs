namespace SecuEdge.Store.Accounts;

/// <summary>The public half of a key pair in a user's device (WebAuthn). What is kept here lets nobody sign in.</summary>
public sealed record Passkey
{
    public required string Id { get; init; }

    /// <summary>What the user calls it.</summary>
    public required string Name { get; init; }

    /// <summary>The device's name of it, base64url as browsers write it; of one user only.</summary>
    public required string CredentialId { get; init; }

    /// <summary>COSE key (RFC 9052 §7), base64.</summary>
    public required string PublicKey { get; init; }

    /// <summary>What the device counted at its last use; it only grows, or stays 0 where the device does not count.</summary>
    public long SignCount { get; init; }

    /// <summary>How the device is reached, <c>usb</c> or <c>internal</c>, for the browser.</summary>
    public IReadOnlyList<string> Transports { get; init; } = [];

    /// <summary>The device knew its user (PIN, finger) when the passkey was made.</summary>
    public bool IsUserVerified { get; init; }

    /// <summary>The device may copy it to its maker's cloud; never changes.</summary>
    public bool IsBackupEligible { get; init; }

    public bool IsBackedUp { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? LastUsedAt { get; init; }
}
