using System.Security.Cryptography;
using System.Text;
using SecuEdge.Filter.Dns;
using SecuEdge.Store.State;

namespace SecuEdge.Appliance.Operations;

/// <summary>
/// Proof that whoever asks for a domain also keeps its DNS: a TXT record whose text belongs to this appliance, this tenant and this domain, so that it
/// proves nothing for anybody else.
/// </summary>
internal sealed class DomainChallenge(IStateFiles states, IDnsResolver resolver)
{
    private const string StateName = "domain-challenge";
    private const string Label = "_secuedge-challenge.";
    private const int KeyBytes = 32;

    private readonly Lock _gate = new();
    private byte[]? _key;

    public DnsRecord RecordFor(string tenant, string domain)
    {
        var proof = HMACSHA256.HashData(Key(), Encoding.UTF8.GetBytes($"{tenant.ToLowerInvariant()}\n{domain.ToLowerInvariant()}"));
        return new DnsRecord(Label + domain.ToLowerInvariant(), "TXT", "secuedge-verification=" + Convert.ToHexStringLower(proof));
    }

    /// <returns>Whether the record is there; null when the DNS did not answer.</returns>
    public async Task<bool?> IsProvenAsync(string tenant, string domain, CancellationToken cancellationToken)
    {
        var record = RecordFor(tenant, domain);
        var answer = await resolver.TextsAsync(record.Name, cancellationToken);
        return answer.Status == DnsStatus.Temporary ? null : answer.Records.Any(text => text.Trim() == record.Value);
    }

    private byte[] Key()
    {
        lock (_gate)
        {
            if (_key is null && states.Read(StateName) is { Length: KeyBytes } stored)
            {
                _key = stored;
            }

            if (_key is null)
            {
                var made = RandomNumberGenerator.GetBytes(KeyBytes);
                states.Write(StateName, made);
                _key = made;
            }

            return _key;
        }
    }
}

/// <summary>A record that somebody must put into the DNS.</summary>
public sealed record DnsRecord(string Name, string Type, string Value);
