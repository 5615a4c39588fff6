namespace SecuEdge.Store.Refusals;

/// <summary>
/// The rows of the current hour. An attack makes as many different addresses as it likes, so that each row has a place only as long as there is
/// room; then the attempts of the client are counted in one row, and then those of the tenant:
/// <code>
/// client, sender, recipient      20 for a client, 1,000 for a tenant
/// client                         the rest of a client
/// tenant                         the rest of all
/// </code>
/// </summary>
internal sealed class RefusalHour(DateTimeOffset start, RefusalVolume volume)
{
    // Whoever writes to more wrong addresses in an hour than a person would is guessing.
    private const int MaxOfClient = 20;

    // Some 500 KB of memory for a tenant, 10 MB for all.
    private const int MaxOfTenant = 1_000;
    private const int MaxRows = 20_000;

    private const int MaxReferences = 5;

    private readonly Dictionary<Key, Refusal> _rows = [];
    private readonly Dictionary<(string Tenant, string Client), int> _ofClient = [];
    private readonly Dictionary<string, int> _ofTenant = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<long, long> _written = [];

    public DateTimeOffset Start { get; } = start;

    public IEnumerable<Refusal> Rows => _rows.Values;

    /// <summary>A row that is on disk, after a restart.</summary>
    public void Restore(Refusal row)
    {
        if (!_rows.ContainsKey(KeyOf(row)))
        {
            CountRow(row.Tenant, row.Client);
        }

        _rows[KeyOf(row)] = row;
        _written[row.Id] = row.Count;
    }

    /// <param name="nextId">Called when the attempt needs a row of its own.</param>
    public void Add(RefusedAttempt attempt, Func<DateTimeOffset, long> nextId)
    {
        var key = PlaceFor(attempt);
        if (_rows.TryGetValue(key, out var row))
        {
            _rows[key] = row with
            {
                Last = attempt.At > row.Last ? attempt.At : row.Last,
                Count = row.Count + 1,
                Reply = attempt.Reply,
                References = row.IsSum ? [] : [.. row.References.TakeLast(MaxReferences - 1), attempt.Reference],
            };
            return;
        }

        CountRow(key.Tenant, key.Client);
        _rows[key] = new Refusal
        {
            Id = nextId(attempt.At),
            Tenant = key.Tenant,
            First = attempt.At,
            Last = attempt.At,
            Count = 1,
            Client = key.Client,
            Sender = key.Sender,
            Recipient = key.Recipient,
            Reason = key.Reason,
            Reply = attempt.Reply,
            References = key.IsSum ? [] : [attempt.Reference],
            IsSum = key.IsSum,
        };
    }

    /// <summary>
    /// Rows whose number on disk is worth writing anew: new ones, and while there is room those that have doubled, so that a row costs some twenty
    /// lines at most, and in a flood three.
    /// </summary>
    /// <param name="isOver">All that have changed.</param>
    public List<Refusal> Due(bool isOver) =>
        [.. _rows.Values.Where(r => _written.GetValueOrDefault(r.Id) is var known && r.Count > known && (isOver || known == 0 || (r.Count >= 2 * known && volume.HasRoom(r.Tenant))))];

    /// <summary>They are on disk as they are now.</summary>
    public void Written(IEnumerable<Refusal> rows)
    {
        foreach (var row in rows)
        {
            _written[row.Id] = row.Count;
        }
    }

    public void Erase(Func<Refusal, bool> isGone)
    {
        foreach (var (key, row) in _rows.Where(p => isGone(p.Value)).ToList())
        {
            _rows.Remove(key);
            _written.Remove(row.Id);
        }
    }

    private Key PlaceFor(RefusedAttempt attempt)
    {
        if (attempt.Client.Length == 0)
        {
            return new Key(attempt.Tenant, "", "", "", attempt.Reason, true);
        }

        var whole = new Key(attempt.Tenant, attempt.Client, attempt.Sender, attempt.Recipient, attempt.Reason, false);
        if (_rows.ContainsKey(whole))
        {
            return whole;
        }

        var ofClient = new Key(attempt.Tenant, attempt.Client, "", "", attempt.Reason, true);
        var hasRoom = HasRoom(attempt.Tenant);
        return hasRoom && _ofClient.GetValueOrDefault((attempt.Tenant, attempt.Client)) < MaxOfClient ? whole
            : hasRoom || _rows.ContainsKey(ofClient) ? ofClient
            : new Key(attempt.Tenant, "", "", "", attempt.Reason, true);
    }

    private bool HasRoom(string tenant) => _rows.Count < MaxRows && _ofTenant.GetValueOrDefault(tenant) < MaxOfTenant && volume.HasRoom(tenant);

    private void CountRow(string tenant, string client)
    {
        _ofClient[(tenant, client)] = _ofClient.GetValueOrDefault((tenant, client)) + 1;
        _ofTenant[tenant] = _ofTenant.GetValueOrDefault(tenant) + 1;
    }

    private static Key KeyOf(Refusal row) => new(row.Tenant, row.Client, row.Sender, row.Recipient, row.Reason, row.IsSum);

    private readonly record struct Key(string Tenant, string Client, string Sender, string Recipient, RefusalReason Reason, bool IsSum);
}

/// <summary>How much of a day's file is used, and by whom.</summary>
internal sealed class RefusalVolume
{
    // Some 3,000 rows of one tenant and 25,000 of all on a day: 3 GB in 13 months of attacks on everybody without a pause. The hour in which the
    // room ends may write each of its rows once more.
    private const long MaxTenantBytes = 1 << 20;
    private const long MaxBytes = 8 << 20;

    private readonly Dictionary<string, long> _ofTenant = new(StringComparer.OrdinalIgnoreCase);
    private long _bytes;

    public bool HasRoom(string tenant) => _bytes < MaxBytes && _ofTenant.GetValueOrDefault(tenant) < MaxTenantBytes;

    public void Add(string tenant, int bytes)
    {
        _bytes += bytes;
        _ofTenant[tenant] = _ofTenant.GetValueOrDefault(tenant) + bytes;
    }
}
