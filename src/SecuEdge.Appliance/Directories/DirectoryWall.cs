using System.Net;
using System.Net.Sockets;
using SecuEdge.Appliance.Settings;
using SecuEdge.Appliance.Webhooks;

namespace SecuEdge.Appliance.Directories;

/// <summary>
/// Which addresses a directory may have. A tenant names them, and gets to see how the server answers: it must not be the appliance's own
/// services, or the provider's network, that he looks at this way.
/// </summary>
internal sealed class DirectoryWall(DirectoryOptions options)
{
    /// <summary>LDAP and LDAPS; other well-known ports are other services.</summary>
    private static readonly int[] WellKnown = [389, 636];

    private static readonly IPNetwork[] Private = [.. new[] { "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7" }.Select(IPNetwork.Parse)];

    private readonly IPNetwork[] _allowed = [.. options.AllowedNetworks.Select(SiteValidation.ParseNetwork).OfType<IPNetwork>()];

    /// <param name="tenant">Whose directory it is.</param>
    /// <returns>Why it may not be called; null when it may.</returns>
    public string? Refuse(string tenant, IPAddress address, int port)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        var isOwn = tenant.Equals(Tenant.Root, StringComparison.OrdinalIgnoreCase);
        if (port < 1024 && !WellKnown.Contains(port))
        {
            return $"port {port} is another service's; directories answer on 389, 636 or ports above 1023";
        }

        return PublicAddress.Is(plain) || Holds(_allowed, plain) || (isOwn && Holds(Private, plain))
            ? null
            : "leads to an address that is not of the Internet; the provider can allow its network (SECUEDGE__Directories__AllowedNetworks)";
    }

    private static bool Holds(IPNetwork[] networks, IPAddress address) =>
        networks.Any(n => n.BaseAddress.AddressFamily == address.AddressFamily && address.AddressFamily is AddressFamily.InterNetwork or AddressFamily.InterNetworkV6 && n.Contains(address));
}
