using System.ComponentModel.DataAnnotations;

namespace SecuEdge.Appliance.Settings;

/// <summary>
/// A directory (LDAP) of a tenant that is read now and then: its groups can be named by rules as <c>directory/group</c>, and domains may take their recipients
/// from it. The password is not part of it: it is given to <c>/directories</c>, and never shown again.
/// </summary>
public sealed record TenantDirectory
{
    public const int DefaultIntervalMinutes = 30;

    /// <summary>Lower-case letters, digits, dots and dashes, 1-63.</summary>
    [Required]
    public string Name { get; init; } = "";

    /// <summary>What fills in filters and attributes.</summary>
    public required DirectoryKind Kind { get; init; }

    /// <summary>Servers as <c>host</c> or <c>host:port</c>, tried in order.</summary>
    [MinLength(1)]
    [MaxLength(8)]
    public IReadOnlyList<string> Addresses { get; init; } = [];

    /// <summary>How the connection is protected.</summary>
    public DirectoryTls Tls { get; init; } = DirectoryTls.Ldaps;

    /// <summary>Certificates (PEM) of the authority that issued those of the servers; null = the authorities the appliance's system trusts.</summary>
    [MaxLength(50_000)]
    public string? CaCertificate { get; init; }

    /// <summary>Account that reads: a distinguished name, or <c>reader@corp.example</c> for Active Directory. Empty = anonymously.</summary>
    [MaxLength(500)]
    public string BindName { get; init; } = "";

    /// <summary>Distinguished name below which everything is read.</summary>
    [MaxLength(500)]
    public string Base { get; init; } = "";

    /// <summary>Entries with addresses; null = as usual for the kind.</summary>
    [MaxLength(4000)]
    public string? PeopleFilter { get; init; }

    /// <summary>Groups; null = as usual for the kind.</summary>
    [MaxLength(4000)]
    public string? GroupFilter { get; init; }

    /// <summary>Attributes with addresses; the first one found holds the main address. Null = as usual for the kind.</summary>
    [MaxLength(10)]
    public IReadOnlyList<string>? AddressAttributes { get; init; }

    /// <summary>Attribute with the name of a group; null = <c>cn</c>.</summary>
    [MaxLength(100)]
    public string? GroupNameAttribute { get; init; }

    /// <summary>Attributes with the members of a group: distinguished names or, in <c>memberUid</c>, short names. Null = as usual for the kind.</summary>
    [MaxLength(10)]
    public IReadOnlyList<string>? MemberAttributes { get; init; }

    /// <summary>Minutes between two readings. Half an hour is what peers do: a new colleague gets mail before lunch, and the server does not notice.</summary>
    [Range(5, 1440)]
    public int IntervalMinutes { get; init; } = DefaultIntervalMinutes;

    /// <summary>Whether it is read; what was read last stays in use.</summary>
    public bool Enabled { get; init; } = true;
}

/// <summary>What fills in filters and attributes.</summary>
public enum DirectoryKind
{
    /// <summary>Microsoft's, with or without Exchange: <c>mail</c> and <c>proxyAddresses</c>, members in <c>member</c>.</summary>
    ActiveDirectory,

    /// <summary>Usual schemas of OpenLDAP, 389 and FreeIPA: <c>mail</c> and aliases, groupOfNames, groupOfUniqueNames, posixGroup.</summary>
    OpenLdap,

    /// <summary>Filters and attributes are given.</summary>
    Custom,
}

/// <summary>How the connection is protected.</summary>
public enum DirectoryTls
{
    /// <summary>Encrypted from the first byte, port 636.</summary>
    Ldaps,

    /// <summary>Port 389, encrypted before the password is sent; a server that cannot is not used.</summary>
    StartTls,

    /// <summary>Password and addresses cross the network in the clear: only for a network that nobody else is on.</summary>
    None,
}
