using System.Buffers.Binary;

namespace SecuEdge.Filter.Scanners.HashLists;

/// <summary>Sorts any number of hashes with a few bytes of their own, and drops repeats: runs of a quarter million each, then one merge.</summary>
internal sealed class HashSorter(int hashBytes, string folder) : IDisposable
{
    private const int RunEntries = 256 * 1024;
    private const int TailBytes = 4;

    private readonly int _stride = hashBytes + TailBytes;
    private readonly List<string> _runs = [];
    private readonly List<FileStream> _open = [];
    private byte[] _records = [];
    private int _count;

    public int HashBytes => hashBytes;

    /// <summary>Entries given so far, repeats counted.</summary>
    public long Count { get; private set; }

    public static (ushort ExpiryDay, ushort Comment) Tail(byte[] record) =>
        (BinaryPrimitives.ReadUInt16LittleEndian(record.AsSpan(record.Length - 4)), BinaryPrimitives.ReadUInt16LittleEndian(record.AsSpan(record.Length - 2)));

    public void Add(ReadOnlySpan<byte> hash, ushort expiryDay, ushort comment)
    {
        if (_count == RunEntries)
        {
            WriteRun();
        }

        // Grown as needed: most lists are small.
        if ((_count + 1) * _stride > _records.Length)
        {
            Array.Resize(ref _records, Math.Min(RunEntries * _stride, Math.Max(1024 * _stride, _records.Length * 2)));
        }

        var record = _records.AsSpan(_count * _stride, _stride);
        hash.CopyTo(record);
        BinaryPrimitives.WriteUInt16LittleEndian(record[hashBytes..], expiryDay);
        BinaryPrimitives.WriteUInt16LittleEndian(record[(hashBytes + 2)..], comment);
        _count++;
        Count++;
    }

    /// <summary>Each hash once, in order. The array is used again for the next.</summary>
    public IEnumerable<byte[]> Sorted()
    {
        WriteRun();
        _records = [];
        byte[]? last = null;
        foreach (var record in Merged())
        {
            if (last is not null && record.AsSpan(0, hashBytes).SequenceEqual(last.AsSpan(0, hashBytes)))
            {
                Combine(last, record);
                continue;
            }

            if (last is not null)
            {
                yield return last;
            }

            last ??= new byte[_stride];
            record.CopyTo(last, 0);
        }

        if (last is not null)
        {
            yield return last;
        }
    }

    public void Dispose() => _open.ForEach(file => file.Dispose());

    private void Combine(byte[] kept, byte[] other)
    {
        var (expiry, comment) = Tail(kept);
        var (otherExpiry, otherComment) = Tail(other);
        BinaryPrimitives.WriteUInt16LittleEndian(kept.AsSpan(hashBytes), HashListDays.Longer(expiry, otherExpiry));
        BinaryPrimitives.WriteUInt16LittleEndian(kept.AsSpan(hashBytes + 2), comment == 0 ? otherComment : comment);
    }

    private IEnumerable<byte[]> Merged()
    {
        var heads = new byte[_runs.Count][];
        var order = new PriorityQueue<int, int>(Comparer<int>.Create((one, other) => heads[one].AsSpan().SequenceCompareTo(heads[other])));
        for (var run = 0; run < _runs.Count; run++)
        {
            _open.Add(new FileStream(_runs[run], FileMode.Open, FileAccess.Read, FileShare.None, 64 * 1024));
            heads[run] = new byte[_stride];
            if (ReadNext(run, heads[run]))
            {
                order.Enqueue(run, run);
            }
        }

        while (order.TryDequeue(out var run, out _))
        {
            yield return heads[run];
            if (ReadNext(run, heads[run]))
            {
                order.Enqueue(run, run);
            }
        }
    }

    private bool ReadNext(int run, byte[] record) => _open[run].ReadAtLeast(record, record.Length, throwOnEndOfStream: false) == record.Length;

    private void WriteRun()
    {
        if (_count == 0)
        {
            return;
        }

        // Eight bytes decide nearly always, and comparing them is what processors do best.
        var keys = new ulong[_count];
        var order = new int[_count];
        for (var i = 0; i < _count; i++)
        {
            keys[i] = BinaryPrimitives.ReadUInt64BigEndian(_records.AsSpan(i * _stride));
            order[i] = i;
        }

        Array.Sort(keys, order);
        SortTies(keys, order);
        var path = Path.Combine(folder, $"run-{hashBytes}-{_runs.Count}");
        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 256 * 1024);
        foreach (var index in order)
        {
            file.Write(_records.AsSpan(index * _stride, _stride));
        }

        _runs.Add(path);
        _count = 0;
    }

    private void SortTies(ulong[] keys, int[] order)
    {
        var start = 0;
        for (var i = 1; i <= keys.Length; i++)
        {
            if (i < keys.Length && keys[i] == keys[start])
            {
                continue;
            }

            if (i - start > 1)
            {
                order.AsSpan(start, i - start).Sort((one, other) =>
                    _records.AsSpan(one * _stride, _stride).SequenceCompareTo(_records.AsSpan(other * _stride, _stride)));
            }

            start = i;
        }
    }
}
