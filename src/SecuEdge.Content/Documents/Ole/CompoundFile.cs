using System.Buffers.Binary;
using System.Collections;
using System.Text;

namespace SecuEdge.Content.Documents.Ole;

/// <summary>
/// [MS-CFB]: a file system in a file, with sector chains like FAT. Chains may loop, cross and lead nowhere; each is followed at most as
/// far as the file is long, and all reading together is bounded too. What cannot be followed ends early, as it does for Office.
/// </summary>
internal sealed class CompoundFile : IDisposable
{
    private const uint FirstSpecialSector = 0xfffffffa;
    private const int DirectoryEntryBytes = 128;
    private const int HeaderFatSectors = 109;

    /// <summary>Installers have a few thousand streams, documents a few hundred.</summary>
    private const int MaxEntries = 20_000;

    private const int MaxDepth = 100;

    private readonly Stream _file;
    private readonly long _length;
    private readonly int _sectorShift;
    private readonly int _miniShift;
    private readonly uint _miniCutoff;
    private readonly uint[] _fat;
    private readonly uint[] _miniFat;
    private readonly List<CompoundEntry> _entries = [];
    private readonly Dictionary<string, CompoundEntry> _byPath = new(StringComparer.OrdinalIgnoreCase);
    private List<uint> _miniStream = [];
    private readonly Dictionary<(uint Start, bool IsMini), long> _charged = [];
    private long _readableBytes;

    public CompoundFile(IByteSource bytes)
    {
        _file = bytes.OpenRead();
        _length = bytes.Length;
        _readableBytes = (_length * 4) + (1024 * 1024);
        try
        {
            // §2.2
            var header = ReadAt(0, 512);
            if (header.Length < 512)
            {
                throw new InvalidDataException("A compound file shorter than its header.");
            }

            _sectorShift = Math.Clamp((int)BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(0x1e)), 7, 16);
            _miniShift = Math.Clamp((int)BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(0x20)), 4, _sectorShift);
            _miniCutoff = Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(0x38)), 1 << 20);
            _fat = ReadTable(FatSectors(header));
            _miniFat = ReadTable(Chain(BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(0x3c))));
            var isVersion3 = BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(0x1a)) == 3;
            ReadDirectory(Chain(BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(0x30))), isVersion3);
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    /// <summary>All storages and streams, the root first; those that no storage leads to come last.</summary>
    public IReadOnlyList<CompoundEntry> Entries => _entries;

    /// <summary>Something in the structure contradicts itself.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>There is more in it than was read: streams or entries beyond our limits, not beyond those of the file.</summary>
    public bool IsCut { get; private set; }

    private int SectorBytes => 1 << _sectorShift;

    private long SectorCount => _length >> _sectorShift;

    public CompoundEntry? Find(string path) => _byPath.GetValueOrDefault(path);

    public CompoundEntry? FindIn(string storage, string name) => Find(storage.Length == 0 ? name : $"{storage}/{name}");

    public IEnumerable<CompoundEntry> Streams => _entries.Where(entry => entry.IsStream);

    /// <summary>The stream as far as its chain goes. It reads the file of this object, so only one is read at a time.</summary>
    public Stream Open(CompoundEntry entry)
    {
        var extents = new List<Extent>();
        if (entry.IsStream)
        {
            // §2.6.3: short streams lie in the mini stream.
            var isMini = entry.Size < _miniCutoff;
            AddExtents(extents, entry.Start, Charge(entry.Start, isMini, Math.Min(entry.Size, _length)), isMini);
        }

        return new ExtentStream(_file, extents);
    }

    /// <summary>The first bytes of a stream, all of it if it is that short.</summary>
    public byte[] Read(CompoundEntry entry, int maxBytes)
    {
        using var stream = Open(entry with { Size = Math.Min(entry.Size, Math.Max(maxBytes, entry.Size < _miniCutoff ? 0 : _miniCutoff)) });
        var bytes = new byte[(int)Math.Min(maxBytes, stream.Length)];
        var count = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return count == bytes.Length ? bytes : bytes[..count];
    }

    public void Dispose() => _file.Dispose();

    /// <summary>
    /// How much of a stream may be read. Each chain is charged once, however many entries share it: decoys that all name the longest chain
    /// would use up what the streams behind them need.
    /// </summary>
    private long Charge(uint start, bool isMini, long size)
    {
        var charged = _charged.GetValueOrDefault((start, isMini));
        if (size > charged)
        {
            var more = Math.Min(size - charged, _readableBytes);
            IsCut |= charged + more < size;
            _readableBytes -= more;
            _charged[(start, isMini)] = charged + more;
        }

        return Math.Min(size, _charged.GetValueOrDefault((start, isMini)));
    }

    private void AddExtents(List<Extent> extents, uint start, long size, bool isMini)
    {
        var (table, shift) = isMini ? (_miniFat, _miniShift) : (_fat, _sectorShift);
        var sector = start;
        while (size > 0)
        {
            var count = Math.Min(size, 1L << shift);
            var offset = isMini ? OffsetInMiniStream(sector) : SectorOffset(sector);
            if (sector >= FirstSpecialSector || offset < 0 || offset >= _length)
            {
                IsBroken = true;
                return;
            }

            Append(extents, new Extent(offset, Math.Min(count, _length - offset)));
            size -= count;
            sector = sector < table.Length ? table[sector] : FirstSpecialSector;
        }
    }

    private static void Append(List<Extent> extents, Extent next)
    {
        if (extents.Count > 0 && extents[^1].Offset + extents[^1].Length == next.Offset)
        {
            extents[^1] = new Extent(extents[^1].Offset, extents[^1].Length + next.Length);
        }
        else
        {
            extents.Add(next);
        }
    }

    private long SectorOffset(uint sector) => (sector + 1L) << _sectorShift;

    private long OffsetInMiniStream(uint miniSector)
    {
        var position = (long)miniSector << _miniShift;
        var index = position >> _sectorShift;
        return index < _miniStream.Count ? SectorOffset(_miniStream[(int)index]) + (position & (SectorBytes - 1)) : -1;
    }

    /// <summary>§2.5: the header names the first 109 sectors of the table, a chain of sectors the others.</summary>
    private List<uint> FatSectors(byte[] header)
    {
        var sectors = new List<uint>();
        for (var i = 0; i < HeaderFatSectors; i++)
        {
            AddFatSector(sectors, BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(0x4c + (i * 4))));
        }

        var next = BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(0x44));
        for (long i = 0; i <= SectorCount && next < FirstSpecialSector; i++)
        {
            var table = ReadAt(SectorOffset(next), SectorBytes);
            if (table.Length < SectorBytes)
            {
                break;
            }

            for (var position = 0; position < SectorBytes - 4; position += 4)
            {
                AddFatSector(sectors, BinaryPrimitives.ReadUInt32LittleEndian(table.AsSpan(position)));
            }

            next = BinaryPrimitives.ReadUInt32LittleEndian(table.AsSpan(SectorBytes - 4));
        }

        return sectors;
    }

    /// <summary>A table cannot need more sectors than it takes to name every sector of the file.</summary>
    private void AddFatSector(List<uint> sectors, uint sector)
    {
        if (sector < FirstSpecialSector && sectors.Count <= (SectorCount * 4 / SectorBytes) + 1)
        {
            sectors.Add(sector);
        }
    }

    private uint[] ReadTable(List<uint> sectors)
    {
        var table = new uint[sectors.Count * (SectorBytes / 4)];
        for (var i = 0; i < sectors.Count; i++)
        {
            var bytes = ReadAt(SectorOffset(sectors[i]), SectorBytes);
            for (var position = 0; position < SectorBytes; position += 4)
            {
                table[((i * SectorBytes) + position) / 4] = position + 4 <= bytes.Length ? BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(position)) : FirstSpecialSector;
            }
        }

        return table;
    }

    /// <summary>All sectors from one on, each once.</summary>
    private List<uint> Chain(uint start)
    {
        var chain = new List<uint>();
        var seen = new BitArray((int)Math.Min(SectorCount + 1, int.MaxValue));
        while (start < seen.Length && !seen[(int)start])
        {
            seen[(int)start] = true;
            chain.Add(start);
            start = start < _fat.Length ? _fat[start] : FirstSpecialSector;
        }

        IsBroken |= start < FirstSpecialSector;
        return chain;
    }

    private void ReadDirectory(List<uint> sectors, bool isVersion3)
    {
        var raw = new List<DirectoryEntry>();
        foreach (var sector in sectors)
        {
            var bytes = ReadAt(SectorOffset(sector), SectorBytes);
            for (var position = 0; position + DirectoryEntryBytes <= bytes.Length; position += DirectoryEntryBytes)
            {
                var entry = DirectoryEntry.Parse(bytes.AsSpan(position, DirectoryEntryBytes), isVersion3);
                if (raw.Count >= MaxEntries)
                {
                    IsCut |= entry.Kind is DirectoryEntry.StreamKind or DirectoryEntry.StorageKind;
                    continue;
                }

                raw.Add(entry);
            }
        }

        if (raw.Count == 0)
        {
            throw new InvalidDataException("A compound file without directory.");
        }

        _miniStream = Chain(raw[0].Start);
        Add(new CompoundEntry("", "", IsStream: false, raw[0].ClassId, 0, 0));
        var isTaken = new bool[raw.Count];
        isTaken[0] = true;
        Walk(raw, isTaken);
        for (var i = 0; i < raw.Count; i++)
        {
            if (!isTaken[i] && raw[i].Kind is DirectoryEntry.StreamKind or DirectoryEntry.StorageKind)
            {
                Add(raw[i].ToEntry(raw[i].Name));
            }
        }
    }

    private void Add(CompoundEntry entry)
    {
        _entries.Add(entry);
        _byPath.TryAdd(entry.Path, entry);
    }

    /// <summary>§2.6.4: siblings form a binary tree, of which the order does not matter to us.</summary>
    private void Walk(List<DirectoryEntry> raw, bool[] isTaken)
    {
        var pending = new Stack<(uint Index, string Storage, int Depth)>();
        pending.Push((raw[0].Child, "", 0));
        while (pending.TryPop(out var next))
        {
            if (next.Index >= raw.Count || isTaken[next.Index] || next.Depth > MaxDepth)
            {
                continue;
            }

            isTaken[next.Index] = true;
            var item = raw[(int)next.Index];
            var path = next.Storage.Length == 0 ? item.Name : $"{next.Storage}/{item.Name}";
            pending.Push((item.Right, next.Storage, next.Depth));
            if (item.Kind is DirectoryEntry.StreamKind or DirectoryEntry.StorageKind)
            {
                Add(item.ToEntry(path));
            }

            if (item.Kind != DirectoryEntry.StreamKind)
            {
                pending.Push((item.Child, path, next.Depth + 1));
            }

            pending.Push((item.Left, next.Storage, next.Depth));
        }
    }

    private byte[] ReadAt(long offset, int count)
    {
        if (offset < 0 || offset >= _length)
        {
            return [];
        }

        var bytes = new byte[(int)Math.Min(count, _length - offset)];
        _file.Seek(offset, SeekOrigin.Begin);
        var read = _file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return read == bytes.Length ? bytes : bytes[..read];
    }

    /// <summary>§2.6.1.</summary>
    private readonly record struct DirectoryEntry(string Name, byte Kind, uint Left, uint Right, uint Child, Guid ClassId, uint Start, long Size)
    {
        public const byte StorageKind = 1;
        public const byte StreamKind = 2;

        public static DirectoryEntry Parse(ReadOnlySpan<byte> bytes, bool isVersion3)
        {
            var nameBytes = Math.Clamp(BinaryPrimitives.ReadUInt16LittleEndian(bytes[64..]) - 2, 0, 62) & ~1;
            var size = BinaryPrimitives.ReadInt64LittleEndian(bytes[120..]);

            // The upper half may be garbage in version 3.
            size = isVersion3 ? size & uint.MaxValue : size;
            return new DirectoryEntry(
                Encoding.Unicode.GetString(bytes[..nameBytes]).Replace('/', '_'), bytes[66],
                BinaryPrimitives.ReadUInt32LittleEndian(bytes[68..]), BinaryPrimitives.ReadUInt32LittleEndian(bytes[72..]), BinaryPrimitives.ReadUInt32LittleEndian(bytes[76..]),
                new Guid(bytes.Slice(80, 16)), BinaryPrimitives.ReadUInt32LittleEndian(bytes[116..]), Math.Max(size, 0));
        }

        public CompoundEntry ToEntry(string path) => new(path, Name, Kind == StreamKind, ClassId, Start, Size);
    }
}
