using System.Net;
using SecuEdge.Appliance.Settings;
using SecuEdge.Smtp;

namespace SecuEdge.Appliance.MailFlow;

/// <summary>
/// Finds next hops by name, and leaves out those addresses that lead to the appliance itself: the owner of the name may be a customer, and what it
/// resolves to may change after it was checked. Looked at when connecting, and only what was looked at is connected to. Literal addresses and
/// <c>localhost</c> do not come here: who may set those is decided when they are set (<see cref="OwnRange"/>).
/// </summary>
/// <param name="lookup">By default the system's.</param>
internal sealed partial class HopAddresses(QueueOptions options, ILogger<HopAddresses> logger, HostLookup? lookup = null)
{
    public async Task<HostAddresses> FindAsync(string host, CancellationToken cancellationToken)
    {
        var found = await (lookup ?? SystemHostLookup.FindAsync)(host, cancellationToken);
        if (OwnRange.NamesHost(host) || options.LocalHops.Contains(host.TrimEnd('.'), StringComparer.OrdinalIgnoreCase))
        {
            return found;
        }

        List<IPAddress> others = [.. found.Addresses.Where(a => !OwnRange.Contains(a))];
        if (others.Count == found.Addresses.Count)
        {
            return found;
        }

        var refused = string.Join(", ", found.Addresses.Where(OwnRange.Contains));
        LogRefused(host, refused);
        return others.Count > 0
            ? found with { Addresses = others }
            : new HostAddresses([], $"the name leads to {refused}, which is the mail gateway itself or its link; it is not connected to");
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The next hop {Host} resolves to {Addresses}, the appliance itself or its link; that is not connected to. If it is meant, name the host in Queue:LocalHops")]
    private partial void LogRefused(string host, string addresses);
}
