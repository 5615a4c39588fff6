using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace SecuEdge.Content.Tests;

/// <summary>Archives of the formats that no library here writes, one file in each, built by their specifications.</summary>
internal static class ArchiveSamples
{
    /// <summary>Written by xz --format=lzma: EICAR.</summary>
    public static readonly byte[] LzmaOfEicar = Convert.FromBase64String("XQAAgAD//////////wAsDUXiI0s4Cf4kLFtLNpAx3EskNbYy368xTDzfzzpLdXPli8h+ibOAXveUH42pwx76SWwF/IQFWnH8ObqSZYuXQ6fdeFCXv//EGKAA");

    public static readonly IReadOnlyDictionary<string, Func<string, byte[], byte[]>> Formats = new Dictionary<string, Func<string, byte[], byte[]>>(StringComparer.Ordinal)
    {
        ["cab stored"] = (name, content) => Cabinet(name, content, isPacked: false),
        ["cab mszip"] = (name, content) => Cabinet(name, content, isPacked: true),
        ["cpio newc"] = Cpio,
        ["cpio odc"] = OldCpio,
        ["ar"] = Ar,
        ["deb"] = (name, content) => [.. Ar("debian-binary", "2.0\n"u8.ToArray()), .. Ar("data.tar.gz", Gzip(ContainerTests.Tar((name, content))))[8..]],
        ["rpm"] = (name, content) => Rpm(Gzip(Cpio(name, content))),
        ["lha"] = Lha,
        ["lz4"] = (_, content) => Lz4(content),
        ["szdd"] = (_, content) => Szdd(content),
        ["iso"] = (name, content) => ImageSamples.Iso((name, content)),
        ["udf"] = ImageSamples.Udf,
        ["img"] = ImageSamples.Fat,
        ["mbr"] = (name, content) => ImageSamples.Mbr(ImageSamples.Fat(name, content)),
        ["gpt"] = (name, content) => ImageSamples.Gpt(ImageSamples.Fat(name, content)),
        ["vhd fixed"] = (name, content) => ImageSamples.FixedVhd(ImageSamples.Mbr(ImageSamples.Fat(name, content))),
        ["vhd dynamic"] = (name, content) => ImageSamples.DynamicVhd(ImageSamples.Mbr(ImageSamples.Fat(name, content))),
        ["vhdx"] = (name, content) => ImageSamples.Vhdx(ImageSamples.Mbr(ImageSamples.Fat(name, content))),
    };

    public static byte[] Gzip(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            gzip.Write(content);
        }

        return packed.ToArray();
    }

    /// <summary>MS-CAB: header, one folder, one file, one data block of up to 32 KB each.</summary>
    public static byte[] Cabinet(string name, byte[] content, bool isPacked)
    {
        byte[] nameBytes = [.. Encoding.ASCII.GetBytes(name), 0];
        var blocks = content.Chunk(32_768).Select(chunk => (Size: chunk.Length, Data: isPacked ? Packed(chunk) : chunk)).ToList();
        var dataAt = 36 + 8 + 16 + nameBytes.Length;
        var cabinet = new byte[dataAt + blocks.Sum(block => 8 + block.Data.Length)];
        "MSCF"u8.CopyTo(cabinet);
        U32(cabinet, 8, cabinet.Length);
        U32(cabinet, 16, 44);
        cabinet[24] = 3;
        cabinet[25] = 1;
        U16(cabinet, 26, 1);
        U16(cabinet, 28, 1);
        U32(cabinet, 36, dataAt);
        U16(cabinet, 40, blocks.Count);
        U16(cabinet, 42, isPacked ? 1 : 0);
        U32(cabinet, 44, content.Length);
        nameBytes.CopyTo(cabinet, 60);
        var at = dataAt;
        foreach (var (size, data) in blocks)
        {
            U16(cabinet, at + 4, data.Length);
            U16(cabinet, at + 6, size);
            data.CopyTo(cabinet, at + 8);
            at += 8 + data.Length;
        }

        return cabinet;

        static byte[] Packed(byte[] chunk)
        {
            using var packed = new MemoryStream();
            packed.Write("CK"u8);
            using (var deflate = new DeflateStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            {
                deflate.Write(chunk);
            }

            return packed.ToArray();
        }
    }

    public static byte[] Cpio(string name, byte[] content) => [.. CpioMember(name, content), .. CpioMember("TRAILER!!!", [])];

    public static byte[] CpioMember(string name, byte[] content, long? size = null)
    {
        var text = new StringBuilder("070701");
        foreach (var field in (long[])[1, content.Length > 0 ? 0x81a4 : 0, 0, 0, 1, 0, size ?? content.Length, 0, 0, 0, 0, name.Length + 1, 0])
        {
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"{field:x8}");
        }

        return [.. Padded(Encoding.ASCII.GetBytes($"{text}{name}\0"), 4), .. Padded(content, 4)];
    }

    public static byte[] Ar(string name, byte[] content) =>
        [.. Encoding.ASCII.GetBytes($"!<arch>\n{name,-16}{0,-12}{0,-6}{0,-6}{100644,-8}{content.Length,-10}`\n"), .. Padded(content, 2)];

    /// <summary>A lead, a signature without entries, a header without entries, the payload.</summary>
    public static byte[] Rpm(byte[] payload)
    {
        byte[] header = [0x8e, 0xad, 0xe8, 1, .. new byte[12]];
        return [0xed, 0xab, 0xee, 0xdb, 3, .. new byte[91], .. header, .. header, .. payload];
    }

    /// <summary>Level 0 header, method -lh0-: stored.</summary>
    public static byte[] Lha(string name, byte[] content)
    {
        var header = new byte[24 + name.Length];
        header[0] = (byte)(header.Length - 2);
        "-lh0-"u8.CopyTo(header.AsSpan(2));
        U32(header, 7, content.Length);
        U32(header, 11, content.Length);
        header[19] = 0x20;
        header[21] = (byte)name.Length;
        Encoding.ASCII.GetBytes(name).CopyTo(header, 22);
        U16(header, 22 + name.Length, Crc16(content));
        header[1] = (byte)header.AsSpan(2).ToArray().Sum(value => value);
        return [.. header, .. content, 0];
    }

    /// <summary>One frame of stored blocks, without checksums; the header's own is xxHash of two constant bytes.</summary>
    public static byte[] Lz4(byte[] content)
    {
        var frame = new List<byte> { 0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82 };
        foreach (var chunk in content.Chunk(60_000))
        {
            var size = new byte[4];
            U32(size, 0, chunk.Length | int.MinValue);
            frame.AddRange([.. size, .. chunk]);
        }

        return [.. frame, 0, 0, 0, 0];
    }

    public static byte[] Szdd(byte[] content)
    {
        byte[] header = [.. "SZDD"u8, 0x88, 0xf0, 0x27, 0x33, (byte)'A', 0, 0, 0, 0, 0];
        U32(header, 10, content.Length);
        return [.. header, .. content.Chunk(8).SelectMany(chunk => (byte[])[0xff, .. chunk])];
    }

    public static void U16(byte[] bytes, int at, int value) => BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(at), (ushort)value);

    public static void U32(byte[] bytes, int at, long value) => BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at), (uint)value);

    public static byte[] Padded(byte[] bytes, int unit) => [.. bytes, .. new byte[(unit - (bytes.Length % unit)) % unit]];

    private static byte[] OldCpio(string name, byte[] content)
    {
        return [.. Member(name, content), .. Member("TRAILER!!!", [])];

        static byte[] Member(string name, byte[] content) =>
            [.. Encoding.ASCII.GetBytes($"070707{Octal(1, 6)}{Octal(1, 6)}{(content.Length > 0 ? "100644" : "000000")}{Octal(0, 6)}{Octal(0, 6)}{Octal(1, 6)}{Octal(0, 6)}{Octal(0, 11)}{Octal(name.Length + 1, 6)}{Octal(content.Length, 11)}{name}\0"), .. content];

        static string Octal(long value, int digits) => Convert.ToString(value, 8).PadLeft(digits, '0');
    }

    private static int Crc16(byte[] content)
    {
        var crc = 0;
        foreach (var value in content)
        {
            crc ^= value;
            for (var i = 0; i < 8; i++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xa001 : crc >> 1;
            }
        }

        return crc;
    }
}
