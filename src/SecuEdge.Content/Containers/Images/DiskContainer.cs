using System.Buffers.Binary;
using SecuEdge.Content.Files;

namespace SecuEdge.Content.Containers.Images;

/// <summary>
/// Disks as they lie on the medium: a FAT volume, or partitions (MBR, GPT) with volumes in them. Windows mounts such a file with a double
/// click and forgets the mark of the web on what is inside. Other file systems are recognised, not read.
/// </summary>
internal sealed class DiskContainer : IContainer
{
    public const string MediaType = "application/x-raw-disk-image";

    private const int Sector = 512;
    private const int MaxPartitions = 128;

    public IReadOnlyList<string> MediaTypes => [MediaType];

    /// <summary>A boot sector: of a volume, or with a partition table whose entries make sense.</summary>
    public static bool IsDisk(ReadOnlySpan<byte> head) => FatVolume.IsBootSector(head) || IsOtherVolume(head) || IsPartitionTable(head);

    public void Open(IByteSource bytes, ContainerVisit visit) => OpenDisk(bytes, visit);

    /// <param name="disk">The disk as its system sees it; a virtual disk has been put together by then.</param>
    public static void OpenDisk(IByteSource disk, ContainerVisit visit)
    {
        using var image = new ImageReader(disk);
        var head = image.Read(0, Sector);
        var starts = FatVolume.IsBootSector(head) || IsOtherVolume(head) ? [0] : Partitions(image, head);
        var isKnown = false;
        foreach (var start in starts)
        {
            if (visit.MustStop || !visit.Meter.HasTime())
            {
                return;
            }

            isKnown |= OpenVolume(disk, image, start, visit);
        }

        if (!isKnown)
        {
            visit.Flag(AnatomyFlags.UnknownContainer);
            visit.Meter.Note(AnatomyFlags.UnknownContainer, "A disk image without a file system that is known here.");
        }
    }

    private static bool OpenVolume(IByteSource disk, ImageReader image, long start, ContainerVisit visit)
    {
        if (FatVolume.Find(image, visit.Meter, start) is not { } volume)
        {
            return OpenDisc(disk, image, start, visit);
        }

        var files = volume.Read();
        if (volume.IsBroken)
        {
            visit.Broken("A FAT volume is damaged or ends too early.");
        }

        foreach (var file in files)
        {
            if (!visit.Add(new EntryDraft { Name = file.Name, DeclaredSize = file.Size }, () => file.Open(disk)))
            {
                break;
            }
        }

        return true;
    }

    /// <summary>UDF and ISO 9660 live on disks too.</summary>
    private static bool OpenDisc(IByteSource disk, ImageReader image, long start, ContainerVisit visit)
    {
        if (!DiscContainer.IsDisc(image.Read(start, FileTypeDetector.HeadBytes)))
        {
            visit.Flag(AnatomyFlags.UnknownContainer);
            return false;
        }

        new DiscContainer().Open(disk.Slice(start, disk.Length - start), visit);
        return true;
    }

    private static bool IsOtherVolume(ReadOnlySpan<byte> sector) =>
        sector.Length >= Sector && (sector[3..11].SequenceEqual("NTFS    "u8) || sector[3..11].SequenceEqual("EXFAT   "u8));

    private static bool IsPartitionTable(ReadOnlySpan<byte> sector)
    {
        if (sector.Length < Sector || sector[510] != 0x55 || sector[511] != 0xaa)
        {
            return false;
        }

        var used = 0;
        for (var at = 446; at < 510; at += 16)
        {
            if (sector[at] is not (0 or 0x80))
            {
                return false;
            }

            used += sector[at + 4] != 0 && BinaryPrimitives.ReadUInt32LittleEndian(sector[(at + 8)..]) > 0 && BinaryPrimitives.ReadUInt32LittleEndian(sector[(at + 12)..]) > 0 ? 1 : 0;
        }

        return used > 0;
    }

    private static List<long> Partitions(ImageReader image, byte[] head)
    {
        var starts = new List<long>();
        if (!IsPartitionTable(head))
        {
            return starts;
        }

        for (var at = 446; at < 510; at += 16)
        {
            var start = BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(at + 8)) * (long)Sector;
            switch (head[at + 4])
            {
                case 0:
                    break;
                case 0xee:
                    AddGpt(image, starts);
                    break;
                case 0x05 or 0x0f or 0x85:
                    AddExtended(image, start, starts);
                    break;
                default:
                    starts.Add(start);
                    break;
            }
        }

        return starts;
    }

    /// <summary>UEFI 2.10 §5.3: header in the second sector, entries where it says.</summary>
    private static void AddGpt(ImageReader image, List<long> starts)
    {
        foreach (var sector in (ReadOnlySpan<int>)[Sector, 4096])
        {
            var header = image.Read(sector, 92);
            if (header.Length < 92 || !header.AsSpan(0, 8).SequenceEqual("EFI PART"u8))
            {
                continue;
            }

            var table = BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(72));
            var count = Math.Min(MaxPartitions, BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(80)));
            var size = BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(84));
            for (var i = 0; i < count && size is >= 128 and <= 4096 && table is > 0 and < int.MaxValue; i++)
            {
                var entry = image.Read((table * sector) + (i * size), 128);
                if (entry.Length == 128 && entry.AsSpan(0, 16).ContainsAnyExcept((byte)0) && BinaryPrimitives.ReadInt64LittleEndian(entry.AsSpan(32)) is > 0 and < long.MaxValue / 4096 and var first)
                {
                    starts.Add(first * sector);
                }
            }
        }
    }

    /// <summary>Logical partitions: each table names one and where the next table is, both relative.</summary>
    private static void AddExtended(ImageReader image, long extended, List<long> starts)
    {
        var position = extended;
        for (var i = 0; i < MaxPartitions; i++)
        {
            var table = image.Read(position, Sector);
            if (table.Length < Sector || table[510] != 0x55 || table[511] != 0xaa)
            {
                return;
            }

            if (table[450] != 0)
            {
                starts.Add(position + (BinaryPrimitives.ReadUInt32LittleEndian(table.AsSpan(454)) * (long)Sector));
            }

            var next = BinaryPrimitives.ReadUInt32LittleEndian(table.AsSpan(470)) * (long)Sector;
            if (table[466] == 0 || next == 0)
            {
                return;
            }

            position = extended + next;
        }
    }
}
