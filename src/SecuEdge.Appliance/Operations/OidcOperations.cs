using System.Net;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Access.Oidc;
using SecuEdge.Store.Accounts;

namespace SecuEdge.Appliance.Operations;

/// <summary>
/// Signing in at an identity provider: authorization code (RFC 6749 §4.1) with PKCE (RFC 7636), OpenID Connect Core §3.1.
/// <list type="number">
/// <item>the browser is sent away with a state, a nonce and a challenge, and keeps a cookie;</item>
/// <item>it comes back with a code and the state, which is spent;</item>
/// <item>the code and the verifier become a token, whose signature, issuer, audience, time and nonce are checked;</item>
/// <item>what the token does not say of name and groups, the user-info endpoint tells;</item>
/// <item>the user of that issuer and subject gets a session like any other.</item>
/// </list>
/// The browser never hears why it was refused; the audit log says it.
/// </summary>
internal sealed class OidcOperations(
    OidcOptions options, OidcProvider provider, PendingLogins pending, IdTokens tokens, OidcAccounts accounts,
    SessionBook sessions, LoginLimiter limiter, LoginNotes notes)
{
    public bool IsEnabled => options.IsEnabled;

    /// <summary>Null when the provider cannot be used now.</summary>
    /// <param name="callback">Where the provider sends the browser back to.</param>
    public async Task<OidcStart?> StartAsync(string callback, string returnTo, string? earlierSession, IPAddress? address, CancellationToken cancellationToken)
    {
        if (await provider.DescribeAsync(isKeyMissing: false, cancellationToken) is not { } description)
        {
            return null;
        }

        var login = pending.Begin(callback, returnTo, earlierSession, AddressRanges.Client(address));
        var target = QueryHelpers.AddQueryString(description.AuthorizationEndpoint, new Dictionary<string, string?>
        {
            ["response_type"] = "code",
            ["client_id"] = options.ClientId,
            ["redirect_uri"] = login.RedirectUri,
            ["scope"] = options.Scopes,
            ["state"] = login.State,
            ["nonce"] = login.Nonce,
            ["code_challenge"] = login.Challenge,
            ["code_challenge_method"] = "S256",
        });
        return new OidcStart(target, login.Browser);
    }

    public async Task<OidcAnswer> FinishAsync(OidcReturn came, CancellationToken cancellationToken)
    {
        // Nobody has said yet who he is: only the client is counted.
        var client = AddressRanges.Client(came.Address);
        var attempt = limiter.Begin("", client);
        if (attempt.Wait > TimeSpan.Zero)
        {
            notes.Paused();
            return new OidcAnswer(null, attempt.Wait);
        }

        if (pending.Take(came.State, came.Browser) is not { } login)
        {
            return await RefuseAsync(attempt, came, LoginFailure.Oidc, "The login was not begun in this browser, was used before, or took longer than ten minutes.", cancellationToken);
        }

        var (identity, refusal, isUnavailable) = await IdentifyAsync(came, login, cancellationToken);
        if (isUnavailable)
        {
            limiter.Undo("", client, attempt);
            return new OidcAnswer(null, TimeSpan.Zero) { IsUnavailable = true };
        }

        if (identity is null)
        {
            return await RefuseAsync(attempt, came, LoginFailure.Oidc, refusal, cancellationToken);
        }

        var user = await accounts.FindAsync(identity, came.Address is null ? "" : AddressRanges.Plain(came.Address).ToString(), cancellationToken);
        if (user.Account is not { } account || user.Failure is not null)
        {
            return await RefuseAsync(attempt, came, user.Failure ?? LoginFailure.UnknownUser, user.Reason, cancellationToken, user);
        }

        var started = await sessions.StartAsync(
            account, newest => accounts.Refresh(newest, identity), "oidc", login.EarlierSession, came.Address, came.Client, cancellationToken);
        if (started is null)
        {
            return await RefuseAsync(attempt, came, LoginFailure.Disabled, "The user was disabled or changed meanwhile.", cancellationToken, user);
        }

        limiter.Succeed("", client);
        return new OidcAnswer(started, TimeSpan.Zero) { ReturnTo = login.ReturnTo };
    }

    private async Task<(OidcIdentity? Identity, string Refusal, bool IsUnavailable)> IdentifyAsync(OidcReturn came, PendingLogin login, CancellationToken cancellationToken)
    {
        if (came.Error.Length > 0 || came.Code.Length == 0)
        {
            return (null, "The provider did not let him in, or he gave up.", false);
        }

        if (await provider.DescribeAsync(isKeyMissing: false, cancellationToken) is not { } description)
        {
            return (null, "", true);
        }

        // RFC 9207 §2.4: the answer of another provider, brought here to be mixed up with ours.
        if (came.Issuer.Length > 0 && came.Issuer != description.Issuer)
        {
            return (null, "The answer came from another provider.", false);
        }

        var answer = await provider.ExchangeAsync(description, came.Code, login, cancellationToken);
        if (answer.IdToken is not { } token)
        {
            return (null, "The provider gave no ID token for the code.", answer.IsUnavailable);
        }

        var read = await tokens.ReadAsync(token, login.Nonce, description);
        if (read.IsKeyUnknown && await provider.DescribeAsync(isKeyMissing: true, cancellationToken) is { } newer)
        {
            read = await tokens.ReadAsync(token, login.Nonce, newer);
        }

        return read.Identity is { IsWhole: false } identity && answer.AccessToken is { } access && !string.IsNullOrEmpty(description.UserInfoEndpoint)
            ? await CompleteAsync(identity, description, access, cancellationToken)
            : (read.Identity, read.Refusal, false);
    }

    /// <summary>What is missing must not be taken for "no groups" while the provider is in trouble: that would take his roles away.</summary>
    private async Task<(OidcIdentity? Identity, string Refusal, bool IsUnavailable)> CompleteAsync(
        OidcIdentity identity, OpenIdConnectConfiguration description, string accessToken, CancellationToken cancellationToken)
    {
        var answer = await provider.AskAsync(description, accessToken, cancellationToken);
        return answer.IsUnavailable ? (null, "", true)
            : answer.Told is not { } told ? (null, "The provider told nothing about him at its user-info endpoint.", false)
            : UserInfo.Complete(identity, told, options) is { } whole ? (whole, "", false)
            : (null, "The user-info endpoint spoke of somebody else.", false);
    }

    private async Task<OidcAnswer> RefuseAsync(
        LoginAttempt attempt, OidcReturn came, LoginFailure failure, string reason, CancellationToken cancellationToken, OidcUser? user = null)
    {
        var (name, node) = (user?.Account?.Name ?? "", user?.Account?.Node ?? "");
        await notes.LoginFailedAsync(failure, name, node, attempt.IsNowLocked, came.Address, cancellationToken, reason);
        return new OidcAnswer(null, TimeSpan.Zero);
    }
}

/// <param name="Target">Where the browser goes now.</param>
/// <param name="Browser">Cookie by which it is known when it comes back.</param>
internal sealed record OidcStart(string Target, string Browser);

/// <summary>What the browser brings back from the provider. Missing parts are empty.</summary>
/// <param name="Issuer">RFC 9207; empty where the provider does not send it.</param>
/// <param name="Error">RFC 6749 §4.1.2.1.</param>
internal sealed record OidcReturn(string State, string Code, string Issuer, string Error, string Browser, IPAddress? Address, string Client);

/// <param name="Started">Null when he did not get in.</param>
/// <param name="Wait">How long to wait before the next attempt; zero when the attempt was looked at.</param>
internal sealed record OidcAnswer(StartedSession? Started, TimeSpan Wait)
{
    /// <summary>A path of this host.</summary>
    public string ReturnTo { get; init; } = "/";

    /// <summary>The provider does not answer; it is not the user's fault.</summary>
    public bool IsUnavailable { get; init; }
}
