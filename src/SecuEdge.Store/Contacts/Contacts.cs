using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using SecuEdge.Store.Files;

namespace SecuEdge.Store.Contacts;

/// <summary>
/// Contacts of all tenants: a table in memory from a hash of tenant and address to the day they last wrote, and behind it a journal of its
/// changed rows. A row is written again only after a month, so that a busy correspondent costs nothing.
/// </summary>
public sealed class Contacts : IContacts, IAsyncDisposable
{
    private const int RecordSize = 32;
    private const int RefreshDays = 30;

    private readonly StoreOptions _options;
    private readonly TimeProvider _timeProvider;
    private readonly string _path;
    private readonly Lock _lock = new();
    private readonly Dictionary<UInt128, int> _lastDays = [];
    private readonly LazyWriter<UInt128> _writer;
    private RecordFile _journal;

    private Contacts(StoreOptions options, string path, TimeProvider timeProvider, ILogger logger)
    {
        _options = options;
        _path = path;
        _timeProvider = timeProvider;
        _journal = RecordFile.Open(options.Files, path, RecordSize);
        _journal.Read(Take);
        _writer = new LazyWriter<UInt128>("contacts", Write, timeProvider, logger);
    }

    public static Contacts Open(StoreOptions options, TimeProvider timeProvider, ILogger logger)
    {
        var folder = Path.Combine(options.DataFolder, "contacts");
        options.Files.CreateFolder(folder);
        return new Contacts(options, Path.Combine(folder, "contacts"), timeProvider, logger);
    }

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _lastDays.Count;
            }
        }
    }

    public bool Knows(string tenant, string address)
    {
        var key = KeyOf(tenant, address);
        lock (_lock)
        {
            return _lastDays.ContainsKey(key);
        }
    }

    public void Note(string tenant, string address)
    {
        var key = KeyOf(tenant, address);
        var today = Today();
        lock (_lock)
        {
            if (_lastDays.TryGetValue(key, out var day) && today - day < RefreshDays)
            {
                return;
            }

            _lastDays[key] = today;
            if (_lastDays.Count > _options.RememberedContacts)
            {
                ForgetOldest();
            }
        }

        _writer.Add(key);
    }

    /// <summary>Writes what was noted until now.</summary>
    public Task FlushAsync(CancellationToken cancellationToken) => _writer.FlushAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync();
        _journal.Dispose();
    }

    /// <summary>A tenth at once, so that the search for the oldest is rare. Under the lock.</summary>
    private void ForgetOldest()
    {
        foreach (var key in _lastDays.OrderBy(p => p.Value).Take(Math.Max(1, _options.RememberedContacts / 10)).Select(p => p.Key).ToList())
        {
            _lastDays.Remove(key);
        }
    }

    private void Write(IReadOnlyList<UInt128> changed)
    {
        byte[] bytes;
        bool isOutdated;
        lock (_lock)
        {
            // What was forgotten stays in the journal until it is written anew; knowing a contact longer than promised harms nobody.
            isOutdated = _journal.Count + changed.Count > Math.Max(10_000, 2L * _lastDays.Count);
            bytes = Encode(isOutdated ? [.. _lastDays.Keys] : [.. changed.Distinct().Where(_lastDays.ContainsKey)]);
        }

        if (!isOutdated)
        {
            _journal.Append(bytes);
            return;
        }

        DurableFile.Write(_options.Files, _path, bytes);
        _journal.Dispose();
        _journal = RecordFile.Open(_options.Files, _path, RecordSize);
    }

    private byte[] Encode(List<UInt128> keys)
    {
        var bytes = new byte[keys.Count * RecordSize];
        for (var i = 0; i < keys.Count; i++)
        {
            var record = bytes.AsSpan(i * RecordSize, RecordSize);
            BinaryPrimitives.WriteUInt128LittleEndian(record, keys[i]);
            BinaryPrimitives.WriteInt32LittleEndian(record[16..], _lastDays[keys[i]]);
            RecordFile.Seal(record);
        }

        return bytes;
    }

    private void Take(ReadOnlySpan<byte> record) =>
        _lastDays[BinaryPrimitives.ReadUInt128LittleEndian(record)] = BinaryPrimitives.ReadInt32LittleEndian(record[16..]);

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
