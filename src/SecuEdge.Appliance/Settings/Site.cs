using System.ComponentModel.DataAnnotations;
using SecuEdge.Filter.Policy;

namespace SecuEdge.Appliance.Settings;

/// <summary>
/// The site file: who is protected and where their mail goes. Written by people and by reseller tools, imported whole, kept as numbered
/// revisions. Property names in JSON are camelCase.
/// </summary>
public sealed record Site
{
    public static Site Empty { get; } = new();

    public IReadOnlyList<Tenant> Tenants { get; init; } = [];
}

/// <summary>A customer: its domains, and the servers that send through us.</summary>
public sealed record Tenant
{
    /// <summary>Lower-case letters, digits, dots and dashes, 1-63.</summary>
    [Required]
    public string Name { get; init; } = "";

    public IReadOnlyList<Domain> Domains { get; init; } = [];

    public Outbound? Outbound { get; init; }

    public TenantPolicy Policy { get; init; } = TenantPolicy.Default;
}

/// <summary>A mail domain whose MX points here.</summary>
public sealed record Domain
{
    [Required]
    public string Name { get; init; } = "";

    /// <summary><c>host:port</c> of the customer's mail servers, tried in order.</summary>
    public IReadOnlyList<string> NextHops { get; init; } = [];

    /// <summary>Mailboxes: local parts or whole addresses; <c>*</c> accepts every local part. Anything else is answered 550 5.1.1.</summary>
    public IReadOnlyList<string> Recipients { get; init; } = ["*"];
}

/// <summary>Mail of the customer to the outside.</summary>
public sealed record Outbound
{
    /// <summary>Addresses or CIDR networks of the customer's servers.</summary>
    public IReadOnlyList<string> Networks { get; init; } = [];

    /// <summary>Smarthosts tried in order; empty = deliver by MX.</summary>
    public IReadOnlyList<string> NextHops { get; init; } = [];
}
