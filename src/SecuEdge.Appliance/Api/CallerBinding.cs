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

    public static ClaimsPrincipal ToPrincipal(this Caller caller) => new(new CallerIdentity(caller));
}

/// <summary>An identity that carries its <see cref="Operations.Caller"/> with grants and address.</summary>
internal sealed class CallerIdentity(Caller caller) : ClaimsIdentity([new Claim(ClaimTypes.Name, caller.Name)], ApiAuthentication.SchemeName)
{
    public Caller Caller { get; } = caller;
}
