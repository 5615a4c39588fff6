using System.ComponentModel.DataAnnotations;

namespace SecuEdge.Appliance.Access.Oidc;

/// <summary>Signing in at an identity provider (OpenID Connect). Section <c>Access:Oidc</c>; off while it names no authority.</summary>
public sealed class OidcOptions : IValidatableObject
{
    private const string Section = "SECUEDGE__Access__Oidc__";

    /// <summary>The provider's issuer, <c>https://login.example.com/realms/mail</c>; empty = nobody signs in this way.</summary>
    public string Authority { get; set; } = "";

    /// <summary>What the appliance is called at the provider.</summary>
    public string ClientId { get; set; } = "";

    /// <summary>Empty for a public client, which PKCE alone protects.</summary>
    public string ClientSecret { get; set; } = "";

    /// <summary>With spaces between. <c>openid</c> is what makes it a login (OpenID Connect Core §3.1.2.1).</summary>
    public string Scopes { get; set; } = "openid profile email";

    /// <summary>Where a new user's name comes from. It names him once; who he is, the subject says.</summary>
    [Required]
    public string NameClaim { get; set; } = "preferred_username";

    /// <summary>The groups of the ID token.</summary>
    [Required]
    public string GroupsClaim { get; set; } = "groups";

    /// <summary>
    /// <c>group=role@node</c>. While there is one, roles come from here alone and are set anew at every login; without, they are given on the
    /// appliance.
    /// </summary>
    public IList<string> Roles { get; set; } = [];

    /// <summary>Makes a user at his first login when one of his groups gives a role. Off: whoever has an account at the provider is not yet a user.</summary>
    public bool CreateUsers { get; set; }

    /// <summary>What the button says.</summary>
    [Required]
    public string DisplayName { get; set; } = "Single sign-on";

    /// <summary>How browsers reach the appliance, <c>https://mail.example.com:8443</c>; empty = <c>Access:PublicAddress</c>, and without that as the browser that asks does.</summary>
    public string PublicAddress { get; set; } = "";

    /// <summary>Plain HTTP to a provider on this very machine, and nowhere else.</summary>
    public bool AllowHttp { get; set; }

    // One minute: clocks that keep time differ by less, and a token that ended is of no use soon.
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00")]
    public TimeSpan ClockSkew { get; set; } = TimeSpan.FromMinutes(1);

    public bool IsEnabled => Authority.Length > 0;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!IsEnabled)
        {
            yield break;
        }

        if (!IsAllowed(Authority))
        {
            yield return new ValidationResult($"{Section}Authority = '{Authority}': must be an https address (http only on this machine, with {Section}AllowHttp)");
        }

        if (ClientId.Length == 0)
        {
            yield return new ValidationResult($"{Section}ClientId = '': must be set");
        }

        if (!Scopes.Split(' ').Contains("openid"))
        {
            yield return new ValidationResult($"{Section}Scopes = '{Scopes}': must contain openid");
        }

        if (PublicAddress.Length > 0 && !(Uri.TryCreate(PublicAddress, UriKind.Absolute, out var address) && address.Scheme == Uri.UriSchemeHttps && address.PathAndQuery == "/"))
        {
            yield return new ValidationResult($"{Section}PublicAddress = '{PublicAddress}': must be https://host or https://host:port");
        }

        foreach (var rule in Roles.Where(r => GroupRole.Parse(r) is null))
        {
            yield return new ValidationResult($"{Section}Roles = '{rule}': must be group=role@node with one of the roles {GroupRole.Known}; the role provider is for the node provider alone");
        }
    }

    /// <summary>Whether the provider may be asked there: nothing that says who somebody is goes over a network in the clear.</summary>
    internal bool IsAllowed(string? address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttps || (AllowHttp && uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback));
}
