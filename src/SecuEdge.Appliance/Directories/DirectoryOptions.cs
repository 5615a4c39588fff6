using System.ComponentModel.DataAnnotations;

namespace SecuEdge.Appliance.Directories;

/// <summary>How directories of tenants are read.</summary>
public sealed class DirectoryOptions
{
    /// <summary>
    /// Networks besides the Internet in which directories may stand, such as a customer's behind a VPN. Empty: tenants choose the addresses, and must not
    /// reach the provider's network. The provider's own directories may stand in private networks anyway; loopback and link-local must be named.
    /// </summary>
    public IList<string> AllowedNetworks { get; set; } = [];

    /// <summary>Of a connection, with its certificate. Seconds suffice anywhere on earth.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
    public TimeSpan ConnectTimeLimit { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Between two answers of a server. A search without an index may think long before its first entry.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan AnswerTimeLimit { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Of reading a whole directory. 100,000 entries take some 10 s on a local network.</summary>
    [Range(typeof(TimeSpan), "00:00:05", "01:00:00")]
    public TimeSpan ReadTimeLimit { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Entries a page: half of what Active Directory gives at most (MaxPageSize 1000), and what OpenLDAP gives without limits of its own.</summary>
    [Range(10, 1000)]
    public int PageSize { get; set; } = 500;

    /// <summary>Directories read at the same time; the others wait.</summary>
    [Range(1, 32)]
    public int MaxParallel { get; set; } = 4;

    /// <summary>Entries of one directory; a larger one is not taken over. Twice of what was measured.</summary>
    [Range(1000, 1_000_000)]
    public int MaxEntries { get; set; } = 200_000;

    /// <summary>How often is looked which directory is due.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan Beat { get; set; } = TimeSpan.FromSeconds(5);
}
