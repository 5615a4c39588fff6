using SecuEdge.Appliance.Access.Oidc;

namespace SecuEdge.Appliance.Access.Passkeys;

/// <summary>
/// Whom passkeys are for. Browsers bind each to the host and have the device sign the address they see, so that a page that only looks like
/// ours gets nothing (WebAuthn §13.4.9). Never taken from the request: who asks must not choose.
/// </summary>
internal sealed class RelyingParty
{
    private readonly Uri? _address;

    public RelyingParty(AccessOptions access, OidcOptions oidc) =>
        _address = Parse(access.PublicAddress.Length > 0 ? access.PublicAddress : oidc.PublicAddress);

    /// <summary>Without an address there are no passkeys.</summary>
    public bool IsKnown => _address is not null;

    /// <summary>Host alone (WebAuthn §4, RP ID).</summary>
    public string Id => _address?.IdnHost ?? "";

    /// <summary>As browsers write it (RFC 6454 §6.2).</summary>
    public string Origin => _address is null ? "" : $"{_address.Scheme}://{_address.IdnHost}{(_address.IsDefaultPort ? "" : $":{_address.Port}")}";

    /// <returns>Null for what no browser makes passkeys for: a bare address, or plain HTTP to anywhere but this machine.</returns>
    public static Uri? Parse(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address)
        && address is { HostNameType: UriHostNameType.Dns, PathAndQuery: "/", Fragment: "", UserInfo: "" }
        && (address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.Host == "localhost"))
            ? address
            : null;
}
