using System.Buffers.Binary;
using System.Text;

namespace SecuEdge.Content.Containers.Images;

/// <summary>
/// The file tree of UDF (ECMA-167, OSTA UDF 1.02 to 2.60): anchor, volume descriptors, file set, directories. Type 1 partitions, and of
/// the others the metadata partition that Windows writes since UDF 2.50; sparing and virtual allocation tables are not followed.
/// </summary>
internal sealed class UdfTree
{
    private const int MaxDescriptors = 64;
    private const int MaxLevels = 64;
    private const int MaxDirectoryBytes = 8 * 1024 * 1024;
    private const int MaxExtents = 4096;

    private const int TagAnchor = 2;
    private const int TagPartition = 5;
    private const int TagLogicalVolume = 6;
    private const int TagTerminator = 8;
    private const int TagFileSet = 256;
    private const int TagFileIdentifier = 257;
    private const int TagExtentContinued = 258;
    private const int TagFileEntry = 261;
    private const int TagExtendedFileEntry = 266;

    private readonly ImageReader _image;
    private readonly BudgetMeter _meter;
    private readonly Dictionary<int, long> _partitions = [];
    private readonly List<(int Partition, long MetadataFile)> _maps = [];
    private readonly Dictionary<int, IReadOnlyList<Extent>> _metadata = [];
    private readonly HashSet<(int, uint)> _seen = [];
    private readonly List<ImageFile> _files = [];
    private int _block = 2048;

    public UdfTree(ImageReader image, BudgetMeter meter)
    {
        _image = image;
        _meter = meter;
    }

    public bool IsBroken { get; private set; }

    /// <summary>The files; null when there is no UDF volume.</summary>
    public List<ImageFile>? Read()
    {
        if (FindAnchor() is not { } anchor)
        {
            return null;
        }

        var fileSet = ReadVolume(U32(anchor, 20), U32(anchor, 16)) ?? ReadVolume(U32(anchor, 28), U32(anchor, 24));
        if (fileSet is not { } place || ReadBlock(place.Partition, place.Block) is not { Length: >= 512 } set || TagOf(set) != TagFileSet)
        {
            IsBroken = true;
            return _files;
        }

        ReadDirectory(U16(set, 408), U32(set, 404), "", level: 0);
        return _files;
    }

    /// <summary>ECMA-167 3/8.4.2.1: at sector 256, the last one, or 256 before it. Discs have sectors of 2,048, disks of 512 or 4,096.</summary>
    private byte[]? FindAnchor()
    {
        foreach (var block in (ReadOnlySpan<int>)[2048, 512, 4096, 1024])
        {
            var last = (_image.Length / block) - 1;
            foreach (var sector in (ReadOnlySpan<long>)[256, last, last - 256, 512])
            {
                var bytes = _image.Read(sector * block, 512);
                if (bytes.Length == 512 && TagOf(bytes) == TagAnchor && U32(bytes, 12) == sector)
                {
                    _block = block;
                    return bytes;
                }
            }
        }

        return null;
    }

    private (int Partition, uint Block)? ReadVolume(uint location, uint length)
    {
        (int, uint)? fileSet = null;
        for (var i = 0; i < Math.Min(MaxDescriptors, length / 512); i++)
        {
            var descriptor = _image.Read((location + i) * (long)_block, Math.Max(_block, 2048));
            if (descriptor.Length < 512 || TagOf(descriptor) == TagTerminator)
            {
                break;
            }

            if (TagOf(descriptor) == TagPartition)
            {
                _partitions[U16(descriptor, 22)] = U32(descriptor, 188) * (long)_block;
            }
            else if (TagOf(descriptor) == TagLogicalVolume)
            {
                ReadMaps(descriptor);
                fileSet = (U16(descriptor, 256), U32(descriptor, 252));
            }
        }

        return fileSet;
    }

    /// <summary>ECMA-167 3/10.7: type 1 names a partition, type 2 says by a text what it is.</summary>
    private void ReadMaps(byte[] descriptor)
    {
        _maps.Clear();
        var at = 440;
        for (var i = 0; i < Math.Min(8, U32(descriptor, 268)) && at + 6 <= descriptor.Length && descriptor[at + 1] >= 6; i++)
        {
            if (descriptor[at] == 1)
            {
                _maps.Add((U16(descriptor, at + 4), -1));
            }
            else if (at + 48 <= descriptor.Length)
            {
                // UDF 2.60 §2.2.10: partition number at 38, location of the metadata file at 40.
                var isMetadata = descriptor.AsSpan(at + 5, 23).SequenceEqual("*UDF Metadata Partition"u8);
                _maps.Add((U16(descriptor, at + 38), isMetadata ? U32(descriptor, at + 40) : -1));
            }

            at += descriptor[at + 1];
        }
    }

    private void ReadDirectory(int partition, uint block, string path, int level)
    {
        if (level > MaxLevels || !_seen.Add((partition, block)) || ReadFile(partition, block) is not { } file)
        {
            IsBroken = true;
            return;
        }

        var (extents, inline, size) = file;
        var content = inline ?? Gather(extents, size);
        for (var at = 0; at + 38 <= content.Length && _files.Count <= _meter.Budget.MaxEntries && _meter.HasTime();)
        {
            if (TagOf(content.AsSpan(at)) != TagFileIdentifier)
            {
                IsBroken = true;
                return;
            }

            // ECMA-167 4/14.4.
            int nameLength = content[at + 19];
            var nameAt = at + 38 + U16(content, at + 36);
            if (nameAt + nameLength > content.Length)
            {
                IsBroken = true;
                return;
            }

            var characteristics = content[at + 18];
            if ((characteristics & 0x0c) == 0)
            {
                AddEntry(content.AsSpan(at), path + NameOf(content.AsSpan(nameAt, nameLength)), (characteristics & 2) != 0, level);
            }

            at = (nameAt + nameLength + 3) & ~3;
        }
    }

    private void AddEntry(ReadOnlySpan<byte> identifier, string name, bool isDirectory, int level)
    {
        var block = BinaryPrimitives.ReadUInt32LittleEndian(identifier[24..]);
        var partition = BinaryPrimitives.ReadUInt16LittleEndian(identifier[28..]);
        if (isDirectory)
        {
            ReadDirectory(partition, block, name + "/", level + 1);
        }
        else if (ReadFile(partition, block) is { } file)
        {
            _files.Add(new ImageFile(name, file.Extents, file.Inline));
        }
        else
        {
            IsBroken = true;
        }
    }

    /// <summary>ECMA-167 4/14.9 and 4/14.17: where the bytes of a file are.</summary>
    private (IReadOnlyList<Extent> Extents, byte[]? Inline, long Size)? ReadFile(int partition, uint block)
    {
        var entry = ReadBlock(partition, block);
        if (entry is not { Length: >= 216 } || TagOf(entry) is not (TagFileEntry or TagExtendedFileEntry))
        {
            return null;
        }

        var head = TagOf(entry) == TagFileEntry ? 168 : 208;
        var size = BinaryPrimitives.ReadInt64LittleEndian(entry.AsSpan(56));
        var start = head + 8 + (long)U32(entry, head);
        var length = (long)U32(entry, head + 4);
        if (start + length > entry.Length || size < 0)
        {
            return null;
        }

        var descriptors = entry.AsSpan((int)start, (int)length);
        return (U16(entry, 34) & 7) switch
        {
            0 => (Extents(descriptors.ToArray(), partition, isLong: false, size), null, size),
            1 => (Extents(descriptors.ToArray(), partition, isLong: true, size), null, size),
            3 => ([], descriptors[..(int)Math.Min(size, descriptors.Length)].ToArray(), size),
            _ => null,
        };
    }

    private List<Extent> Extents(byte[] descriptors, int partition, bool isLong, long size)
    {
        var extents = new List<Extent>();
        var step = isLong ? 16 : 8;
        for (var at = 0; at + step <= descriptors.Length && size > 0 && extents.Count < MaxExtents;)
        {
            var kind = U32(descriptors, at) >> 30;
            var length = Math.Min(U32(descriptors, at) & 0x3fffffff, size);
            var target = isLong ? U16(descriptors, at + 8) : partition;
            if (length == 0)
            {
                break;
            }

            if (kind == 3)
            {
                // ECMA-167 4/12: more descriptors elsewhere, behind a tag of 24 bytes.
                var more = ReadBlock(target, U32(descriptors, at + 4)) ?? [];
                if (more.Length < 24 || TagOf(more) != TagExtentContinued)
                {
                    IsBroken = true;
                    break;
                }

                descriptors = more[24..(int)Math.Min(more.Length, 24L + U32(more, 20))];
                at = 0;

                // A block that continues in itself would go round for ever otherwise.
                extents.Add(new Extent(-1, 0));
                continue;
            }

            AddExtent(extents, kind == 0 ? U32(descriptors, at + 4) : null, target, length);
            size -= length;
            at += step;
        }

        return extents;
    }

    private void AddExtent(List<Extent> extents, uint? block, int partition, long length)
    {
        if (block is not { } first)
        {
            extents.Add(new Extent(-1, length));
        }
        else if (Position(partition, first) is { } position)
        {
            extents.Add(new Extent(position, length));
        }
        else
        {
            IsBroken = true;
        }
    }

    private byte[] Gather(IReadOnlyList<Extent> extents, long size)
    {
        var content = new List<byte>();
        foreach (var extent in extents)
        {
            content.AddRange(extent.Start < 0 ? [] : _image.Read(extent.Start, (int)Math.Min(extent.Length, Math.Min(size, MaxDirectoryBytes) - content.Count)));
        }

        IsBroken |= content.Count < size;
        return [.. content];
    }

    private byte[]? ReadBlock(int partition, uint block) => Position(partition, block) is { } position ? _image.Read(position, _block) : null;

    private long? Position(int reference, uint block)
    {
        if (reference >= _maps.Count || !_partitions.TryGetValue(_maps[reference].Partition, out var start))
        {
            return null;
        }

        if (_maps[reference].MetadataFile < 0)
        {
            return start + (block * (long)_block);
        }

        // UDF 2.50: blocks of this partition are blocks of a file.
        var offset = block * (long)_block;
        foreach (var extent in MetadataExtents(reference, start))
        {
            if (offset < extent.Length)
            {
                return extent.Start < 0 ? null : extent.Start + offset;
            }

            offset -= extent.Length;
        }

        return null;
    }

    private IReadOnlyList<Extent> MetadataExtents(int reference, long start)
    {
        if (_metadata.TryGetValue(reference, out var known))
        {
            return known;
        }

        // While it is being read it has no extents, so a metadata file inside the metadata partition ends here.
        _metadata[reference] = [];
        var entry = _image.Read(start + (_maps[reference].MetadataFile * _block), _block);
        if (entry.Length < 216 || TagOf(entry) is not (TagFileEntry or TagExtendedFileEntry))
        {
            return [];
        }

        var head = TagOf(entry) == TagFileEntry ? 168 : 208;
        var at = head + 8 + (long)U32(entry, head);
        var extents = new List<Extent>();
        for (; at + 8 <= entry.Length && extents.Count < MaxExtents && (U32(entry, (int)at) & 0x3fffffff) > 0; at += 8)
        {
            extents.Add(new Extent(start + (U32(entry, (int)at + 4) * (long)_block), U32(entry, (int)at) & 0x3fffffff));
        }

        return _metadata[reference] = extents;
    }

    /// <summary>OSTA compressed Unicode (UDF §2.1.1): the first byte says 8 or 16 bits per character.</summary>
    private static string NameOf(ReadOnlySpan<byte> name) => name.IsEmpty ? ""
        : name[0] is 16 or 255 ? Encoding.BigEndianUnicode.GetString(name[1..])
        : Encoding.Latin1.GetString(name[1..]);

    /// <summary>ECMA-167 3/7.2: the identifier, 0 when the checksum over the other 15 bytes of the tag is wrong.</summary>
    private static int TagOf(ReadOnlySpan<byte> descriptor)
    {
        byte sum = 0;
        for (var i = 0; i < 16; i++)
        {
            sum += i == 4 ? (byte)0 : descriptor[i];
        }

        return sum == descriptor[4] ? BinaryPrimitives.ReadUInt16LittleEndian(descriptor) : 0;
    }

    private static uint U32(byte[] bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at));

    private static int U16(byte[] bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at));
}
