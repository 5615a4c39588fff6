using SecuEdge.Appliance.Settings.Recipients;
using SecuEdge.Filter;
using SecuEdge.Filter.Policy;
using SecuEdge.Smtp;

namespace SecuEdge.Appliance.Settings;

/// <summary>A domain with its next hops parsed, its mailboxes indexed and its policies joined.</summary>
public sealed class DomainRoute
{
    private readonly RecipientBook? _book;
    private readonly HashSet<string> _localParts;
    private readonly bool _anyLocalPart;
    private readonly Dictionary<string, Lazy<TenantPolicy>>? _mailboxes;
    private TenantPolicy? _policy;

    public DomainRoute(TenantRoute tenant, Domain domain)
    {
        Tenant = tenant;
        Domain = domain;
        NextHops = SiteValidation.ParseHops(domain.NextHops);
        _book = domain.Recipients as RecipientBook;
        _anyLocalPart = TakesAny(domain);
        _localParts = _book is not null ? [] : domain.Recipients.Select(LocalPart).ToHashSet(StringComparer.OrdinalIgnoreCase);
        Settings = TenantRoute.JoinPolicy(tenant.Settings, domain.Policy, tenant.LocksBelow);
        _mailboxes = domain.Mailboxes.Count == 0
            ? null
            : domain.Mailboxes.ToDictionary(m => LocalPart(m.Address), m => new Lazy<TenantPolicy>(() => PolicyOf(m)), StringComparer.OrdinalIgnoreCase);
    }

    public TenantRoute Tenant { get; }

    public Domain Domain { get; }

    public IReadOnlyList<SmtpEndpoint> NextHops { get; }

    /// <summary>What is set at the domain or above it.</summary>
    public PolicySettings Settings { get; }

    /// <summary>Compiled when first asked for, as <see cref="TenantRoute.Policy"/>.</summary>
    public TenantPolicy Policy => _policy ??= ReferenceEquals(Settings, Tenant.Settings) ? Tenant.Policy : Tenant.PolicyOf(Settings);

    /// <summary>RFC 5321 §4.5.1: postmaster always exists.</summary>
    public bool HasMailbox(string localPart) =>
        _anyLocalPart || (_book?.Contains(localPart.ToLowerInvariant()) ?? _localParts.Contains(localPart)) || localPart.Equals("postmaster", StringComparison.OrdinalIgnoreCase);

    /// <summary>The mailbox's own policy, or the domain's. <c>eva+shop</c> is eva where it is no mailbox of its own (RFC 5233).</summary>
    public TenantPolicy PolicyFor(string localPart) =>
        _mailboxes is null ? Policy
        : _mailboxes.TryGetValue(localPart, out var own) || _mailboxes.TryGetValue(localPart[..Subaddress.Start(localPart)], out own) ? own.Value
        : Policy;

    /// <summary>Whether the domain accepts every local part, listed or not.</summary>
    internal static bool TakesAny(Domain domain) => domain.Recipients is RecipientBook book ? book.Contains("*") : domain.Recipients.Contains("*");

    /// <summary>Local part of what is a local part or a whole address.</summary>
    internal static string LocalPart(string address) => address.LastIndexOf('@') is var at and > 0 ? address[..at] : address;

    private TenantPolicy PolicyOf(Mailbox mailbox) =>
        TenantRoute.JoinPolicy(Settings, mailbox.Policy, Tenant.LocksBelow) is var settings && ReferenceEquals(settings, Settings) ? Policy : Tenant.PolicyOf(settings);
}
