using System.Net;

namespace SecuEdge.Filter.Dns;

/// <summary>How a look-up ended. Only <see cref="NoSuchName"/> and an empty list are answers; the rest is our or the network's trouble.</summary>
public enum DnsStatus
{
    Found,

    /// <summary>NXDOMAIN.</summary>
    NoSuchName,

    /// <summary>The name exists, not this type.</summary>
    NoData,

    /// <summary>SERVFAIL, time-out, unreachable: try again later.</summary>
    Temporary,
}

public sealed record DnsAnswer<T>(DnsStatus Status, IReadOnlyList<T> Records);

public sealed record MxRecord(int Preference, string Host);

/// <summary>The look-ups that mail needs. Every call has a time limit and never throws for a DNS error.</summary>
public interface IDnsResolver
{
    /// <summary>MX records by preference, equal ones shuffled (RFC 5321 §5.1). A null MX (RFC 7505) is one record with an empty host.</summary>
    Task<DnsAnswer<MxRecord>> MailExchangersAsync(string domain, CancellationToken cancellationToken);

    /// <summary>A and AAAA.</summary>
    Task<DnsAnswer<IPAddress>> AddressesAsync(string host, CancellationToken cancellationToken);

    Task<DnsAnswer<string>> TextsAsync(string name, CancellationToken cancellationToken);

    Task<DnsAnswer<string>> PointersAsync(IPAddress address, CancellationToken cancellationToken);
}
