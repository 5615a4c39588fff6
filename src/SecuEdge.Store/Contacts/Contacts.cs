using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using SecuEdge.Store.Files;

namespace SecuEdge.Store.Contacts;

/// <summary>
/// Contacts of all tenants: from a hash of tenant and address to the day they last wrote. A row is written again only after a month, so that a
/// busy correspondent costs nothing.
/// </summary>
public sealed class Contacts : IContacts, IAsyncDisposable
{
    private const int RefreshDays = 30;

    private static readonly RememberedRow<int> Form = new(
        32, (day, place) => BinaryPrimitives.WriteInt32LittleEndian(place, day), BinaryPrimitives.ReadInt32LittleEndian, day => day == 0);

    private readonly StoreOptions _options;
    private readonly TimeProvider _timeProvider;

    /// <summary>Days since the first of January of the year 1.</summary>
    private readonly RememberedKeys<int> _lastDays;

    private Contacts(StoreOptions options, TimeProvider timeProvider, ILogger logger)
    {
        _options = options;
        _timeProvider = timeProvider;
        _lastDays = new RememberedKeys<int>(options, "contacts", "contacts", Form, "contacts", timeProvider, logger);
    }

    public static Contacts Open(StoreOptions options, TimeProvider timeProvider, ILogger logger) => new(options, timeProvider, logger);

    public int Count
    {
        get
        {
            lock (_lastDays.Gate)
            {
                return _lastDays.Count;
            }
        }
    }

    public bool Knows(string tenant, string address)
    {
        var key = KeyOf(tenant, address);
        lock (_lastDays.Gate)
        {
            return _lastDays.TryFind(key, out _);
        }
    }

    public void Note(string tenant, string address)
    {
        var key = KeyOf(tenant, address);
        var today = Today();
        lock (_lastDays.Gate)
        {
            if (_lastDays.TryFind(key, out var day) && today - day < RefreshDays)
            {
                return;
            }

            _lastDays.Put(key, today);
            _lastDays.Limit(_options.RememberedContacts, lastDay => lastDay);
        }
    }

    /// <summary>Writes what was noted until now.</summary>
    public Task FlushAsync(CancellationToken cancellationToken) => _lastDays.FlushAsync(cancellationToken);

    public ValueTask DisposeAsync() => _lastDays.DisposeAsync();

    private int Today() => (int)(_timeProvider.GetUtcNow().UtcTicks / TimeSpan.TicksPerDay);

    /// <summary>
    /// The tenant is part of it, so that one customer's contacts say nothing about another's. What automatic senders put into their address
    /// to recognise an answer (a tag after '+', numbers) is left out: it is new with every mail.
    /// </summary>
    private static UInt128 KeyOf(string tenant, string address)
    {
        var text = new StringBuilder(tenant.Length + address.Length + 1).Append(tenant.ToLowerInvariant()).Append('\n');
        var at = address.LastIndexOf('@');
        var local = at < 0 ? address : address[..at];
        var tag = local.IndexOf('+', StringComparison.Ordinal);
        foreach (var c in tag > 0 ? local.AsSpan(0, tag) : local)
        {
            if (!char.IsAsciiDigit(c))
            {
                text.Append(char.ToLowerInvariant(c));
            }
            else if (text[^1] != '#')
            {
                text.Append('#');
            }
        }

        text.Append(at < 0 ? "" : address[at..].ToLowerInvariant());
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString()), hash);
        return BinaryPrimitives.ReadUInt128LittleEndian(hash);
    }
}
