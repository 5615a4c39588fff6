using System.Diagnostics.CodeAnalysis;

namespace SecuEdge.Filter.Scanners.Icap;

/// <summary>Where the service is.</summary>
/// <param name="Url">As it stands in requests.</param>
internal sealed record IcapEndpoint(string Host, int Port, string Url, bool IsTls)
{
    // RFC 3507 §4.2; TLS has no registered port, 11344 is the usual one.
    private const int DefaultPort = 1344;
    private const int DefaultTlsPort = 11344;

    /// <summary>As the Host field wants it.</summary>
    public string HostField => FormattableString.Invariant($"{(Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host)}:{Port}");

    public static bool TryParse(string text, [NotNullWhen(true)] out IcapEndpoint? endpoint)
    {
        endpoint = null;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri)
            || uri.Scheme is not ("icap" or "icaps")
            || uri.Host.Length == 0
            || uri.UserInfo.Length > 0
            || uri.Fragment.Length > 0)
        {
            return false;
        }

        var isTls = uri.Scheme == "icaps";
        var port = uri.Port > 0 ? uri.Port : isTls ? DefaultTlsPort : DefaultPort;
        var host = uri.HostNameType == UriHostNameType.IPv6 ? uri.Host.Trim('[', ']') : uri.IdnHost;
        endpoint = new IcapEndpoint(host, port, "", isTls);
        // The scheme on the wire is icap in either case; services are found by the path.
        endpoint = endpoint with { Url = $"icap://{endpoint.HostField}{uri.PathAndQuery}" };
        return true;
    }
}
