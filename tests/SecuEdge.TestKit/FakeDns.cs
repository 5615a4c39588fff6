using System.Net;
using SecuEdge.Filter.Dns;

namespace SecuEdge.TestKit;

/// <summary>
/// A zone in memory. Names without any record do not exist; names with records of other types have no data; names in
/// <see cref="Temporary"/> cannot be looked up now.
/// </summary>
public sealed class FakeDns : IDnsResolver
{
    private readonly Dictionary<string, List<MxRecord>> _exchangers = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, List<IPAddress>> _addresses = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, List<string>> _texts = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, List<string>> _pointers = new(StringComparer.OrdinalIgnoreCase);
    private int _lookups;

    public ISet<string> Temporary { get; } = new HashSet<string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Look-ups made so far: checks have limits on them (RFC 7208 §4.6.4).</summary>
    public int Lookups => _lookups;

    public FakeDns Mx(string domain, int preference, string host) => Add(_exchangers, domain, new MxRecord(preference, host));

    public FakeDns Address(string host, string address) => Add(_addresses, host, IPAddress.Parse(address));

    public FakeDns Text(string name, string text) => Add(_texts, name, text);

    public FakeDns Pointer(string address, string host) => Add(_pointers, IPAddress.Parse(address).ToString(), host);

    /// <summary>Makes the name fail for now, as an unreachable server does.</summary>
    public FakeDns Fails(string name)
    {
        Temporary.Add(name);
        return this;
    }

    public Task<DnsAnswer<MxRecord>> MailExchangersAsync(string domain, CancellationToken cancellationToken) =>
        Find(_exchangers, domain, cancellationToken, records => [.. records.OrderBy(record => record.Preference)]);

    public Task<DnsAnswer<IPAddress>> AddressesAsync(string host, CancellationToken cancellationToken) => Find(_addresses, host, cancellationToken);

    public Task<DnsAnswer<string>> TextsAsync(string name, CancellationToken cancellationToken) => Find(_texts, name, cancellationToken);

    public Task<DnsAnswer<string>> PointersAsync(IPAddress address, CancellationToken cancellationToken) =>
        Find(_pointers, address.ToString(), cancellationToken);

    private FakeDns Add<T>(Dictionary<string, List<T>> zone, string name, T record)
    {
        var key = name.TrimEnd('.');
        if (!zone.TryGetValue(key, out var records))
        {
            zone.Add(key, records = []);
        }

        records.Add(record);
        return this;
    }

    private Task<DnsAnswer<T>> Find<T>(
        Dictionary<string, List<T>> zone, string name, CancellationToken cancellationToken, Func<List<T>, IReadOnlyList<T>>? order = null)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Interlocked.Increment(ref _lookups);
        var key = name.TrimEnd('.');
        var answer = Temporary.Contains(key) ? new DnsAnswer<T>(DnsStatus.Temporary, [])
            : zone.TryGetValue(key, out var records) ? new(DnsStatus.Found, order?.Invoke(records) ?? [.. records])
            : new(Exists(key) ? DnsStatus.NoData : DnsStatus.NoSuchName, []);
        return Task.FromResult(answer);
    }

    private bool Exists(string name) =>
        _exchangers.ContainsKey(name) || _addresses.ContainsKey(name) || _texts.ContainsKey(name) || _pointers.ContainsKey(name);
}
