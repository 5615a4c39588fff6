using System.Collections.Frozen;
using System.Net;
using SecuEdge.Filter.Policy;
using SecuEdge.Smtp;

namespace SecuEdge.Appliance.Settings;

/// <summary>A validated site, compiled for the questions that mail asks: whose domain, whose network, does the mailbox exist, where next.</summary>
public sealed class SiteDirectory
{
    private readonly FrozenDictionary<string, DomainRoute> _domains;
    private readonly FrozenDictionary<string, TenantRoute> _tenants;
    private readonly IReadOnlyList<(IPNetwork Network, TenantRoute Tenant)> _networks;

    /// <param name="site">Must have passed <see cref="SiteValidation"/>.</param>
    public SiteDirectory(Site site)
    {
        Site = site;
        _tenants = site.Tenants.Select(t => new TenantRoute(t)).ToFrozenDictionary(t => t.Tenant.Name, StringComparer.OrdinalIgnoreCase);
        _domains = site.Tenants
            .SelectMany(t => t.Domains.Select(d => new DomainRoute(_tenants[t.Name], d)))
            .ToFrozenDictionary(d => d.Domain.Name, StringComparer.OrdinalIgnoreCase);
        // The longest prefix wins, so a customer inside a reseller's range keeps its own policy.
        _networks = [.. site.Tenants
            .SelectMany(t => (t.Outbound?.Networks ?? []).Select(n => (Network: SiteValidation.ParseNetwork(n)!.Value, Tenant: _tenants[t.Name])))
            .OrderByDescending(n => n.Network.PrefixLength)];
    }

    public Site Site { get; }

    public DomainRoute? FindDomain(string domain) => _domains.GetValueOrDefault(domain);

    public TenantRoute? FindTenant(string name) => _tenants.GetValueOrDefault(name);

    /// <summary>Whether a node is the other or below it. False for nodes that do not exist, except that all nodes are within the root.</summary>
    public bool IsWithin(string node, string ancestor)
    {
        for (var at = node; ;)
        {
            if (at.Equals(ancestor, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }

            if (at.Equals(Tenant.Root, StringComparison.OrdinalIgnoreCase))
            {
                return false;
            }

            at = FindTenant(at)?.Tenant.Parent ?? Tenant.Root;
        }
    }

    /// <summary>The node and everything below it.</summary>
    public IEnumerable<string> Subtree(string node) => Site.Tenants.Select(t => t.Name).Append(Tenant.Root).Where(n => IsWithin(n, node));

    /// <summary>Whether readers of the tenant's mail must say why: its own word, or that of the nearest node above that says something.</summary>
    public bool AsksReason(string tenant)
    {
        for (var at = FindTenant(tenant)?.Tenant; ; at = FindTenant(at.Parent ?? Tenant.Root)?.Tenant)
        {
            if (at is null)
            {
                return false;
            }

            if (at.Service.ReasonRequired is { } asks)
            {
                return asks;
            }

            if (at.Name.Equals(Tenant.Root, StringComparison.OrdinalIgnoreCase))
            {
                return false;
            }
        }
    }

    /// <summary>The policy for one recipient (inbound) or sender (outbound) of a tenant: mailbox, domain, tenant and all above.</summary>
    public TenantPolicy PolicyFor(string tenant, MailPath address) => FindTenant(tenant)?.Policy ?? TenantPolicy.Default;

    /// <summary>The tenant whose servers may relay from this address; null means nobody's.</summary>
    public TenantRoute? FindByNetwork(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        foreach (var (network, tenant) in _networks)
        {
            if (network.Contains(plain))
            {
                return tenant;
            }
        }

        return null;
    }
}

/// <summary>A tenant with its smarthosts parsed.</summary>
public sealed class TenantRoute(Tenant tenant)
{
    public Tenant Tenant { get; } = tenant;

    /// <summary>The tenant's own settings on top of what it inherits.</summary>
    public TenantPolicy Policy { get; } = Resolve(tenant.Policy);

    /// <summary>Empty = by MX.</summary>
    public IReadOnlyList<SmtpEndpoint> OutboundHops { get; } = SiteValidation.ParseHops(tenant.Outbound?.NextHops ?? []);

    private static TenantPolicy Resolve(PolicySettings own)
    {
        var inherited = TenantPolicy.Default;
        return inherited with
        {
            TagScore = own.TagScore ?? inherited.TagScore,
            QuarantineScore = own.QuarantineScore ?? inherited.QuarantineScore,
            RejectScore = own.RejectScore ?? inherited.RejectScore,
            Actions = own.Actions ?? inherited.Actions,
            Scores = own.Scores ?? inherited.Scores,
            OutbreakHold = own.OutbreakHold ?? inherited.OutbreakHold,
            ArchivePasswords = own.ArchivePasswords ?? inherited.ArchivePasswords,
        };
    }
}

/// <summary>A domain with its next hops parsed and its mailboxes indexed.</summary>
public sealed class DomainRoute
{
    private readonly FrozenSet<string> _localParts;
    private readonly bool _anyLocalPart;

    public DomainRoute(TenantRoute tenant, Domain domain)
    {
        Tenant = tenant;
        Domain = domain;
        NextHops = SiteValidation.ParseHops(domain.NextHops);
        _anyLocalPart = domain.Recipients.Contains("*");
        _localParts = domain.Recipients
            .Select(r => r.LastIndexOf('@') is var at and > 0 ? r[..at] : r)
            .ToFrozenSet(StringComparer.OrdinalIgnoreCase);
    }

    public TenantRoute Tenant { get; }

    public Domain Domain { get; }

    public IReadOnlyList<SmtpEndpoint> NextHops { get; }

    /// <summary>RFC 5321 §4.5.1: postmaster always exists.</summary>
    public bool HasMailbox(string localPart) =>
        _anyLocalPart || _localParts.Contains(localPart) || localPart.Equals("postmaster", StringComparison.OrdinalIgnoreCase);
}
