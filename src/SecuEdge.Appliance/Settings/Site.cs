using System.ComponentModel.DataAnnotations;
using SecuEdge.Appliance.Settings.Notices;
using SecuEdge.Filter.Policy.Rules;

namespace SecuEdge.Appliance.Settings;

/// <summary>
/// The site file: who is protected, where their mail goes and by which policy. Written by people and by reseller tools, as a whole or tenant
/// by tenant; every change is a numbered revision. Property names in JSON are camelCase.
/// </summary>
public sealed record Site
{
    public static Site Empty { get; } = new();

    /// <summary>Parents anywhere in the list. The provider itself may be one of them, to give it a policy.</summary>
    public IReadOnlyList<Tenant> Tenants { get; init; } = [];
}

/// <summary>One node of the tree: the provider, a reseller or a customer.</summary>
public sealed record Tenant
{
    /// <summary>Name of the root, which is always there: the provider whose appliance it is.</summary>
    public const string Root = "provider";

    /// <summary>Lower-case letters, digits, dots and dashes, 1-63.</summary>
    [Required]
    public string Name { get; init; } = "";

    public TenantKind Kind { get; init; } = TenantKind.Customer;

    /// <summary>The node above; null = the provider.</summary>
    public string? Parent { get; init; }

    /// <summary>As people call it; empty = the name.</summary>
    [MaxLength(200)]
    public string DisplayName { get; init; } = "";

    public TenantState State { get; init; } = TenantState.Active;

    /// <summary>Null when it is no evaluation.</summary>
    public Trial? Trial { get; init; }

    public IReadOnlyList<Domain> Domains { get; init; } = [];

    public Outbound? Outbound { get; init; }

    /// <summary>What it sets itself; the rest is inherited.</summary>
    public PolicySettings Policy { get; init; } = new();

    /// <inheritdoc cref="ServiceSettings"/>
    public ServiceSettings Service { get; init; } = new();

    /// <summary>
    /// Settings that nodes below, and domains and mailboxes of this one, may not change: <c>policy.quarantineScore</c>, <c>service.retention</c>, or
    /// <c>policy.*</c>. Those of a reseller are his own to set, those of a customer belong to the node above.
    /// </summary>
    public IReadOnlyList<string> Locks { get; init; } = [];

    public IReadOnlyList<Rule> Rules { get; init; } = [];

    public IReadOnlyList<PolicyObject> Objects { get; init; } = [];

    public IReadOnlyList<WordList> WordLists { get; init; } = [];

    public IReadOnlyList<Group> Groups { get; init; } = [];

    public IReadOnlyList<Holiday> Holidays { get; init; } = [];

    /// <summary>Read now and then: groups for rules, recipients for domains.</summary>
    public IReadOnlyList<TenantDirectory> Directories { get; init; } = [];

    /// <summary>Words of notices, in force here and below; one of the same name replaces what is inherited.</summary>
    public IReadOnlyList<NoticeTemplate> NoticeTemplates { get; init; } = [];
}

public enum TenantKind
{
    Customer,

    /// <summary>Has customers below it, and may have domains of its own.</summary>
    Reseller,

    /// <summary>Only the root.</summary>
    Provider,
}

public enum TenantState
{
    Active,

    /// <summary>Its mail waits: 451 to every sender, nothing is delivered. With it everything below.</summary>
    Suspended,
}

/// <summary>An evaluation with an end.</summary>
public sealed record Trial
{
    public required DateTimeOffset Start { get; init; }

    public required DateTimeOffset End { get; init; }

    public TrialEnd AtEnd { get; init; } = TrialEnd.Suspend;
}

public enum TrialEnd
{
    /// <summary>As if its state were <see cref="TenantState.Suspended"/>.</summary>
    Suspend,

    /// <summary>Goes on; the provider sees that it is over.</summary>
    Continue,
}

/// <summary>A mail domain whose MX points here.</summary>
public sealed record Domain
{
    /// <summary>May be written in any spelling; kept as A-labels, lower-case, without the dot at the end.</summary>
    [Required]
    public string Name { get; init => field = DomainName.Canonical(value); } = "";

    /// <summary><c>host:port</c> of the customer's mail servers, tried in order.</summary>
    public IReadOnlyList<string> NextHops { get; init; } = [];

    /// <summary>Mailboxes: local parts or whole addresses; <c>*</c> accepts every local part. Anything else is answered 550 5.1.1.</summary>
    public IReadOnlyList<string> Recipients { get; init; } = ["*"];

    /// <summary>
    /// Directory of the tenant, or of a node above, whose addresses in this domain are its mailboxes, besides those of <see cref="Recipients"/>; with it, <c>*</c>
    /// there means nothing. Null = the list alone.
    /// </summary>
    [MaxLength(63)]
    public string? Directory { get; init; }

    /// <summary>How we know that the domain is the tenant's. A site file is the provider's word.</summary>
    public DomainOwnership Ownership { get; init; } = DomainOwnership.Vouched;

    /// <summary>What the domain sets besides its tenant.</summary>
    public PolicySettings Policy { get; init; } = new();

    /// <summary>Mailboxes with settings of their own.</summary>
    public IReadOnlyList<Mailbox> Mailboxes { get; init; } = [];
}

public enum DomainOwnership
{
    /// <summary>A node above says so; pending again when another tenant's record is seen.</summary>
    Vouched,

    /// <summary>Waits for its record in the DNS; no mail is taken for it.</summary>
    Pending,

    /// <summary>The record was seen.</summary>
    Proven,
}

/// <summary>A mailbox with settings of its own.</summary>
public sealed record Mailbox
{
    /// <summary>Local part or whole address.</summary>
    [Required]
    public string Address { get; init; } = "";

    public PolicySettings Policy { get; init; } = new();
}

/// <summary>Mail of the customer to the outside.</summary>
public sealed record Outbound
{
    /// <summary>Addresses or CIDR networks of the customer's servers.</summary>
    public IReadOnlyList<string> Networks { get; init; } = [];

    /// <summary>Smarthosts tried in order; empty = deliver by MX.</summary>
    public IReadOnlyList<string> NextHops { get; init; } = [];
}
