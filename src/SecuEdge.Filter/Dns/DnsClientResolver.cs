using System.Net;
using DnsClient;
using DnsClient.Protocol;

namespace SecuEdge.Filter.Dns;

/// <summary>Look-ups through the DnsClient package, which nobody else sees. It keeps answers for their time to live.</summary>
public sealed class DnsClientResolver : IDnsResolver
{
    private readonly LookupClient _client;
    private readonly TimeSpan _limit;
    private readonly TimeProvider _timeProvider;

    public DnsClientResolver(DnsOptions options, TimeProvider timeProvider)
    {
        var servers = options.Servers.Select(server => WithPort(IPEndPoint.Parse(server))).ToArray();
        var settings = servers.Length > 0 ? new LookupClientOptions(servers) : new LookupClientOptions();
        settings.Timeout = options.Timeout;
        settings.Retries = options.Retries;
        settings.ThrowDnsErrors = false;
        _client = new LookupClient(settings);
        _timeProvider = timeProvider;
        // Above what the package needs for all its attempts: ours ends only what it would not.
        _limit = options.Timeout * (options.Retries + 1) * Math.Max(1, Math.Min(servers.Length, 3)) + TimeSpan.FromSeconds(1);
    }

    public async Task<DnsAnswer<MxRecord>> MailExchangersAsync(string domain, CancellationToken cancellationToken)
    {
        var answer = await AskAsync(domain, QueryType.MX, answers => answers.MxRecords(), cancellationToken);
        var records = answer.Records.Select(record => new MxRecord(record.Preference, NameOf(record.Exchange))).ToArray();
        // RFC 5321 §5.1: equal preferences in random order; the sort is stable, so shuffling first does it.
        Random.Shared.Shuffle(records);
        return new(answer.Status, [.. records.OrderBy(record => record.Preference)]);
    }

    public async Task<DnsAnswer<IPAddress>> AddressesAsync(string host, CancellationToken cancellationToken)
    {
        var v4 = AskAsync(host, QueryType.A, answers => answers.ARecords(), cancellationToken);
        var v6 = AskAsync(host, QueryType.AAAA, answers => answers.AaaaRecords(), cancellationToken);
        var (a, aaaa) = (await v4, await v6);
        IPAddress[] addresses = [.. a.Records.Select(record => record.Address), .. aaaa.Records.Select(record => record.Address)];
        var status = addresses.Length > 0 ? DnsStatus.Found
            : a.Status == DnsStatus.Temporary || aaaa.Status == DnsStatus.Temporary ? DnsStatus.Temporary
            : a.Status;
        return new(status, addresses);
    }

    public async Task<DnsAnswer<string>> TextsAsync(string name, CancellationToken cancellationToken)
    {
        var answer = await AskAsync(name, QueryType.TXT, answers => answers.TxtRecords(), cancellationToken);
        // RFC 7208 §3.3: the strings of one record are joined without blanks.
        return new(answer.Status, [.. answer.Records.Select(record => string.Concat(record.Text))]);
    }

    public async Task<DnsAnswer<string>> PointersAsync(IPAddress address, CancellationToken cancellationToken)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        var answer = await AskAsync(plain.GetArpaName(), QueryType.PTR, answers => answers.PtrRecords(), cancellationToken);
        return new(answer.Status, [.. answer.Records.Select(record => NameOf(record.PtrDomainName))]);
    }

    private async Task<DnsAnswer<T>> AskAsync<T>(
        string name, QueryType type, Func<IReadOnlyList<DnsResourceRecord>, IEnumerable<T>> pick, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!IsPossible(name))
        {
            return new(DnsStatus.NoSuchName, []);
        }

        using var limit = new CancellationTokenSource(_limit, _timeProvider);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            var response = await _client.QueryAsync(name, type, QueryClass.IN, linked.Token).WaitAsync(linked.Token);
            T[] records = [.. pick(response.Answers)];
            return new(StatusOf(response, records.Length), records);
        }
        catch (Exception exception) when (exception is DnsResponseException or OperationCanceledException)
        {
            // The package reports a cancelled look-up as either.
            cancellationToken.ThrowIfCancellationRequested();
            return new(DnsStatus.Temporary, []);
        }
        catch (ArgumentException)
        {
            // Too long (RFC 1035 §2.3.4): what cannot be a name does not exist, today or later.
            return new(DnsStatus.NoSuchName, []);
        }
    }

    // The package would cut a name at an empty label and ask for what is left of it, the root at worst.
    private static bool IsPossible(string name) =>
        name.Length > 0 && name[0] != '.' && !name.Contains("..", StringComparison.Ordinal)
        && !name.Any(c => c is <= ' ' or '\\' or '\u007f');

    private static DnsStatus StatusOf(IDnsQueryResponse response, int count) => response.Header.ResponseCode switch
    {
        DnsHeaderResponseCode.NoError => count > 0 ? DnsStatus.Found : DnsStatus.NoData,
        DnsHeaderResponseCode.NotExistentDomain => DnsStatus.NoSuchName,
        _ => DnsStatus.Temporary,
    };

    // RFC 7505: the null MX has the root as its host, which is written as nothing here.
    private static string NameOf(DnsString name) => name.Value.TrimEnd('.').ToLowerInvariant();

    private static IPEndPoint WithPort(IPEndPoint server) => server.Port == 0 ? new(server.Address, 53) : server;
}
