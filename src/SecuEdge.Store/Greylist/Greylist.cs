using System.Buffers.Binary;
using Microsoft.Extensions.Logging;
using SecuEdge.Store.Files;

namespace SecuEdge.Store.Greylist;

/// <summary>
/// Who was asked to come back, and who did. A crash may forget the last second, which asks somebody once more.
/// </summary>
public sealed class Greylist : IAsyncDisposable
{
    // Some 20 MB of memory; a flood of strangers pushes out strangers, not those who came back.
    private const int UsualCapacity = 200_000;

    // Usual among peers: a day to come back, and 36 days so that a monthly newsletter is known the next time.
    private static readonly TimeSpan Window = TimeSpan.FromDays(1);
    private static readonly TimeSpan Memory = TimeSpan.FromDays(36);

    // When somebody came last need not be known better; a journal line for each of his mails would be.
    private static readonly TimeSpan Precision = TimeSpan.FromHours(6);

    private static readonly RememberedRow<Row> Form = new(48, Write, Read, row => row.IsNone);

    private readonly TimeProvider _timeProvider;
    private readonly int _capacity;
    private readonly RememberedKeys<Row> _known;

    private Greylist(RememberedKeys<Row> known, int capacity, TimeProvider timeProvider)
    {
        _known = known;
        _capacity = capacity;
        _timeProvider = timeProvider;
    }

    public static Greylist Open(StoreOptions options, TimeProvider timeProvider, ILogger logger, int capacity = UsualCapacity) =>
        new(new RememberedKeys<Row>(options, "greylist", "known", Form, "greylist", timeProvider, logger), capacity, timeProvider);

    public int Count
    {
        get
        {
            lock (_known.Gate)
            {
                return _known.Count;
            }
        }
    }

    /// <param name="wait">How long a stranger has to stay away.</param>
    /// <returns>Null to let him pass; otherwise how long he still has to wait.</returns>
    public TimeSpan? Ask(UInt128 key, TimeSpan wait)
    {
        var now = _timeProvider.GetUtcNow();
        lock (_known.Gate)
        {
            var row = _known.Find(key);
            var age = now - row.Since;
            if (row.IsKnown && age <= Memory)
            {
                if (age >= Precision)
                {
                    Put(key, row with { Since = now });
                }

                return null;
            }

            if (row.IsNone || row.IsKnown || age > Window || age < TimeSpan.Zero)
            {
                Put(key, new Row(now, IsKnown: false));
                return wait;
            }

            if (age < wait)
            {
                return wait - age;
            }

            Put(key, new Row(now, IsKnown: true));
            return null;
        }
    }

    /// <summary>Writes what changed until now.</summary>
    public Task FlushAsync(CancellationToken cancellationToken) => _known.FlushAsync(cancellationToken);

    public ValueTask DisposeAsync() => _known.DisposeAsync();

    /// <summary>Under the gate.</summary>
    private void Put(UInt128 key, Row row)
    {
        _known.Put(key, row);
        if (_known.Count > _capacity)
        {
            ForgetSome();
        }
    }

    /// <summary>What is out of date, or else a tenth, strangers and the oldest first. Under the gate.</summary>
    private void ForgetSome()
    {
        var now = _timeProvider.GetUtcNow();
        var outdated = _known.Rows.Where(e => now - e.Value.Since > (e.Value.IsKnown ? Memory : Window)).Select(e => e.Key).ToList();
        if (outdated.Count < _capacity / 10)
        {
            _known.Limit(_capacity, row => (row.IsKnown, row.Since));
            return;
        }

        foreach (var key in outdated)
        {
            _known.Forget(key);
        }
    }

    private static void Write(Row row, Span<byte> place)
    {
        BinaryPrimitives.WriteInt64LittleEndian(place, row.Since.UtcTicks);
        place[8] = row.IsKnown ? (byte)1 : (byte)0;
    }

    private static Row Read(ReadOnlySpan<byte> place) =>
        new(new DateTimeOffset(BinaryPrimitives.ReadInt64LittleEndian(place), TimeSpan.Zero), place[8] == 1);

    /// <param name="Since">When he came first; of those known, when he came last.</param>
    private readonly record struct Row(DateTimeOffset Since, bool IsKnown)
    {
        public bool IsNone => Since == default;
    }
}
