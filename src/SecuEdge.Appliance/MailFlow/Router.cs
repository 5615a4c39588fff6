using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using SecuEdge.Appliance.Settings;
using SecuEdge.Filter;
using SecuEdge.Filter.Dns;
using SecuEdge.Smtp;
using SecuEdge.Store.MessageLog;

namespace SecuEdge.Appliance.MailFlow;

/// <summary>
/// The next hops of a recipient:
/// <list type="number">
/// <item>a domain of the message's tenant: the domain's servers;</item>
/// <item>a domain of another tenant: the front door, for outbound mail only where the sender's side may believe that the domain is his;</item>
/// <item>otherwise, only for outbound mail: the tenant's smarthosts, or the MX of the domain.</item>
/// </list>
/// Mail of a suspended customer waits. Inbound mail for a domain that was taken out of the site meanwhile waits; following its MX would lead back to us or make us a relay.
/// </summary>
internal sealed class Router(SiteHolder site, IDnsResolver resolver, InternalListener frontDoor, QueueOptions options, TimeProvider timeProvider)
{
    // A domain with more is a mistake or an attack on our patience (RFC 5321 §5.1 lets us stop somewhere).
    private const int MaxHosts = 10;
    private const int MaxAddresses = 16;

    private static readonly SmtpReply DnsTrouble = new(451, "4.4.3", "The domain's mail servers cannot be looked up now");
    private static readonly SmtpReply NotOpenYet = new(451, "4.3.2", "The gateway is starting");
    private static readonly SmtpReply Suspended = new(451, "4.3.2", "The mail service of this customer is suspended; its mail waits");
    private static readonly IdnMapping Idn = new();

    private Routes _known = new(null!);

    /// <summary>Cheap: no look-up, no waiting.</summary>
    public Route Find(MailPath recipient, MessageRecord record)
    {
        var current = site.Current;
        var known = _known;
        if (!ReferenceEquals(known.Directory, current))
        {
            _known = known = new Routes(current);
        }

        var now = timeProvider.GetUtcNow();
        var isInbound = record.Direction == Direction.Inbound;
        if ((isInbound ? current.FindDomain(recipient.Domain) : current.FindDomainFor(record.Tenant, recipient.Domain)) is { } domain)
        {
            if (domain.Tenant.IsSuspended(now))
            {
                return Route.Nowhere(Suspended);
            }

            if (!domain.Tenant.Tenant.Name.Equals(record.Tenant, StringComparison.OrdinalIgnoreCase))
            {
                return frontDoor.Endpoint is { } endpoint ? Route.ToTenant(domain.Tenant.Tenant.Name, endpoint) : Route.Nowhere(NotOpenYet);
            }

            return known.OfDomain.GetOrAdd(domain.Domain.Name, static (_, d) => Route.To(d.NextHops), domain);
        }

        if (isInbound)
        {
            return Route.Nowhere(new SmtpReply(451, "4.3.5", $"The domain {recipient.Domain} is not configured here any more"));
        }

        var sender = current.FindTenant(record.Tenant);
        if (sender?.IsSuspended(now) ?? current.Unusable.Any(u => u.Name == record.Tenant))
        {
            return Route.Nowhere(Suspended);
        }

        return sender is { OutboundHops.Count: > 0 } tenant
            ? known.OfTenant.GetOrAdd(tenant.Tenant.Name, static (_, t) => Route.To(t.OutboundHops), tenant)
            : Route.ByMx(recipient.Domain);
    }

    /// <summary>The hops of a route by MX (RFC 5321 §5.1), or the reply that says why there are none.</summary>
    public async Task<Route> ResolveAsync(Route route, CancellationToken cancellationToken)
    {
        if (route.Domain is not { } domain)
        {
            return route;
        }

        if (domain.StartsWith('['))
        {
            return ParseLiteral(domain) is not { } address ? route with { Failure = new SmtpReply(550, "5.1.2", $"{domain} is not an address") }
                : OwnRange.Contains(address) ? route with { Failure = LeadsBack(domain) }
                : route with { Hops = [new NextHop(new SmtpEndpoint(address.ToString(), options.MxPort), address.ToString())] };
        }

        if (AsciiName(domain) is not { } name)
        {
            return route with { Failure = NoSuchDomain(domain) };
        }

        var answer = await resolver.MailExchangersAsync(name, cancellationToken);
        if (answer.Status == DnsStatus.NoSuchName)
        {
            return route with { Failure = NoSuchDomain(domain) };
        }

        if (answer.Status == DnsStatus.Temporary)
        {
            return route with { Failure = DnsTrouble };
        }

        if (answer.Records.Any(r => r.Host.Trim('.').Length == 0))
        {
            // RFC 7505 §4.2.
            return route with { Failure = new SmtpReply(556, "5.1.10", $"The domain {domain} accepts no mail (null MX)") };
        }

        var hosts = answer.Records.OrderBy(r => r.Preference).Take(MaxHosts).Select(r => r.Host).ToList();
        return await ResolveHostsAsync(route, hosts.Count > 0 ? hosts : [name], isFallback: hosts.Count == 0, cancellationToken);
    }

    private async Task<Route> ResolveHostsAsync(Route route, List<string> hosts, bool isFallback, CancellationToken cancellationToken)
    {
        var hops = new List<NextHop>();
        var (isTemporary, leadsBack) = (false, false);
        foreach (var host in hosts)
        {
            var addresses = await resolver.AddressesAsync(host, cancellationToken);
            isTemporary |= addresses.Status == DnsStatus.Temporary;
            var isLocal = options.LocalHops.Contains(host.TrimEnd('.'), StringComparer.OrdinalIgnoreCase);
            foreach (var address in addresses.Records)
            {
                // Whoever writes the record of a domain would reach what only the appliance can reach.
                if (OwnRange.Contains(address) && !isLocal)
                {
                    leadsBack = true;
                    continue;
                }

                hops.Add(new NextHop(new SmtpEndpoint(address.ToString(), options.MxPort), host.TrimEnd('.')));
            }
        }

        if (hops.Count > 0)
        {
            return route with { Hops = [.. hops.Take(MaxAddresses)] };
        }

        if (isTemporary)
        {
            return route with { Failure = DnsTrouble };
        }

        if (leadsBack)
        {
            return route with { Failure = LeadsBack(route.Domain!) };
        }

        // MX hosts without addresses are somebody's mistake and usually repaired; no MX and no address is no mail domain.
        return route with
        {
            Failure = isFallback
                ? new SmtpReply(550, "5.1.2", $"The domain {route.Domain} has no mail server")
                : new SmtpReply(451, "4.4.4", $"The mail servers of {route.Domain} have no addresses"),
        };
    }

    private static SmtpReply LeadsBack(string domain) => new(550, "5.4.6", $"The mail server of {domain} would be this gateway itself");

    private static SmtpReply NoSuchDomain(string domain) => new(550, "5.1.2", $"The domain {domain} does not exist");

    /// <summary>RFC 5321 §4.1.3: <c>[192.0.2.1]</c>, <c>[IPv6:2001:db8::1]</c>.</summary>
    private static IPAddress? ParseLiteral(string domain)
    {
        var text = domain.Trim('[', ']');
        text = text.StartsWith("IPv6:", StringComparison.OrdinalIgnoreCase) ? text[5..] : text;
        return IPAddress.TryParse(text, out var address) ? address : null;
    }

    private static string? AsciiName(string domain)
    {
        try
        {
            return domain.Length == 0 ? null : Idn.GetAscii(domain);
        }
        catch (ArgumentException)
        {
            // Names such as a_b.example are no host names, yet may have an MX.
            return System.Text.Ascii.IsValid(domain) ? domain : null;
        }
    }

    /// <summary>Built once per site, so that a message costs a look-up and not a join of strings.</summary>
    private sealed class Routes(SiteDirectory directory)
    {
        public SiteDirectory Directory { get; } = directory;

        public ConcurrentDictionary<string, Route> OfDomain { get; } = new(StringComparer.OrdinalIgnoreCase);

        public ConcurrentDictionary<string, Route> OfTenant { get; } = new(StringComparer.OrdinalIgnoreCase);
    }
}
