using System.Collections.Concurrent;
using System.Net;
using System.Net.NetworkInformation;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using SecuEdge.Smtp;

namespace SecuEdge.Appliance.Settings;

/// <summary>
/// Where the appliance itself listens, so that nobody sets that as a next hop: each mail would come in again until its hops are too many, a hundred
/// messages in log and bill. By literal address and <c>localhost</c>; other names are looked at when they are connected to
/// (<see cref="MailFlow.HopAddresses"/>).
/// </summary>
/// <param name="ownAddresses">Of this machine; by default as the system says.</param>
internal sealed class OwnListeners(Func<IEnumerable<IPAddress>>? ownAddresses = null) : IChangeCheck
{
    private readonly ConcurrentBag<Func<IPEndPoint?>> _listeners = [];

    /// <summary>Its port may be chosen by the system, and is known when it is bound.</summary>
    public void Add(ListenOptions listener) => Add(() => listener.IPEndPoint);

    public void Add(Func<IPEndPoint?> listener) => _listeners.Add(listener);

    public void Check(Tenant? before, Tenant after, string at, List<string> errors)
    {
        for (var d = 0; d < after.Domains.Count; d++)
        {
            var domain = after.Domains[d];
            var known = before?.Domains.FirstOrDefault(b => b.Name.Equals(domain.Name, StringComparison.OrdinalIgnoreCase));
            Check(domain.NextHops, known?.NextHops, $"{at}domains[{d}].nextHops", errors);
        }

        Check(after.Outbound?.NextHops ?? [], before?.Outbound?.NextHops, $"{at}outbound.nextHops", errors);
    }

    public bool Contains(string hop)
    {
        if (!SmtpEndpoint.TryParse(hop, out var endpoint))
        {
            return false;
        }

        var host = endpoint.Host.TrimEnd('.');
        var address = IPAddress.TryParse(host, out var literal) ? Plain(literal) : OwnRange.NamesHost(host) ? IPAddress.Loopback : null;
        return address is not null && _listeners.Any(l => l() is { } bound && bound.Port == endpoint.Port && Reaches(address, Plain(bound.Address)));
    }

    private void Check(IReadOnlyList<string> hops, IReadOnlyList<string>? known, string at, List<string> errors)
    {
        for (var h = 0; h < hops.Count; h++)
        {
            if (known?.Contains(hops[h], StringComparer.OrdinalIgnoreCase) != true && Contains(hops[h]))
            {
                errors.Add($"{at}[{h}]: '{hops[h]}' is this appliance itself, and mail would go round in circles; name the mail server behind it");
            }
        }
    }

    private bool Reaches(IPAddress address, IPAddress bound) =>
        address.Equals(bound)
        || (IPAddress.IsLoopback(address) && IPAddress.IsLoopback(bound))
        || (IsAny(bound) && (IPAddress.IsLoopback(address) || IsAny(address) || (ownAddresses?.Invoke() ?? OfThisMachine()).Any(a => Plain(a).Equals(address))))
        || (IsAny(address) && IPAddress.IsLoopback(bound));

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    private static IEnumerable<IPAddress> OfThisMachine() =>
        NetworkInterface.GetAllNetworkInterfaces().SelectMany(i => i.GetIPProperties().UnicastAddresses).Select(a => a.Address);
}
