using System.Net;
using SecuEdge.Filter.Policy;
using SecuEdge.Smtp;

namespace SecuEdge.Appliance.Settings;

/// <summary>
/// A validated site, compiled for the questions that mail asks: whose domain, whose network, does the mailbox exist, where next, by which
/// policy. Made from the one before, only what changed and what is below it is compiled again.
/// </summary>
public sealed class SiteDirectory
{
    private readonly Dictionary<string, TenantRoute> _tenants;
    private readonly Dictionary<string, DomainRoute> _domains;
    private readonly ILookup<string, DomainRoute> _pending;
    private readonly ILookup<string, TenantRoute> _children;
    private readonly NetworkTable _networks;

    /// <param name="site">Must have passed <see cref="SiteValidation"/>.</param>
    /// <param name="before">Its nodes are used again as long as their <see cref="Tenant"/> is the same object.</param>
    public SiteDirectory(Site site, SiteDirectory? before = null)
    {
        Site = site;
        _tenants = new Dictionary<string, TenantRoute>(site.Tenants.Count + 1, StringComparer.OrdinalIgnoreCase);
        var named = site.Tenants.ToDictionary(t => t.Name, StringComparer.OrdinalIgnoreCase);
        Root = Add(named.GetValueOrDefault(Tenant.Root) ?? before?.ImpliedRoot ?? new Tenant { Name = Tenant.Root, Kind = TenantKind.Provider }, null, before);
        foreach (var tenant in site.Tenants)
        {
            Compile(tenant, named, before, 0);
        }

        _domains = DomainsOf(before);
        _pending = _tenants.Values.SelectMany(t => t.Domains).Where(IsPending).ToLookup(d => d.Domain.Name, StringComparer.OrdinalIgnoreCase);
        _children = _tenants.Values.Where(t => t.Parent is not null).ToLookup(t => t.Parent!.Tenant.Name, StringComparer.OrdinalIgnoreCase);
        _networks = before is not null && SameNetworks(before) ? before._networks : new NetworkTable(_tenants.Values);
        Unusable = before is null ? [] : [.. before.Unusable.Where(u => ReferenceEquals(FindTenant(u.Name)?.Tenant, u.StandIn))];
    }

    public Site Site { get; }

    /// <summary>The provider, whether the site names it or not.</summary>
    public TenantRoute Root { get; }

    /// <summary>Every node, the root too.</summary>
    public IReadOnlyCollection<TenantRoute> Tenants => _tenants.Values;

    /// <summary>
    /// Tenants whose stored settings cannot be used, until they are set anew. While there are any, mail that seems to concern nobody here waits:
    /// it may be theirs. Set by <see cref="SiteLoader"/> before the directory is in force.
    /// </summary>
    internal IReadOnlyList<UnusableTenant> Unusable { get; set; } = [];

    /// <summary>
    /// There is no such node any more, so that what is kept under its name can go. One whose stored settings cannot be used is still there, even
    /// where nothing stands in for it.
    /// </summary>
    public bool IsGone(string node) => FindTenant(node) is null && !Unusable.Any(u => u.Name.Equals(node, StringComparison.OrdinalIgnoreCase));

    /// <summary>The root when no tenant of the site is it; kept, so that nothing is compiled again.</summary>
    private Tenant? ImpliedRoot => Site.Tenants.Contains(Root.Tenant) ? null : Root.Tenant;

    /// <summary>The domain that takes mail, in any spelling; one whose ownership is still to be proven takes none.</summary>
    public DomainRoute? FindDomain(string domain) => _domains.GetValueOrDefault(DomainName.Canonical(domain));

    /// <summary>
    /// The domain as a tenant's own mail finds it: its owner proved it, or the node that vouched for it stands above the sender, too. Otherwise
    /// a reseller would get everybody's mail to any domain he writes down; such mail goes the way it would go without us.
    /// </summary>
    public DomainRoute? FindDomainFor(string sender, string domain) =>
        FindDomain(domain) is { } found
        && (found.Domain.Ownership == DomainOwnership.Proven || IsWithin(sender, (found.Tenant.Parent ?? found.Tenant).Tenant.Name))
            ? found
            : null;

    /// <summary>The domain that takes mail and those of the same name that wait to be proven.</summary>
    public IEnumerable<DomainRoute> DomainsNamed(string name)
    {
        var canonical = DomainName.Canonical(name);
        return (FindDomain(canonical) is { } active ? [active] : Array.Empty<DomainRoute>()).Concat(_pending[canonical]);
    }

    /// <summary>Somebody wants its mail, and nobody has proven that it is his.</summary>
    public bool IsPending(string domain) => FindDomain(domain) is null && _pending.Contains(DomainName.Canonical(domain));

    /// <summary>Null when there is none of that name; the root is always there.</summary>
    public TenantRoute? FindTenant(string name) => _tenants.GetValueOrDefault(name);

    /// <summary>Says which revision the site of a start, or a change that is about to be in force, comes from.</summary>
    internal void Number(IEnumerable<string> tenants, Func<string, int> revisionOf)
    {
        foreach (var name in tenants)
        {
            // A deleted one has no number any more.
            if (FindTenant(name) is { } route)
            {
                route.Revision = revisionOf(name);
            }
        }
    }

    /// <summary>Directly below.</summary>
    public IEnumerable<TenantRoute> Children(string node) => _children[node];

    /// <summary>Whether a node is the other or below it. False for nodes that do not exist, except that all nodes are within the root.</summary>
    public bool IsWithin(string node, string ancestor)
    {
        if (ancestor.Equals(Tenant.Root, StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        for (var at = FindTenant(node); at is not null; at = at.Parent)
        {
            if (at.Tenant.Name.Equals(ancestor, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The node directly below the root that a node is or stands below; the root for itself and for what does not exist.</summary>
    public string Top(string node)
    {
        var at = FindTenant(node) ?? Root;
        while (at.Parent is { Parent: not null } above)
        {
            at = above;
        }

        return at.Tenant.Name;
    }

    /// <summary>The node and everything below it; empty when there is no such node.</summary>
    public IEnumerable<string> Subtree(string node)
    {
        var waiting = new Stack<TenantRoute>();
        if (FindTenant(node) is { } top)
        {
            waiting.Push(top);
        }

        while (waiting.TryPop(out var next))
        {
            yield return next.Tenant.Name;
            foreach (var child in _children[next.Tenant.Name])
            {
                waiting.Push(child);
            }
        }
    }

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
    public TenantPolicy PolicyFor(string tenant, MailPath address) =>
        FindDomain(address.Domain) is { } domain && domain.Tenant.Tenant.Name.Equals(tenant, StringComparison.OrdinalIgnoreCase)
            ? domain.PolicyFor(address.LocalPart)
            : FindTenant(tenant)?.Policy ?? Root.Policy;

    /// <summary>How long mail is held: as the recipient's mailbox has it, or the sender's of outbound mail.</summary>
    public OutbreakHold HoldFor(string tenant, Filter.Direction direction, MailPath recipient, MailPath sender) =>
        PolicyFor(tenant, direction == Filter.Direction.Inbound ? recipient : sender).OutbreakHold;

    /// <summary>The tenant whose servers may relay from this address; null means nobody's.</summary>
    public TenantRoute? FindByNetwork(IPAddress address) => _networks.Find(address);

    private static bool IsPending(DomainRoute domain) => domain.Domain.Ownership == DomainOwnership.Pending;

    private TenantRoute Compile(Tenant tenant, Dictionary<string, Tenant> named, SiteDirectory? before, int depth)
    {
        if (_tenants.TryGetValue(tenant.Name, out var known))
        {
            return known;
        }

        // Validation has excluded cycles; whoever forgets it gets an exception and not a dead process.
        ArgumentOutOfRangeException.ThrowIfGreaterThan(depth, named.Count, nameof(depth));
        var parent = tenant.Parent is { } name && named.TryGetValue(name, out var above) ? Compile(above, named, before, depth + 1) : Root;
        return Add(tenant, parent, before);
    }

    private TenantRoute Add(Tenant tenant, TenantRoute? parent, SiteDirectory? before)
    {
        var former = before?.FindTenant(tenant.Name);
        var route = former is not null && ReferenceEquals(former.Tenant, tenant) && ReferenceEquals(former.Parent, parent) ? former : new TenantRoute(tenant, parent) { Revision = former?.Revision ?? 0 };
        _tenants.Add(tenant.Name, route);
        return route;
    }

    private Dictionary<string, DomainRoute> DomainsOf(SiteDirectory? before)
    {
        if (before is null)
        {
            return _tenants.Values.SelectMany(t => t.Domains).Where(d => !IsPending(d)).ToDictionary(d => d.Domain.Name, StringComparer.OrdinalIgnoreCase);
        }

        var domains = new Dictionary<string, DomainRoute>(before._domains, StringComparer.OrdinalIgnoreCase);
        foreach (var gone in before._tenants.Values.Where(t => !ReferenceEquals(FindTenant(t.Tenant.Name), t)).SelectMany(t => t.Domains).Where(d => !IsPending(d)))
        {
            domains.Remove(gone.Domain.Name);
        }

        foreach (var added in _tenants.Values.Where(t => !ReferenceEquals(before.FindTenant(t.Tenant.Name), t)).SelectMany(t => t.Domains).Where(d => !IsPending(d)))
        {
            domains[added.Domain.Name] = added;
        }

        return domains;
    }

    private bool SameNetworks(SiteDirectory before) =>
        _tenants.Count == before._tenants.Count
        && _tenants.Values.All(t => ReferenceEquals(before.FindTenant(t.Tenant.Name), t));
}
