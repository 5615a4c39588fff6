using System.Buffers.Binary;

namespace SecuEdge.Content.Containers.Images;

/// <summary>VHDX (MS-VHDX): region table, metadata, block allocation table. The log is not replayed: a disk in a mail was closed.</summary>
internal static class VhdxDisk
{
    private const int Megabyte = 1024 * 1024;
    private const int MaxTableBytes = 8 * Megabyte;

    private static readonly Guid TableRegion = new("2dc27766-f623-4200-9d64-115e9bfd4a08");
    private static readonly Guid MetadataRegion = new("8b7ca206-4790-4b9a-b8fe-575f050f886e");
    private static readonly Guid FileParameters = new("caa16737-fa36-4d43-b3b6-33f0aa44e76b");
    private static readonly Guid DiskSize = new("2fa54224-cd1b-4876-b211-5dbed83bf4b8");
    private static readonly Guid SectorSize = new("8141bf1d-a96f-4709-ba47-f233a8faab5f");

    /// <summary>The disk; null when it cannot be read without its parent, or at all.</summary>
    public static ExtentBytes? Assemble(IByteSource bytes, ImageReader image)
    {
        // MS-VHDX §2.2.3: two copies of the region table, at 192 KB and 256 KB.
        var regions = Table(image, 192 * 1024, "regi"u8, entryAt: 16, countAt: 8) ?? Table(image, 256 * 1024, "regi"u8, entryAt: 16, countAt: 8);
        if (regions is null || !regions.TryGetValue(TableRegion, out var table) || !regions.TryGetValue(MetadataRegion, out var metadata))
        {
            return null;
        }

        var items = Table(image, metadata.Offset, "metadata"u8, entryAt: 32, countAt: 10);
        if (items is null || !items.TryGetValue(FileParameters, out var file) || !items.TryGetValue(DiskSize, out var disk))
        {
            return null;
        }

        var parameters = image.Read(metadata.Offset + file.Offset, 8);
        var size = image.Read(metadata.Offset + disk.Offset, 8);
        var sector = items.TryGetValue(SectorSize, out var item) && image.Read(metadata.Offset + item.Offset, 4) is { Length: 4 } read ? BinaryPrimitives.ReadUInt32LittleEndian(read) : 512;
        if (parameters.Length < 8 || size.Length < 8 || sector is not (512 or 4096) || (parameters[4] & 2) != 0)
        {
            return null;
        }

        return Blocks(bytes, image, table, BinaryPrimitives.ReadUInt32LittleEndian(parameters), BinaryPrimitives.ReadInt64LittleEndian(size), sector);
    }

    /// <summary>MS-VHDX §2.5: after every "chunk" of blocks an entry for a bitmap, which only differencing disks use.</summary>
    private static ExtentBytes? Blocks(IByteSource bytes, ImageReader image, (long Offset, long Length) table, uint block, long size, uint sector)
    {
        if (block is < Megabyte or > 256 * Megabyte || size <= 0)
        {
            return null;
        }

        var perChunk = (1L << 23) * sector / block;
        var entries = image.Read(table.Offset, (int)Math.Min(table.Length, MaxTableBytes));
        var extents = new List<Extent>();
        var left = size;
        for (long i = 0; left > 0 && (i + (i / perChunk) + 1) * 8 <= entries.Length; i++)
        {
            var entry = BinaryPrimitives.ReadUInt64LittleEndian(entries.AsSpan((int)((i + (i / perChunk)) * 8)));
            var isPresent = (entry & 7) is 6 or 7;
            var length = Math.Min(block, left);
            extents.Add(new Extent(isPresent ? (long)(entry >> 20) * Megabyte : -1, length));
            left -= length;
        }

        return extents.Count == 0 ? null : new ExtentBytes(bytes, extents);
    }

    /// <summary>Region and metadata tables are alike: entries of 32 bytes with a GUID, then offset and length.</summary>
    private static Dictionary<Guid, (long Offset, long Length)>? Table(ImageReader image, long position, ReadOnlySpan<byte> signature, int entryAt, int countAt)
    {
        var bytes = image.Read(position, 64 * 1024);
        if (bytes.Length < 64 || !bytes.AsSpan().StartsWith(signature))
        {
            return null;
        }

        var isRegion = countAt == 8;
        var table = new Dictionary<Guid, (long, long)>();
        int count = BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(countAt));
        for (var i = 0; i < count && entryAt + ((i + 1) * 32) <= bytes.Length; i++)
        {
            var entry = bytes.AsSpan(entryAt + (i * 32), 32);
            table[new Guid(entry[..16])] = (
                isRegion ? BinaryPrimitives.ReadInt64LittleEndian(entry[16..]) : BinaryPrimitives.ReadUInt32LittleEndian(entry[16..]),
                BinaryPrimitives.ReadUInt32LittleEndian(entry[(isRegion ? 24 : 20)..]));
        }

        return table;
    }
}
