using System.Buffers.Binary;

namespace SecuEdge.Content.Containers.Images;

/// <summary>
/// Virtual disks that Windows mounts with a double click: VHD (fixed and dynamic) and VHDX. They say where the blocks of a disk are; the
/// disk is then read like any other. A differencing disk needs its parent and stays unknown, like the formats of other products.
/// </summary>
internal sealed class VirtualDiskContainer : IContainer
{
    public const string MediaType = "application/x-virtual-disk";

    private const int Footer = 512;

    /// <summary>A table entry per 2 MB: one terabyte.</summary>
    private const int MaxBlocks = 512 * 1024;

    public IReadOnlyList<string> MediaTypes => [MediaType];

    /// <summary>The footer of a VHD is its last sector; a fixed disk has nothing else.</summary>
    public static bool HasFooter(ReadOnlySpan<byte> tail) => tail.Length >= Footer && tail[^Footer..].StartsWith("conectix"u8);

    public void Open(IByteSource bytes, ContainerVisit visit)
    {
        var disk = Assemble(bytes);
        if (disk is null)
        {
            visit.Flag(AnatomyFlags.UnknownContainer);
            visit.Meter.Note(AnatomyFlags.UnknownContainer, "A virtual disk of a kind that is not read here.");
            return;
        }

        DiskContainer.OpenDisk(disk, visit);
    }

    private static IByteSource? Assemble(IByteSource bytes)
    {
        using var image = new ImageReader(bytes);
        if (image.Read(0, 8).AsSpan().SequenceEqual("vhdxfile"u8))
        {
            return VhdxDisk.Assemble(bytes, image);
        }

        var footer = image.Read(bytes.Length - Footer, Footer);
        footer = footer.AsSpan().StartsWith("conectix"u8) ? footer : image.Read(0, Footer);
        if (footer.Length < Footer || !footer.AsSpan().StartsWith("conectix"u8))
        {
            return null;
        }

        // Virtual Hard Disk Image Format 1.0, "Hard Disk Footer Format": type at 60.
        return BinaryPrimitives.ReadUInt32BigEndian(footer.AsSpan(60)) switch
        {
            2 => bytes.Slice(0, bytes.Length - Footer),
            3 => Dynamic(bytes, image, footer),
            _ => null,
        };
    }

    /// <summary>"Dynamic Disk Header Format": the table says at which sector each block begins, with its own bitmap in front.</summary>
    private static ExtentBytes? Dynamic(IByteSource bytes, ImageReader image, byte[] footer)
    {
        var header = image.Read(BinaryPrimitives.ReadInt64BigEndian(footer.AsSpan(16)), 1024);
        if (header.Length < 1024 || !header.AsSpan().StartsWith("cxsparse"u8))
        {
            return null;
        }

        var table = BinaryPrimitives.ReadInt64BigEndian(header.AsSpan(16));
        var count = BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(28));
        var block = BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(32));
        var entries = count is > 0 and <= MaxBlocks ? image.Read(table, (int)count * 4) : [];
        if (block is < 512 or > 256 * 1024 * 1024 || entries.Length < 4)
        {
            return null;
        }

        var bitmap = ((block / 512 / 8) + 511) / 512 * 512;
        var extents = new List<Extent>();
        for (var at = 0; at + 4 <= entries.Length; at += 4)
        {
            var sector = BinaryPrimitives.ReadUInt32BigEndian(entries.AsSpan(at));
            extents.Add(new Extent(sector == uint.MaxValue ? -1 : (sector * 512L) + bitmap, block));
        }

        return new ExtentBytes(bytes, extents);
    }
}
