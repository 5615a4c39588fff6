using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;

namespace SecuEdge.Appliance.Access.Oidc;

/// <summary>
/// Logins that are on their way through the provider. Each is known by its state, good once, for ten minutes, and only in the browser that
/// began it (RFC 6749 §10.12).
/// </summary>
internal sealed class PendingLogins(TimeProvider timeProvider)
{
    /// <summary>A few megabytes; beyond, the oldest goes.</summary>
    public const int Capacity = 10_000;

    /// <summary>An office behind one address signs in within minutes; a flood from one address pushes out its own.</summary>
    public const int MaxPerClient = 200;

    /// <summary>Time to type a password and look for a telephone.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    private readonly PendingBook<PendingLogin> _pending = new(Capacity, MaxPerClient, Lifetime, timeProvider);

    public int Count => _pending.Count;

    public PendingLogin Begin(string redirectUri, string returnTo, string? earlierSession, string client)
    {
        var login = new PendingLogin(Secrets.NewKey(), Secrets.NewKey(), Secrets.NewKey(), Secrets.NewKey(), redirectUri, returnTo, earlierSession);
        _pending.Add(login.State, client, login);
        return login;
    }

    /// <summary>Whatever comes of it, the state is spent.</summary>
    /// <param name="browser">The cookie that <see cref="Begin"/> gave to the browser.</param>
    public PendingLogin? Take(string state, string browser) =>
        _pending.Take(state) is { } login && Secrets.AreEqual(login.Browser, browser) ? login : null;
}

/// <param name="Browser">For the cookie.</param>
/// <param name="Nonce">Must come back inside the token, which thereby is of this login and no other.</param>
/// <param name="Verifier">RFC 7636: whoever catches the code on its way has no use for it.</param>
/// <param name="EarlierSession">The session cookie the browser had; it is not sent along from the provider's page.</param>
internal sealed record PendingLogin(
    string State, string Browser, string Nonce, string Verifier, string RedirectUri, string ReturnTo, string? EarlierSession)
{
    /// <summary>RFC 7636 §4.2, method S256.</summary>
    public string Challenge => WebEncoders.Base64UrlEncode(SHA256.HashData(Encoding.ASCII.GetBytes(Verifier)));
}
