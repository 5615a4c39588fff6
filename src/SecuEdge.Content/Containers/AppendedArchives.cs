using System.Buffers.Binary;
using SecuEdge.Content.Containers.Images;
using SecuEdge.Content.Files;

namespace SecuEdge.Content.Containers;

/// <summary>
/// Archives that begin somewhere inside a file of another kind. Unpackers look for their signature, so this does; programs that unpack
/// carry the bare signature as a constant, so more than the signature must be right.
/// </summary>
internal static class AppendedArchives
{
    private const string Tar = "application/x-tar";

    /// <summary>Constants of a program and archives made to keep us busy.</summary>
    private const int MaxCandidates = 16;

    private const int MaxArchives = 4;
    private const int HeadBytes = 64;

    private static readonly (byte[] Signature, string MediaType, Func<IByteSource, long, long> LengthAt)[] Kinds =
    [
        ("Rar!\u001a\u0007"u8.ToArray(), "application/vnd.rar", RarLength),
        ([0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c], "application/x-7z-compressed", SevenZipLength),
        ("MSCF\0\0\0\0"u8.ToArray(), "application/vnd.ms-cab-compressed", CabinetLength),
    ];

    /// <summary>Types that compress, so that the end record of a zip in their bytes belongs to no file inside.</summary>
    private static readonly HashSet<string> Compressed = new(StringComparer.Ordinal)
    {
        "application/gzip", "application/x-bzip2", "application/x-xz", "application/zstd", "application/x-lzip", "application/x-lz4", LzmaContainer.MediaType,
        "application/vnd.rar", "application/x-7z-compressed", "application/vnd.ms-cab-compressed", "application/x-arj", "application/x-lha", "application/x-compress",
    };

    public static List<(string MediaType, long Start)> Find(IByteSource bytes)
    {
        var found = new List<(string, long)>();
        foreach (var (signature, mediaType, lengthAt) in Kinds)
        {
            long from = 0;
            for (var i = 0; i < MaxCandidates && found.Count < MaxArchives; i++)
            {
                var at = bytes.Slice(from, bytes.Length - from).IndexOf(signature);
                if (at < 0)
                {
                    break;
                }

                var start = from + at;
                var length = lengthAt(bytes, start);
                if (length > 0)
                {
                    found.Add((mediaType, start));
                }

                from = start + Math.Max(length, signature.Length);
            }
        }

        return found;
    }

    /// <summary>Containers that the whole of these bytes is too.</summary>
    public static IEnumerable<string> OtherNatures(string detectedType, ReadOnlySpan<byte> head, ReadOnlySpan<byte> tail)
    {
        var natures = new List<string>();
        if (DiscContainer.IsDisc(head) && detectedType is not (DiscContainer.Iso or DiscContainer.Udf or DiskContainer.MediaType))
        {
            natures.Add(DiscContainer.Iso);
        }

        if (VirtualDiskContainer.HasFooter(tail) && detectedType != VirtualDiskContainer.MediaType)
        {
            natures.Add(VirtualDiskContainer.MediaType);
        }

        if (detectedType != Tar && head.Length >= 512 && head[257..262].SequenceEqual("ustar"u8) && TarContainer.ReadOctal(head.Slice(148, 8)) == TarContainer.Checksum(head[..512]))
        {
            natures.Add(Tar);
        }

        if (tail.LastIndexOf("PK\u0005\u0006"u8) is >= 0 and var end
            && (Compressed.Contains(detectedType) ? tail.Length - end < 22 + 1024 : detectedType == Tar && IsAtEnd(tail[end..])))
        {
            natures.Add(FileTypes.Zip);
        }

        return natures;
    }

    /// <summary>
    /// An end record whose comment ends where the file ends (APPNOTE 4.3.16). A zip in a tar has the padding of the tar behind it.
    /// </summary>
    private static bool IsAtEnd(ReadOnlySpan<byte> end) => end.Length >= 22 && end.Length == 22 + BinaryPrimitives.ReadUInt16LittleEndian(end[20..]);

    /// <summary>The signature ends in 00 for RAR 1.5 to 4, in 01 00 for RAR 5. It has no length in front.</summary>
    private static long RarLength(IByteSource bytes, long start) =>
        bytes.Peek(start + 6, 2).Span is [0, _] or [1, 0] ? bytes.Length - start : 0;

    /// <summary>7zFormat.txt, "Signature Header": the checksum covers the place of the real header.</summary>
    private static long SevenZipLength(IByteSource bytes, long start)
    {
        var head = bytes.Peek(start, 32).Span;
        if (head.Length < 32 || Crc32.Of(head.Slice(12, 20)) != BinaryPrimitives.ReadUInt32LittleEndian(head[8..]))
        {
            return 0;
        }

        var length = BinaryPrimitives.ReadInt64LittleEndian(head[12..]) + BinaryPrimitives.ReadInt64LittleEndian(head[20..]) + 32;
        return length > 0 ? Math.Min(length, bytes.Length - start) : bytes.Length - start;
    }

    /// <summary>MS-CAB §2.1: total size, offset of the first file, version 1.3, and some files.</summary>
    private static long CabinetLength(IByteSource bytes, long start)
    {
        var head = bytes.Peek(start, HeadBytes).Span;
        if (head.Length < 36 || head[24] > 3 || head[25] != 1 || BinaryPrimitives.ReadUInt16LittleEndian(head[28..]) == 0)
        {
            return 0;
        }

        var length = (long)BinaryPrimitives.ReadUInt32LittleEndian(head[8..]);
        return BinaryPrimitives.ReadUInt32LittleEndian(head[16..]) < length ? Math.Min(length, bytes.Length - start) : 0;
    }
}
