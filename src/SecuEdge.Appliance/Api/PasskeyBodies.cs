using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using SecuEdge.Appliance.Access.Passkeys;
using SecuEdge.Appliance.Operations;
using SecuEdge.Store.Accounts;

namespace SecuEdge.Appliance.Api;

/// <summary>What a challenge is wanted for.</summary>
public sealed record PasskeyBeginRequest
{
    /// <summary>The answer is good for this alone.</summary>
    public required PasskeyPurpose Purpose { get; init; }
}

/// <summary>A challenge for a passkey: good once, for five minutes.</summary>
public sealed record PasskeyChallengeDetail
{
    /// <summary>To be sent back with the answer.</summary>
    public required string Challenge { get; init; }

    /// <summary>After that begin again.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>
    /// For the browser: <c>PublicKeyCredential.parseRequestOptionsFromJSON</c> and <c>navigator.credentials.get</c>, or for a new passkey
    /// <c>parseCreationOptionsFromJSON</c> and <c>navigator.credentials.create</c>.
    /// </summary>
    public required IReadOnlyDictionary<string, JsonElement> Options { get; init; }

    internal static PasskeyChallengeDetail Of(PasskeyChallenge challenge) => new()
    {
        Challenge = challenge.Key,
        ExpiresAt = challenge.ExpiresAt,
        Options = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(challenge.Options) ?? [],
    };
}

/// <summary>What a device answered to a challenge.</summary>
public sealed record PasskeyAnswerBody
{
    /// <summary>As it came with the challenge.</summary>
    [Required, MaxLength(64)]
    public required string Challenge { get; init; }

    /// <summary>The credential as the browser writes it: <c>credential.toJSON()</c>.</summary>
    [Required]
    public required IReadOnlyDictionary<string, JsonElement> Credential { get; init; }

    internal PasskeyInput ToInput() => new(
        Challenge,
        Credential.TryGetValue("id", out var id) && id.ValueKind == JsonValueKind.String ? id.GetString()! : "",
        JsonSerializer.Serialize(Credential, ApiJson.Options));
}

/// <summary>Who one is, once more: the password, a code or the answer of a passkey; one of them is enough.</summary>
public sealed record OwnProofRequest
{
    /// <summary>The present password.</summary>
    [MaxLength(256)]
    public string Password { get; init; } = "";

    /// <summary>One-time or recovery code.</summary>
    [MaxLength(64)]
    public string Code { get; init; } = "";

    /// <summary>The answer to a challenge for <c>proof</c>.</summary>
    public PasskeyAnswerBody? Passkey { get; init; }

    /// <summary>What people do mostly.</summary>
    internal static OwnProofRequest Example { get; } = new() { Password = "a meadow full of cows" };

    internal OwnProofInput ToInput() => new(Password, Code.Replace(" ", "", StringComparison.Ordinal), Passkey?.ToInput());
}

/// <summary>A passkey that the device has made.</summary>
public sealed record PasskeyRequest
{
    /// <summary>Something to know the device by.</summary>
    [Required, MaxLength(60)]
    public required string Name { get; init; }

    /// <summary>What the device answered.</summary>
    public required PasskeyAnswerBody Answer { get; init; }
}

/// <summary>A new name for a passkey.</summary>
public sealed record PasskeyPatch
{
    /// <summary>Something to know the device by.</summary>
    [Required, MaxLength(60)]
    public required string Name { get; init; }
}

/// <summary>A passkey of a user.</summary>
public sealed record PasskeyDetail
{
    /// <summary>Of the passkey here; the device calls it something else.</summary>
    public required string Id { get; init; }

    /// <summary>What the user calls it.</summary>
    public required string Name { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Absent when it was never used.</summary>
    public DateTimeOffset? LastUsedAt { get; init; }

    /// <summary>Whether the device knew its user when the passkey was made; without that it is good beside a password only.</summary>
    public required bool IsUserVerified { get; init; }

    /// <summary>Whether copies are kept by the maker of the device, so that a lost device is no lost passkey.</summary>
    public required bool IsBackedUp { get; init; }

    /// <summary>How the device is reached: <c>internal</c>, <c>usb</c>, <c>nfc</c>, <c>ble</c>, <c>hybrid</c>.</summary>
    public required IReadOnlyList<string> Transports { get; init; }

    internal static PasskeyDetail Of(Passkey passkey) => new()
    {
        Id = passkey.Id,
        Name = passkey.Name,
        CreatedAt = passkey.CreatedAt,
        LastUsedAt = passkey.LastUsedAt,
        IsUserVerified = passkey.IsUserVerified,
        IsBackedUp = passkey.IsBackedUp,
        Transports = passkey.Transports,
    };
}

/// <summary>A passkey has been registered.</summary>
public sealed record PasskeyAddedDetail
{
    public required PasskeyDetail Passkey { get; init; }

    /// <summary>Codes that each stand in once for the passkey, when he had none before. Shown now and never again.</summary>
    public required IReadOnlyList<string> RecoveryCodes { get; init; }
}
