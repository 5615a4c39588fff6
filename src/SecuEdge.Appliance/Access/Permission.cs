namespace SecuEdge.Appliance.Access;

/// <summary>
/// What somebody may do to a node of the tenant tree and everything below it. Tokens name them in camelCase (<c>quarantineRelease</c>);
/// roles are sets of them. A closed set: endpoints declare one each, and one table says which role has it.
/// </summary>
public enum Permission
{
    /// <summary>Message log: envelope, verdict, timeline; not the content.</summary>
    MessagesRead,

    /// <summary>Quarantine list and reasons; not the content.</summary>
    QuarantineRead,

    /// <summary>Text and raw bytes of quarantined mail. Every look is audited.</summary>
    ContentRead,
    QuarantineRelease,
    QuarantineDelete,

    /// <summary>
    /// Release or forward what an engine convicted or nothing could scan; with <see cref="QuarantineRelease"/>, which alone is for spam and
    /// policy. One click of whoever expects an invoice must not let malware in.
    /// </summary>
    MalwareRelease,
    QueueRead,
    QueueManage,

    /// <summary>Tenants, domains, recipients as they are.</summary>
    TenantsRead,

    /// <summary>Create, change and delete tenants below the node, domains and recipients.</summary>
    TenantsManage,
    PolicyRead,

    /// <summary>Rules, lists (of words, of hashes), profiles, settings of a policy.</summary>
    PolicyWrite,

    /// <summary>Judge an uploaded message, back-test rules.</summary>
    Analyze,

    /// <summary>Users, roles, tokens, delegations.</summary>
    AccessManage,
    AuditRead,
    UsageRead,

    /// <summary>Live events and webhooks.</summary>
    Events,

    /// <summary>Search, export and erase a person's data.</summary>
    PrivacyManage,

    /// <summary>State of the appliance; asks for the root.</summary>
    SystemRead,

    /// <summary>Engines, rules of engines, import and export of everything; asks for the root.</summary>
    SystemManage,
}
