using System.Buffers.Binary;
using System.Text;

namespace SecuEdge.Content.Tests.Documents;

/// <summary>Writes compound files ([MS-CFB], version 3) for tests: short streams into the mini stream, siblings as a list.</summary>
internal sealed class CompoundFileWriter
{
    private const int SectorBytes = 512;
    private const int MiniBytes = 64;
    private const uint End = 0xfffffffe;
    private const uint None = 0xffffffff;

    private readonly List<(string Path, byte[]? Data, Guid ClassId)> _entries = [];

    public CompoundFileWriter Stream(string path, byte[] data)
    {
        var slash = path.LastIndexOf('/');
        if (slash > 0)
        {
            Storage(path[..slash]);
        }

        _entries.Add((path, data, Guid.Empty));
        return this;
    }

    public CompoundFileWriter Storage(string path, Guid classId = default)
    {
        var slash = path.LastIndexOf('/');
        if (slash > 0)
        {
            Storage(path[..slash]);
        }

        if (!_entries.Exists(entry => entry.Path == path))
        {
            _entries.Add((path, null, classId));
        }

        return this;
    }

    public byte[] Write(Guid rootClass = default)
    {
        var sectors = new List<byte[]>();
        var fat = new List<uint>();
        var mini = new MemoryStream();
        var miniFat = new List<uint>();
        var directory = new MemoryStream();
        var starts = _entries.Select(entry => entry.Data is null ? 0 : entry.Data.Length < 4096 ? AddMini(mini, miniFat, entry.Data) : Add(sectors, fat, entry.Data)).ToList();
        var miniStart = mini.Length == 0 ? End : Add(sectors, fat, mini.ToArray());
        directory.Write(Entry("Root Entry", 5, None, FirstChild(""), rootClass, miniStart, mini.Length));
        for (var i = 0; i < _entries.Count; i++)
        {
            var (path, data, classId) = _entries[i];
            directory.Write(Entry(path[(path.LastIndexOf('/') + 1)..], data is null ? (byte)1 : (byte)2, NextSibling(i), data is null ? FirstChild(path) : None, classId, starts[i], data?.Length ?? 0));
        }

        var directoryStart = Add(sectors, fat, directory.ToArray());
        var miniFatStart = miniFat.Count == 0 ? End : Add(sectors, fat, Table(miniFat));
        var fatSectors = (fat.Count / ((SectorBytes / 4) - 1)) + 1;
        var fatStart = sectors.Count;
        fat.AddRange(Enumerable.Repeat(0xfffffffdu, fatSectors));
        sectors.AddRange(Table(fat).Chunk(SectorBytes).Select(chunk => Padded(chunk, SectorBytes)));

        var header = new byte[SectorBytes];
        new byte[] { 0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1 }.CopyTo(header, 0);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(0x18), 0x3e);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(0x1a), 3);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(0x1c), 0xfffe);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(0x1e), 9);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(0x20), 6);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(0x2c), (uint)fatSectors);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(0x30), directoryStart);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(0x38), 4096);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(0x3c), miniFatStart);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(0x44), End);
        for (var i = 0; i < 109; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(0x4c + (i * 4)), i < fatSectors ? (uint)(fatStart + i) : None);
        }

        return [.. header, .. sectors.SelectMany(sector => sector)];
    }

    private static uint Add(List<byte[]> sectors, List<uint> fat, byte[] data)
    {
        var start = (uint)sectors.Count;
        foreach (var chunk in data.Chunk(SectorBytes))
        {
            sectors.Add(Padded(chunk, SectorBytes));
            fat.Add((uint)sectors.Count);
        }

        fat[^1] = End;
        return start;
    }

    private static uint AddMini(MemoryStream mini, List<uint> miniFat, byte[] data)
    {
        if (data.Length == 0)
        {
            return End;
        }

        var start = (uint)miniFat.Count;
        foreach (var chunk in data.Chunk(MiniBytes))
        {
            mini.Write(Padded(chunk, MiniBytes));
            miniFat.Add((uint)miniFat.Count + 1);
        }

        miniFat[^1] = End;
        return start;
    }

    private uint FirstChild(string storage) => (uint)(_entries.FindIndex(entry => Parent(entry.Path) == storage) + 1) is var index and > 0 ? index : None;

    private uint NextSibling(int index) => (uint)(_entries.FindIndex(index + 1, entry => Parent(entry.Path) == Parent(_entries[index].Path)) + 1) is var next and > 0 ? next : None;

    private static string Parent(string path) => path.Contains('/', StringComparison.Ordinal) ? path[..path.LastIndexOf('/')] : "";

    private static byte[] Entry(string name, byte kind, uint right, uint child, Guid classId, uint start, long size)
    {
        var entry = new byte[128];
        Encoding.Unicode.GetBytes(name, entry);
        BinaryPrimitives.WriteUInt16LittleEndian(entry.AsSpan(64), (ushort)((name.Length * 2) + 2));
        entry[66] = kind;
        entry[67] = 1;
        BinaryPrimitives.WriteUInt32LittleEndian(entry.AsSpan(68), None);
        BinaryPrimitives.WriteUInt32LittleEndian(entry.AsSpan(72), right);
        BinaryPrimitives.WriteUInt32LittleEndian(entry.AsSpan(76), child);
        classId.TryWriteBytes(entry.AsSpan(80));
        BinaryPrimitives.WriteUInt32LittleEndian(entry.AsSpan(116), start);
        BinaryPrimitives.WriteUInt32LittleEndian(entry.AsSpan(120), (uint)size);
        return entry;
    }

    private static byte[] Table(List<uint> values) => [.. values.SelectMany(BitConverter.GetBytes)];

    private static byte[] Padded(byte[] chunk, int length)
    {
        Array.Resize(ref chunk, length);
        return chunk;
    }
}
