using System.Buffers.Binary;
using System.Text;
using static SecuEdge.Content.Tests.ArchiveSamples;

namespace SecuEdge.Content.Tests;

/// <summary>Disc and disk images built by their specifications, as small as they can be.</summary>
internal static class ImageSamples
{
    private const int Disc = 2048;
    private const int Disk = 512;

    /// <summary>ISO 9660: a primary descriptor, a root directory in sector 18, files behind it.</summary>
    public static byte[] Iso(params (string Name, byte[] Content)[] files)
    {
        var directory = new List<byte>();
        directory.AddRange(IsoRecord([0], 18, Disc, 2));
        directory.AddRange(IsoRecord([1], 18, Disc, 2));
        var content = new List<byte>();
        foreach (var (name, bytes) in files)
        {
            directory.AddRange(IsoRecord(Encoding.ASCII.GetBytes(name + ";1"), 19 + (content.Count / Disc), bytes.Length, 0));
            content.AddRange(Padded(bytes, Disc));
        }

        var image = new byte[(19 * Disc) + content.Count];
        var descriptor = image.AsSpan(16 * Disc);
        descriptor[0] = 1;
        "CD001\u0001"u8.CopyTo(descriptor[1..]);
        IsoRecord([0], 18, Disc, 2).CopyTo(descriptor[156..]);
        image[17 * Disc] = 255;
        "CD001\u0001"u8.CopyTo(image.AsSpan((17 * Disc) + 1));
        directory.CopyTo(image, 18 * Disc);
        content.CopyTo(image, 19 * Disc);
        return image;
    }

    /// <summary>UDF 1.02: recognition, anchor at 256, one partition from 260, root directory and file with their data in the entry or behind it.</summary>
    public static byte[] Udf(string name, byte[] content)
    {
        const int Partition = 260;
        var image = new byte[(Partition + 4 + ((content.Length + Disc - 1) / Disc)) * Disc];
        foreach (var (sector, text) in (ReadOnlySpan<(int, string)>)[(16, "BEA01"), (17, "NSR02"), (18, "TEA01")])
        {
            Encoding.ASCII.GetBytes(text).CopyTo(image, (sector * Disc) + 1);
        }

        // Partition descriptor at 257, logical volume at 258, end at 259.
        U32(image, (257 * Disc) + 188, Partition);
        Tag(image, 257, 5);
        U32(image, (258 * Disc) + 212, Disc);
        U32(image, (258 * Disc) + 248, Disc);
        U32(image, (258 * Disc) + 264, 6);
        U32(image, (258 * Disc) + 268, 1);
        image[(258 * Disc) + 440] = 1;
        image[(258 * Disc) + 441] = 6;
        Tag(image, 258, 6);
        Tag(image, 259, 8);
        U32(image, (256 * Disc) + 16, 3 * Disc);
        U32(image, (256 * Disc) + 20, 257);
        Tag(image, 256, 2);

        // In the partition: 0 file set, 1 root directory, 2 file, 4 its data.
        U32(image, (Partition * Disc) + 400, Disc);
        U32(image, (Partition * Disc) + 404, 1);
        Tag(image, Partition, 256);
        byte[] identifier = [.. new byte[18], 0, (byte)(name.Length + 1), .. new byte[18], 8, .. Encoding.ASCII.GetBytes(name)];
        U32(identifier, 20, Disc);
        U32(identifier, 24, 2);
        Tag(identifier, 0, 257);
        FileEntry(image, Partition + 1, 3, identifier, Padded(identifier, 4).Length);
        var descriptor = new byte[8];
        U32(descriptor, 0, content.Length);
        U32(descriptor, 4, 4);
        FileEntry(image, Partition + 2, 0, descriptor, content.Length);
        content.CopyTo(image, (Partition + 4) * Disc);
        return image;
    }

    /// <summary>FAT12: boot sector, one table, 16 root entries, clusters of one sector.</summary>
    public static byte[] Fat(string name, byte[] content)
    {
        const int Data = 1 + 8 + 1;
        var clusters = Math.Max(8, (content.Length + Disk - 1) / Disk);
        var image = new byte[(Data + clusters) * Disk];
        image[0] = 0xeb;
        U16(image, 11, Disk);
        image[13] = 1;
        U16(image, 14, 1);
        image[16] = 1;
        U16(image, 17, 16);
        U16(image, 19, image.Length / Disk);
        image[21] = 0xf8;
        U16(image, 22, 8);
        U16(image, 510, 0xaa55);
        for (var cluster = 2; cluster < clusters + 2; cluster++)
        {
            var next = (cluster - 1) * Disk >= content.Length ? 0xfff : cluster + 1;
            var at = Disk + (cluster * 3 / 2);
            var old = BinaryPrimitives.ReadUInt16LittleEndian(image.AsSpan(at));
            U16(image, at, (cluster & 1) == 0 ? (old & 0xf000) | next : (old & 0xf) | (next << 4));
        }

        var entry = 9 * Disk;
        var parts = name.ToUpperInvariant().Split('.');
        Encoding.ASCII.GetBytes(parts[0].PadRight(8)[..8] + parts[^1].PadRight(3)[..3]).CopyTo(image, entry);
        image[entry + 11] = 0x20;
        U16(image, entry + 26, 2);
        U32(image, entry + 28, content.Length);
        content.CopyTo(image, Data * Disk);
        return image;
    }

    public static byte[] Mbr(byte[] volume, byte type = 1)
    {
        var sector = new byte[Disk];
        sector[450] = type;
        U32(sector, 454, 1);
        U32(sector, 458, volume.Length / Disk);
        U16(sector, 510, 0xaa55);
        return [.. sector, .. volume];
    }

    public static byte[] Gpt(byte[] volume)
    {
        var image = new byte[(3 * Disk) + volume.Length];
        Mbr(new byte[Disk], 0xee)[..Disk].CopyTo(image, 0);
        "EFI PART"u8.CopyTo(image.AsSpan(Disk));
        U32(image, Disk + 72, 2);
        U32(image, Disk + 80, 1);
        U32(image, Disk + 84, 128);
        image[2 * Disk] = 1;
        U32(image, (2 * Disk) + 32, 3);
        volume.CopyTo(image, 3 * Disk);
        return image;
    }

    public static byte[] FixedVhd(byte[] disk) => [.. disk, .. VhdFooter(2)];

    /// <summary>Blocks of 4 KB in reverse order; the table at 1,536.</summary>
    public static byte[] DynamicVhd(byte[] disk)
    {
        const int Block = 4096;
        var blocks = Padded(disk, Block).Chunk(Block).ToArray();
        var header = new byte[1024];
        "cxsparse"u8.CopyTo(header);
        BinaryPrimitives.WriteInt64BigEndian(header.AsSpan(16), 1536);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(28), blocks.Length);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(32), Block);
        var table = Padded(new byte[blocks.Length * 4], Disk);
        var first = (1536 + table.Length) / Disk;
        for (var i = 0; i < blocks.Length; i++)
        {
            BinaryPrimitives.WriteInt32BigEndian(table.AsSpan(i * 4), first + ((blocks.Length - 1 - i) * ((Block / Disk) + 1)));
        }

        var footer = VhdFooter(3);
        return [.. footer, .. header, .. table, .. blocks.Reverse().SelectMany(block => (byte[])[.. new byte[Disk], .. block]), .. footer];
    }

    /// <summary>MS-VHDX: region table at 192 KB, metadata at 1 MB, block table at 2 MB, blocks of 1 MB from 3 MB.</summary>
    public static byte[] Vhdx(byte[] disk)
    {
        const int Megabyte = 1024 * 1024;
        var image = new byte[3 * Megabyte];
        "vhdxfile"u8.CopyTo(image);
        const int Regions = 192 * 1024;
        "regi"u8.CopyTo(image.AsSpan(Regions));
        U32(image, Regions + 8, 2);
        Entry(Regions + 16, "2dc27766-f623-4200-9d64-115e9bfd4a08", 2 * Megabyte);
        U32(image, Regions + 16 + 24, 4096);
        Entry(Regions + 48, "8b7ca206-4790-4b9a-b8fe-575f050f886e", Megabyte);
        "metadata"u8.CopyTo(image.AsSpan(Megabyte));
        U16(image, Megabyte + 10, 2);
        Entry(Megabyte + 32, "caa16737-fa36-4d43-b3b6-33f0aa44e76b", 65_536);
        Entry(Megabyte + 64, "2fa54224-cd1b-4876-b211-5dbed83bf4b8", 65_552);
        U32(image, Megabyte + 65_536, Megabyte);
        U32(image, Megabyte + 65_552, disk.Length);
        for (var i = 0; i * Megabyte < disk.Length; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(image.AsSpan((2 * Megabyte) + (i * 8)), ((long)(3 + i) << 20) | 6);
        }

        return [.. image, .. disk];

        void Entry(int at, string id, int offset)
        {
            new Guid(id).TryWriteBytes(image.AsSpan(at));
            U32(image, at + 16, offset);
        }
    }

    public static byte[] IsoRecord(byte[] name, int sector, long size, byte flags)
    {
        var record = Padded(new byte[33 + name.Length], 2);
        record[0] = (byte)record.Length;
        U32(record, 2, sector);
        U32(record, 10, size);
        record[25] = flags;
        record[32] = (byte)name.Length;
        name.CopyTo(record, 33);
        return record;
    }

    private static byte[] VhdFooter(int type)
    {
        var footer = new byte[Disk];
        "conectix"u8.CopyTo(footer);
        BinaryPrimitives.WriteInt64BigEndian(footer.AsSpan(16), Disk);
        BinaryPrimitives.WriteInt32BigEndian(footer.AsSpan(60), type);
        return footer;
    }

    private static void FileEntry(byte[] image, int sector, int kind, byte[] data, long size)
    {
        var at = sector * Disc;
        U16(image, at + 34, kind);
        U32(image, at + 56, size);
        U32(image, at + 172, kind == 3 ? size : data.Length);
        data.CopyTo(image, at + 176);
        Tag(image, sector, 261);
    }

    /// <summary>ECMA-167 3/7.2: identifier, checksum at 4, place at 12.</summary>
    private static void Tag(byte[] image, int sector, int identifier)
    {
        var tag = image.AsSpan(sector * Disc, 16);
        BinaryPrimitives.WriteUInt16LittleEndian(tag, (ushort)identifier);
        BinaryPrimitives.WriteInt32LittleEndian(tag[12..], sector);
        tag[4] = 0;
        byte sum = 0;
        foreach (var value in tag)
        {
            sum += value;
        }

        tag[4] = sum;
    }
}
