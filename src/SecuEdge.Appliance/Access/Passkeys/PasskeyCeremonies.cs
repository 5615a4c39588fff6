using System.Buffers.Text;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using SecuEdge.Store.Accounts;

namespace SecuEdge.Appliance.Access.Passkeys;

/// <summary>
/// Challenges for passkeys and what devices answer (WebAuthn §7). The framework's handler checks the answers; nothing else of its user system
/// is here. Who is not signed in is never told which passkeys somebody has: challenges name no credential, the device offers its own.
/// <list type="number">
/// <item>a challenge is made, for one purpose, and kept;</item>
/// <item>the browser brings it back signed: the challenge is spent, whatever comes of it;</item>
/// <item>the operation stores the passkey, or takes down its use, together with what follows from it.</item>
/// </list>
/// </summary>
internal sealed partial class PasskeyCeremonies : IDisposable
{
    /// <summary>Time to find the key or the telephone; what the framework suggests to browsers, too.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    // Some megabytes, and an office behind one address; as for logins at an identity provider.
    private const int Capacity = 10_000;
    private const int MaxPerClient = 200;

    private readonly PasskeyUsers _users;
    private readonly RelyingParty _party;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly PendingBook<Pending> _pending;
    private readonly UserManager<Account> _manager;
    private readonly PasskeyHandler<Account> _strict;
    private readonly PasskeyHandler<Account> _lenient;

    public PasskeyCeremonies(AccountStore store, RelyingParty party, TimeProvider timeProvider, ILogger<PasskeyCeremonies> logger)
    {
        _users = new PasskeyUsers(store);
        _party = party;
        _timeProvider = timeProvider;
        _logger = logger;
        _pending = new PendingBook<Pending>(Capacity, MaxPerClient, Lifetime, timeProvider);

        // The handler asks the manager for users only; hashers, validators and normalizers it never asks for are not given.
        _manager = new UserManager<Account>(_users, Options.Create(new IdentityOptions()), null!, [], [], null!, null!, null!, null!);
        _strict = Handler("required");
        _lenient = Handler("preferred");
    }

    /// <summary>For whoever is to say who he is.</summary>
    public async Task<PasskeyChallenge> BeginAsync(PasskeyPurpose purpose, string client)
    {
        var made = await HandlerOf(purpose).MakeRequestOptionsAsync(null, NoRequest);
        return Keep(new Pending(purpose, null, made.AssertionState!), made.RequestOptionsJson, client);
    }

    /// <summary>For a new passkey of this user.</summary>
    public async Task<PasskeyChallenge> BeginRegistrationAsync(Account account, string client)
    {
        var entity = new PasskeyUserEntity { Id = account.Id, Name = account.Name, DisplayName = account.DisplayName.Length > 0 ? account.DisplayName : account.Name };
        var made = await _lenient.MakeCreationOptionsAsync(entity, NoRequest);
        return Keep(new Pending(null, account.Id, made.AttestationState!), made.CreationOptionsJson, client);
    }

    /// <summary>Whose passkey it is that the answer names, before anything is believed; null when nobody's.</summary>
    public Account? OwnerOf(PasskeyInput input) => _users.OwnerOf(input.CredentialId);

    public async Task<PasskeyAnswer> VerifyAsync(PasskeyPurpose purpose, PasskeyInput input)
    {
        if (_pending.Take(input.Challenge) is not { Purpose: { } begun } pending || begun != purpose)
        {
            return new PasskeyAnswer(null, "The challenge was not given for this, was used before, or is older than five minutes.");
        }

        var result = await HandlerOf(purpose).PerformAssertionAsync(
            new PasskeyAssertionContext { HttpContext = NoRequest, CredentialJson = input.Credential, AssertionState = pending.State });
        if (!result.Succeeded)
        {
            LogRefused(result.Failure.Message);
            return new PasskeyAnswer(null, "The answer of the passkey was not accepted: user, address, signature or user verification is not as it must be.");
        }

        var credential = Base64Url.EncodeToString(result.Passkey.CredentialId);
        var passkey = result.User.Passkeys.First(p => p.CredentialId == credential);
        var proof = new PasskeyProof(result.User.Id, passkey.Id, result.Passkey.SignCount, result.Passkey.IsBackedUp);
        return proof.IsOld(passkey)
            ? new PasskeyAnswer(null, "The counter of the passkey did not grow: there may be a copy of it. Remove the passkey.")
            : new PasskeyAnswer(proof, "");
    }

    /// <returns>The passkey without a name; null when the answer is not accepted.</returns>
    public async Task<Passkey?> RegisterAsync(Account account, PasskeyInput input)
    {
        if (_pending.Take(input.Challenge) is not { Purpose: null } pending || pending.AccountId != account.Id)
        {
            return null;
        }

        var result = await _lenient.PerformAttestationAsync(
            new PasskeyAttestationContext { HttpContext = NoRequest, CredentialJson = input.Credential, AttestationState = pending.State });
        if (!result.Succeeded)
        {
            LogRefused(result.Failure.Message);
            return null;
        }

        return new Passkey
        {
            Id = Secrets.NewId("k"),
            Name = "",
            CredentialId = Base64Url.EncodeToString(result.Passkey.CredentialId),
            PublicKey = Convert.ToBase64String(result.Passkey.PublicKey),
            SignCount = result.Passkey.SignCount,
            Transports = [.. result.Passkey.Transports ?? []],
            IsUserVerified = result.Passkey.IsUserVerified,
            IsBackupEligible = result.Passkey.IsBackupEligible,
            IsBackedUp = result.Passkey.IsBackedUp,
            CreatedAt = _timeProvider.GetUtcNow(),
        };
    }

    public void Dispose() => _manager.Dispose();

    /// <summary>The handler looks at a request only for what the options already say.</summary>
    private static DefaultHttpContext NoRequest => new();

    private PasskeyHandler<Account> HandlerOf(PasskeyPurpose purpose) => purpose == PasskeyPurpose.SignIn ? _strict : _lenient;

    private PasskeyHandler<Account> Handler(string userVerification) => new(_manager, Options.Create(new IdentityPasskeyOptions
    {
        ServerDomain = _party.Id,
        AuthenticatorTimeout = Lifetime,
        UserVerificationRequirement = userVerification,

        // Without it a device would have to be told the credential, and strangers would learn who has one.
        ResidentKeyRequirement = "required",

        // Which device it is decides nothing here, so that what it says about itself is not asked for.
        AttestationConveyancePreference = "none",
        ValidateOrigin = seen => ValueTask.FromResult(!seen.CrossOrigin && seen.Origin == _party.Origin),
    }));

    private PasskeyChallenge Keep(Pending pending, string options, string client)
    {
        var key = Secrets.NewKey();
        _pending.Add(key, client, pending);
        return new PasskeyChallenge(key, options, _timeProvider.GetUtcNow() + Lifetime);
    }

    /// <param name="Purpose">Null = for a new passkey.</param>
    /// <param name="AccountId">Whose new passkey; null for everything else.</param>
    /// <param name="State">The handler's, with the challenge in it.</param>
    private sealed record Pending(PasskeyPurpose? Purpose, string? AccountId, string State);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The answer of a passkey was not accepted: {Reason}")]
    private partial void LogRefused(string reason);
}

/// <param name="Key">Comes back with the answer.</param>
/// <param name="Options">JSON for <c>navigator.credentials</c>.</param>
internal sealed record PasskeyChallenge(string Key, string Options, DateTimeOffset ExpiresAt);

/// <summary>What a browser brings back.</summary>
/// <param name="Challenge">Key of the challenge.</param>
/// <param name="CredentialId">As it stands in the credential; empty when it does not.</param>
/// <param name="Credential">A JSON object as the browser wrote it.</param>
internal sealed record PasskeyInput(string Challenge, string CredentialId, string Credential);

/// <param name="Proof">Null when the answer was not accepted.</param>
/// <param name="Refusal">Why, for the audit log.</param>
internal sealed record PasskeyAnswer(PasskeyProof? Proof, string Refusal);
