using System.Buffers.Binary;
using SecuEdge.Content.Containers.Passwords;
using SecuEdge.Content.Files;
using SecuEdge.Content.Text;

namespace SecuEdge.Content.Containers;

/// <summary>One file of a zip, from the central directory, the local header, or both.</summary>
internal sealed record ZipItem(string Name, long HeaderOffset, long DataOffset, int Method, bool IsEncrypted, long CompressedSize, long Size)
{
    /// <summary>Local header and directory tell different stories about it.</summary>
    public bool IsContradictory { get; init; }

    /// <summary>No directory lists it: programs that repair or stream see it, others do not.</summary>
    public bool IsUnlisted { get; init; }

    /// <summary>General purpose flags of the local header; some old methods need them.</summary>
    public int MethodFlags { get; init; }

    /// <summary>How it is locked; null for what is not.</summary>
    public ZipLock? Lock { get; init; }

    /// <summary>Only one of local header and directory calls it locked: programs that believe the other one just open it.</summary>
    public bool IsLockDoubtful { get; init; }

    /// <summary>The method of the local header where the directory names another one.</summary>
    public int? OtherMethod { get; init; }

    public long End => DataOffset + CompressedSize;
}

/// <summary>
/// Everything that any zip reader could find in a file (APPNOTE 6.3.10): the entries of every end record that is not itself inside an
/// entry, then local headers that no directory covers. Offsets are corrected for data in front.
/// </summary>
internal sealed class ZipDirectory
{
    private const int LocalHeader = 30;
    private const int CentralHeader = 46;
    private const int EndRecord = 22;
    private const uint Unknown = 0xffffffff;

    private readonly IByteSource _bytes;
    private readonly Stream _stream;
    private readonly int _maxItems;
    private readonly HashSet<long> _headers = [];
    private readonly List<(long Start, long End)> _covered = [];

    private ZipDirectory(IByteSource bytes, Stream stream, int maxItems)
    {
        _bytes = bytes;
        _stream = stream;
        _maxItems = maxItems;
    }

    public List<ZipItem> Items { get; } = [];

    /// <summary>Directories with entries; more than one means that readers see different archives.</summary>
    public int Directories { get; private set; }

    /// <summary>Data of entries overlaps: one compressed block counted many times.</summary>
    public bool HasOverlap { get; private set; }

    /// <summary>A directory is missing or points nowhere.</summary>
    public bool IsBroken { get; private set; }

    public bool HasTooMany => Items.Count >= _maxItems;

    public static ZipDirectory Read(IByteSource bytes, int maxItems)
    {
        using var stream = bytes.OpenRead();
        var directory = new ZipDirectory(bytes, stream, maxItems);
        var (ends, locals) = directory.FindSignatures();
        for (var i = ends.Count - 1; i >= 0; i--)
        {
            if (!directory.IsCovered(ends[i]))
            {
                directory.ReadDirectory(ends[i]);
            }
        }

        directory.FindOverlap();
        directory.AddUnlisted(locals);
        directory.IsBroken |= directory.Directories == 0 && directory.Items.Count > 0;
        return directory;
    }

    /// <summary>One pass over the bytes for the end records and local headers.</summary>
    private (List<long> Ends, List<long> Locals) FindSignatures()
    {
        var ends = new List<long>();
        var locals = new List<long>();
        var buffer = new byte[Math.Min(_bytes.Length + 3, 64 * 1024)];
        var kept = 0;
        long offset = 0;
        int count;
        while ((count = _stream.Read(buffer, kept, buffer.Length - kept)) > 0)
        {
            var window = buffer.AsSpan(0, kept + count);
            for (var at = window.IndexOf("PK"u8); at >= 0 && at + 3 < window.Length;)
            {
                if (window[at + 2] == 5 && window[at + 3] == 6)
                {
                    ends.Add(offset + at);
                }
                else if (window[at + 2] == 3 && window[at + 3] == 4 && locals.Count < _maxItems * 2)
                {
                    locals.Add(offset + at);
                }

                var next = window[(at + 2)..].IndexOf("PK"u8);
                at = next < 0 ? -1 : at + 2 + next;
            }

            kept = Math.Min(3, window.Length);
            window[^kept..].CopyTo(buffer);
            offset += window.Length - kept;
        }

        // A thousand end records are an attack on this loop; the last ones are those that readers look for.
        return (ends.Count <= 16 ? ends : ends[^16..], locals);
    }

    private void ReadDirectory(long end)
    {
        var record = ReadAt(end, EndRecord);
        if (record.Length < EndRecord)
        {
            return;
        }

        long size = BinaryPrimitives.ReadUInt32LittleEndian(record.AsSpan(12));
        long start = BinaryPrimitives.ReadUInt32LittleEndian(record.AsSpan(16));
        var directoryEnd = end;

        // Zip64: a locator of 20 bytes, before it the record of 56 with sizes of eight bytes.
        var record64 = ReadAt(end - 20 - 56, 56);
        if (record64.Length == 56 && record64.AsSpan(0, 4).SequenceEqual("PK\u0006\u0006"u8))
        {
            size = BinaryPrimitives.ReadInt64LittleEndian(record64.AsSpan(40));
            start = BinaryPrimitives.ReadInt64LittleEndian(record64.AsSpan(48));
            directoryEnd = end - 20 - 56;
        }

        // Readers find the directory before its end record, or where it says; data in front moves the first and not the second.
        var position = directoryEnd - size;
        var shift = position - start;
        if (!IsCentralHeader(position))
        {
            position = start;
            shift = 0;
        }

        var found = Items.Count;
        var directoryStart = position;
        while (!HasTooMany && IsCentralHeader(position))
        {
            position = ReadCentral(position, shift);
        }

        _covered.Add((directoryStart, Math.Max(directoryStart, position)));
        _covered.Add((end, end + EndRecord));
        Directories += Items.Count > found ? 1 : 0;
        IsBroken |= Items.Count == found && size > 0;
    }

    private bool IsCentralHeader(long position) =>
        position >= 0 && ReadAt(position, CentralHeader) is { Length: CentralHeader } header && header.AsSpan(0, 4).SequenceEqual("PK\u0001\u0002"u8);

    private long ReadCentral(long position, long shift)
    {
        var header = ReadAt(position, CentralHeader);
        var nameLength = BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(28));
        var extraLength = BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(30));
        var commentLength = BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(32));
        var variable = ReadAt(position + CentralHeader, nameLength + extraLength);
        var name = Charsets.OfEntryName(variable.AsSpan(0, Math.Min(nameLength, variable.Length)));
        long compressed = BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(20));
        long size = BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(24));
        long offset = BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(42));
        ReadZip64(variable.AsSpan(Math.Min(nameLength, variable.Length)), ref size, ref compressed, ref offset);

        var flags = BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(8));
        var method = BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(10));
        var entryLock = (flags & 1) == 0 ? null : LockOf(flags, header.AsSpan(12), BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(16)), variable.AsSpan(Math.Min(nameLength, variable.Length)));
        name = UnicodeName(variable.AsSpan(Math.Min(nameLength, variable.Length)), name);
        Add(name, offset + shift, method, entryLock, compressed, size);
        return position + CentralHeader + nameLength + extraLength + commentLength;
    }

    private void Add(string name, long headerOffset, int method, ZipLock? entryLock, long compressed, long size)
    {
        var local = ReadLocal(headerOffset);
        if (local is null)
        {
            IsBroken = true;
            return;
        }

        _headers.Add(headerOffset);
        var isLockDoubtful = (entryLock is not null) != local.IsEncrypted;
        var hasSizes = local.CompressedSize > 0 || local.Size > 0;
        var item = new ZipItem(name, headerOffset, local.DataOffset, method, entryLock is not null || local.IsEncrypted, compressed, size)
        {
            Lock = entryLock ?? local.Lock,
            IsLockDoubtful = isLockDoubtful,
            IsContradictory = local.Name != name || isLockDoubtful || local.Method != method || (hasSizes && (local.CompressedSize != compressed || local.Size != size)),
            OtherMethod = local.Method == method ? null : local.Method,
            MethodFlags = local.MethodFlags,
        };
        Items.Add(item);
        _covered.Add((headerOffset, Math.Min(item.End, local.CompressedSize > 0 ? local.End : long.MaxValue)));
    }

    /// <summary>Both lists are in the order of the file, so that a hundred thousand headers cost one walk.</summary>
    private void AddUnlisted(List<long> locals)
    {
        var covered = _covered.OrderBy(range => range.Start).ToList();
        var next = 0;
        long end = 0;
        foreach (var local in locals)
        {
            for (; next < covered.Count && covered[next].Start <= local; next++)
            {
                end = Math.Max(end, covered[next].End);
            }

            if (local >= end && !HasTooMany && !_headers.Contains(local))
            {
                end = Math.Max(end, AddUnlisted(local));
            }
        }
    }

    /// <returns>The end of its data; 0 when that is not known.</returns>
    private long AddUnlisted(long position)
    {
        if (ReadLocal(position) is not { } local || !ReadAt(position, 4).AsSpan().SequenceEqual("PK\u0003\u0004"u8))
        {
            return 0;
        }

        var item = local with { IsUnlisted = true, CompressedSize = local.CompressedSize > 0 ? local.CompressedSize : _bytes.Length - local.DataOffset };
        Items.Add(item);
        return local.CompressedSize > 0 ? local.End : 0;
    }

    private ZipItem? ReadLocal(long position)
    {
        var header = position < 0 ? [] : ReadAt(position, LocalHeader);
        if (header.Length < LocalHeader)
        {
            return null;
        }

        var nameLength = BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(26));
        var extraLength = BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(28));
        var variable = ReadAt(position + LocalHeader, nameLength + extraLength);
        long compressed = BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(18));
        long size = BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(22));
        long offset = 0;
        var flags = BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(6));
        ReadZip64(variable.AsSpan(Math.Min(nameLength, variable.Length)), ref size, ref compressed, ref offset);
        return new ZipItem(
            Charsets.OfEntryName(variable.AsSpan(0, Math.Min(nameLength, variable.Length))),
            position,
            position + LocalHeader + nameLength + extraLength,
            BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(8)),
            (flags & 1) != 0,
            compressed == Unknown ? 0 : compressed,
            size == Unknown ? 0 : size)
        {
            MethodFlags = flags,
            Lock = (flags & 1) == 0 ? null : LockOf(flags, header.AsSpan(10), BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(14)), variable.AsSpan(Math.Min(nameLength, variable.Length))),
        };
    }

    /// <summary>APPNOTE 4.6.9: a second name that many unpackers prefer. It counts here when it makes another kind of file of the entry.</summary>
    private static string UnicodeName(ReadOnlySpan<byte> extra, string name)
    {
        var field = ExtraField(extra, 0x7075);
        var other = field.Length > 5 ? System.Text.Encoding.UTF8.GetString(field[5..]) : name;
        return FileNames.ExtensionOf(other) == FileNames.ExtensionOf(name) ? name : other;
    }

    /// <summary>APPNOTE 6.1.6: the check byte is from the checksum, or from the time where the checksum follows the data; 7.2.4 and AE-x: the extra fields.</summary>
    private static ZipLock LockOf(int flags, ReadOnlySpan<byte> time, uint crc, ReadOnlySpan<byte> extra)
    {
        var aes = ExtraField(extra, 0x9901);
        var isAes = aes.Length >= 7 && aes[4] is >= 1 and <= 3;
        return new ZipLock(
            (flags & 8) != 0 ? time[1] : (byte)(crc >> 24),
            crc,
            isAes ? aes[4] : 0,
            isAes ? BinaryPrimitives.ReadUInt16LittleEndian(aes[5..]) : 0,
            (flags & 0x40) != 0 || !ExtraField(extra, 0x0017).IsEmpty);
    }

    private static ReadOnlySpan<byte> ExtraField(ReadOnlySpan<byte> extra, int id)
    {
        while (extra.Length >= 4)
        {
            var length = Math.Min(BinaryPrimitives.ReadUInt16LittleEndian(extra[2..]), extra.Length - 4);
            if (BinaryPrimitives.ReadUInt16LittleEndian(extra) == id)
            {
                return extra.Slice(4, length);
            }

            extra = extra[(4 + length)..];
        }

        return [];
    }

    /// <summary>APPNOTE 4.5.3: only the values that do not fit in four bytes, in this order.</summary>
    private static void ReadZip64(ReadOnlySpan<byte> extra, ref long size, ref long compressed, ref long offset)
    {
        var values = ExtraField(extra, 1);
        Take(ref size, ref values);
        Take(ref compressed, ref values);
        Take(ref offset, ref values);

        static void Take(ref long value, ref ReadOnlySpan<byte> values)
        {
            if (value == Unknown && values.Length >= 8)
            {
                value = Math.Max(0, BinaryPrimitives.ReadInt64LittleEndian(values));
                values = values[8..];
            }
        }
    }

    private void FindOverlap()
    {
        long end = 0;
        foreach (var item in Items.OrderBy(item => item.HeaderOffset))
        {
            HasOverlap |= item.HeaderOffset < end && item.CompressedSize > 0;
            end = Math.Max(end, item.End);
        }
    }

    private bool IsCovered(long position)
    {
        foreach (var (start, end) in _covered)
        {
            if (position >= start && position < end)
            {
                return true;
            }
        }

        return false;
    }

    private byte[] ReadAt(long position, int count)
    {
        if (position < 0 || position >= _bytes.Length)
        {
            return [];
        }

        _stream.Seek(position, SeekOrigin.Begin);
        var bytes = new byte[(int)Math.Min(count, _bytes.Length - position)];
        return _stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) == bytes.Length ? bytes : [];
    }
}
