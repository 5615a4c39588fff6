using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using SecuEdge.Content.Text;

namespace SecuEdge.Content.Containers.Images;

/// <summary>
/// FAT12, FAT16 and FAT32 with long names (Microsoft FAT specification 1.03): boot sector, table, directories. Deleted files stay
/// deleted. Chains are followed no further than the volume has clusters.
/// </summary>
internal sealed class FatVolume
{
    private const int Entry = 32;
    private const int MaxLevels = 64;

    /// <summary>A long name has 255 characters; chains that go in circles and pieces without end would take memory without bound.</summary>
    private const int MaxNameChars = 260;

    private const int MaxExtents = 1_000_000;

    /// <summary>65,536 entries is the most that a directory may have.</summary>
    private const int MaxDirectoryBytes = 65_536 * Entry;

    private readonly ImageReader _image;
    private readonly BudgetMeter _meter;
    private readonly long _start;
    private readonly int _clusterBytes;
    private readonly long _table;
    private readonly long _rootDirectory;
    private readonly int _rootBytes;
    private readonly long _data;
    private readonly uint _rootCluster;
    private readonly long _clusters;
    private readonly HashSet<uint> _seen = [];
    private readonly List<ImageFile> _files = [];
    private byte[] _window = [];
    private long _windowStart = -1;
    private int _extents;

    private FatVolume(ImageReader image, BudgetMeter meter, long start, ReadOnlySpan<byte> boot)
    {
        _image = image;
        _meter = meter;
        _start = start;
        int sector = BinaryPrimitives.ReadUInt16LittleEndian(boot[11..]);
        int reserved = BinaryPrimitives.ReadUInt16LittleEndian(boot[14..]);
        long tableSectors = BinaryPrimitives.ReadUInt16LittleEndian(boot[22..]) is > 0 and var small ? small : BinaryPrimitives.ReadUInt32LittleEndian(boot[36..]);
        long sectors = BinaryPrimitives.ReadUInt16LittleEndian(boot[19..]) is > 0 and var few ? few : BinaryPrimitives.ReadUInt32LittleEndian(boot[32..]);
        _clusterBytes = sector * boot[13];
        _table = (long)reserved * sector;
        _rootDirectory = _table + (boot[16] * tableSectors * sector);
        _rootBytes = BinaryPrimitives.ReadUInt16LittleEndian(boot[17..]) * Entry;
        _data = _rootDirectory + ((_rootBytes + sector - 1) / sector * (long)sector);
        _clusters = Math.Max(0, ((sectors * sector) - _data) / _clusterBytes);
        Bits = BinaryPrimitives.ReadUInt16LittleEndian(boot[22..]) == 0 ? 32 : _clusters < 4085 ? 12 : 16;
        _rootCluster = Bits == 32 ? BinaryPrimitives.ReadUInt32LittleEndian(boot[44..]) : 0;
    }

    public int Bits { get; }

    public bool IsBroken { get; private set; }

    /// <summary>A boot sector whose numbers can be those of a FAT volume; the label "FAT" in it is optional and means nothing.</summary>
    public static bool IsBootSector(ReadOnlySpan<byte> sector) =>
        sector.Length >= 512 && sector[0] is 0xeb or 0xe9 && sector[510] == 0x55 && sector[511] == 0xaa
        && BinaryPrimitives.ReadUInt16LittleEndian(sector[11..]) is 512 or 1024 or 2048 or 4096
        && BitOperations.IsPow2(sector[13]) && sector[13] > 0 && BinaryPrimitives.ReadUInt16LittleEndian(sector[14..]) > 0 && sector[16] is 1 or 2 && sector[21] is 0xf0 or >= 0xf8
        && (BinaryPrimitives.ReadUInt16LittleEndian(sector[22..]) > 0 || BinaryPrimitives.ReadUInt32LittleEndian(sector[36..]) > 0);

    public static FatVolume? Find(ImageReader image, BudgetMeter meter, long start)
    {
        var boot = image.Read(start, 512);
        return IsBootSector(boot) ? new FatVolume(image, meter, start, boot) : null;
    }

    public List<ImageFile> Read()
    {
        if (Bits == 32)
        {
            ReadDirectory(Content(_rootCluster, MaxDirectoryBytes), "", level: 0);
        }
        else
        {
            ReadDirectory(_image.Read(_start + _rootDirectory, _rootBytes), "", level: 0);
        }

        return _files;
    }

    private void ReadDirectory(byte[] directory, string path, int level)
    {
        var longName = "";
        for (var at = 0; at + Entry <= directory.Length && directory[at] != 0 && _files.Count <= _meter.Budget.MaxEntries && _meter.HasTime(); at += Entry)
        {
            var entry = directory.AsSpan(at, Entry);
            if (entry[0] == 0xe5)
            {
                longName = "";
            }
            else if ((entry[11] & 0x3f) == 0x0f)
            {
                // Pieces of the long name come before the entry, last piece first.
                longName = LongNamePiece(entry) + ((entry[0] & 0x40) != 0 || longName.Length > MaxNameChars ? "" : longName);
            }
            else if ((entry[11] & 8) == 0 && entry[0] != '.')
            {
                AddEntry(entry, path + (longName.Length > 0 ? longName : ShortName(entry)), level);
                longName = "";
            }
        }
    }

    private void AddEntry(ReadOnlySpan<byte> entry, string name, int level)
    {
        var cluster = BinaryPrimitives.ReadUInt16LittleEndian(entry[26..]) | (Bits == 32 ? (uint)BinaryPrimitives.ReadUInt16LittleEndian(entry[20..]) << 16 : 0);
        long size = BinaryPrimitives.ReadUInt32LittleEndian(entry[28..]);
        if ((entry[11] & 0x10) == 0)
        {
            _files.Add(new ImageFile(name, size == 0 ? [] : Chain(cluster, size)));
        }
        else if (level < MaxLevels && _seen.Add(cluster))
        {
            ReadDirectory(Content(cluster, MaxDirectoryBytes), name + "/", level + 1);
        }
        else
        {
            IsBroken = true;
        }
    }

    private byte[] Content(uint cluster, long maxBytes)
    {
        var content = new List<byte>();
        foreach (var extent in Chain(cluster, maxBytes, isDirectory: true))
        {
            content.AddRange(_image.Read(extent.Start, (int)extent.Length));
        }

        return [.. content];
    }

    /// <summary>The clusters of a file, neighbours put together.</summary>
    private List<Extent> Chain(uint cluster, long size, bool isDirectory = false)
    {
        var extents = new List<Extent>();
        for (long steps = 0; size > 0 && steps <= _clusters; steps++)
        {
            if (cluster < 2 || cluster >= _clusters + 2)
            {
                // A file must have as many clusters as its size says; a directory ends with its chain.
                IsBroken |= !isDirectory;
                return extents;
            }

            var start = _start + _data + ((cluster - 2) * (long)_clusterBytes);
            var length = Math.Min(size, _clusterBytes);
            if (start >= _image.Length || _extents > MaxExtents || (steps % 65_536 == 65_535 && !_meter.HasTime()))
            {
                IsBroken = true;
                return extents;
            }

            if (extents.Count > 0 && extents[^1].Start + extents[^1].Length == start)
            {
                extents[^1] = extents[^1] with { Length = extents[^1].Length + length };
            }
            else
            {
                extents.Add(new Extent(start, length));
                _extents++;
            }

            size -= length;
            cluster = size > 0 ? Next(cluster) : 0;
        }

        return extents;
    }

    private uint Next(uint cluster)
    {
        var bit = (long)cluster * Bits;
        var at = _start + _table + (bit / 8);

        // Chains mostly run forward, so a window of the table serves many steps.
        if (_windowStart < 0 || at < _windowStart || at + 4 > _windowStart + _window.Length)
        {
            _windowStart = at;
            _window = _image.Read(at, 16 * 1024);
            if (_window.Length < 4)
            {
                _windowStart = -1;
                return 0;
            }
        }

        var value = BinaryPrimitives.ReadUInt32LittleEndian(_window.AsSpan((int)(at - _windowStart)));
        return Bits switch
        {
            12 => ((bit & 7) == 0 ? value : value >> 4) & 0xfff,
            16 => value & 0xffff,
            _ => value & 0x0fffffff,
        };
    }

    private static string LongNamePiece(ReadOnlySpan<byte> entry)
    {
        byte[] bytes = [.. entry[1..11], .. entry[14..26], .. entry[28..32]];
        var piece = Encoding.Unicode.GetString(bytes);
        var end = piece.IndexOf('\0', StringComparison.Ordinal);
        return (end < 0 ? piece : piece[..end]).TrimEnd('\uffff');
    }

    private static string ShortName(ReadOnlySpan<byte> entry)
    {
        var name = Charsets.OfEntryName(entry[..8]).TrimEnd();
        var extension = Charsets.OfEntryName(entry[8..11]).TrimEnd();
        return extension.Length == 0 ? name : $"{name}.{extension}";
    }
}
