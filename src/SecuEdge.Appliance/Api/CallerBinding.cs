using System.Security.Claims;
using SecuEdge.Appliance.Operations;

namespace SecuEdge.Appliance.Api;

/// <summary>
/// The way of the caller from authentication to a handler: authentication signs in a <see cref="CallerIdentity"/>, and a handler takes a
/// parameter <c>Caller caller</c>, which binds itself from here.
/// </summary>
internal static class CallerBinding
{
    /// <summary>Who asks. Endpoints behind authorization always have one.</summary>
    public static Caller ToCaller(this ClaimsPrincipal user) =>
        (user.Identity as CallerIdentity)?.Caller ?? throw new InvalidOperationException("the endpoint does not ask for a caller: it is missing RequireAuthorization");
}

/// <summary>An identity that carries its <see cref="Operations.Caller"/> with grants and address.</summary>
/// <param name="csrfToken">What a browser must send with its writes; null when the caller is none.</param>
internal sealed class CallerIdentity(Caller caller, string? csrfToken = null) : ClaimsIdentity([new Claim(ClaimTypes.Name, caller.Name)], ApiAuthentication.SchemeName)
{
    public Caller Caller { get; } = caller;

    public string? CsrfToken { get; } = csrfToken;
}
