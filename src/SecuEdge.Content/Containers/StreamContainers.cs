using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using SharpCompress.Compressors.BZip2;
using SharpCompress.Compressors.LZMA;
using SharpCompress.Compressors.Lzw;
using SharpCompress.Compressors.Xz;

namespace SecuEdge.Content.Containers;

/// <summary>RFC 1952, with several members and every optional field.</summary>
internal sealed class GzipContainer : IContainer
{
    public IReadOnlyList<string> MediaTypes => ["application/gzip"];

    public void Open(IByteSource bytes, ContainerVisit visit)
    {
        visit.Add(new EntryDraft { Name = NameIn(bytes.Peek(0, 4096).Span) }, () => new GZipStream(bytes.OpenRead(), CompressionMode.Decompress));
    }

    /// <summary>RFC 1952 §2.3.1: after the fixed ten bytes FEXTRA, then FNAME to a zero.</summary>
    private static string? NameIn(ReadOnlySpan<byte> head)
    {
        if (head.Length < 12 || (head[3] & 8) == 0)
        {
            return null;
        }

        var start = 10 + ((head[3] & 4) == 0 ? 0 : 2 + BinaryPrimitives.ReadUInt16LittleEndian(head[10..]));
        var length = start < head.Length ? head[start..].IndexOf((byte)0) : -1;
        return length <= 0 ? null : Encoding.Latin1.GetString(head.Slice(start, length));
    }
}

internal sealed class Bzip2Container : IContainer
{
    public IReadOnlyList<string> MediaTypes => ["application/x-bzip2"];

    public void Open(IByteSource bytes, ContainerVisit visit) =>
        visit.Add(new EntryDraft(), () => BZip2Stream.Create(bytes.OpenRead(), SharpCompress.Compressors.CompressionMode.Decompress, decompressConcatenated: true, leaveOpen: false));
}

internal sealed class XzContainer : IContainer
{
    public IReadOnlyList<string> MediaTypes => ["application/x-xz"];

    public void Open(IByteSource bytes, ContainerVisit visit)
    {
        // The first block header follows the 12 bytes of the stream header; its filter list ends in LZMA2 (0x21) with one byte of size.
        var head = bytes.Peek(12, 64).Span;
        var filter = head.IndexOf((ReadOnlySpan<byte>)[0x21, 0x01]);
        if (filter >= 0 && filter + 2 < head.Length && Dictionaries.OfLzma2(head[filter + 2]) > Dictionaries.MaxBytes)
        {
            Dictionaries.Refuse(visit);
            return;
        }

        visit.Add(new EntryDraft(), () => new XZStream(bytes.OpenRead()));
    }
}

internal sealed class ZstdContainer : IContainer
{
    public IReadOnlyList<string> MediaTypes => ["application/zstd"];

    public void Open(IByteSource bytes, ContainerVisit visit)
    {
        // RFC 8878 §3.1.1.1: without "single segment" a byte says the window: 2^(10 + exponent), more by eighths.
        var head = bytes.Peek(4, 2).Span;
        if (head.Length == 2 && (head[0] & 0x20) == 0 && 1L << (10 + (head[1] >> 3)) > Dictionaries.MaxBytes)
        {
            Dictionaries.Refuse(visit);
            return;
        }

        visit.Add(new EntryDraft(), () => new SharpCompress.Compressors.ZStandard.DecompressionStream(bytes.OpenRead(), 0, checkEndOfStream: false, leaveOpen: false));
    }
}

internal sealed class LzipContainer : IContainer
{
    public IReadOnlyList<string> MediaTypes => ["application/x-lzip"];

    public void Open(IByteSource bytes, ContainerVisit visit)
    {
        var size = bytes.Peek(5, 1).Span;
        if (size.Length == 1 && 1L << (size[0] & 31) > Dictionaries.MaxBytes)
        {
            Dictionaries.Refuse(visit);
            return;
        }

        visit.Add(new EntryDraft(), () => LZipStream.Create(bytes.OpenRead(), SharpCompress.Compressors.CompressionMode.Decompress, leaveOpen: false));
    }
}

/// <summary>The Unix program compress, .Z.</summary>
internal sealed class CompressContainer : IContainer
{
    public IReadOnlyList<string> MediaTypes => ["application/x-compress"];

    public void Open(IByteSource bytes, ContainerVisit visit) => visit.Add(new EntryDraft(), () => new LzwStream(bytes.OpenRead()));
}

/// <summary>Decoders allocate the dictionary that the file asks for, which may be gigabytes for a file of a hundred bytes.</summary>
internal static class Dictionaries
{
    /// <summary>xz -9 uses 64 MB; more is not seen in mail.</summary>
    public const long MaxBytes = 64L * 1024 * 1024;

    public static void Refuse(ContainerVisit visit)
    {
        visit.Flag(AnatomyFlags.OverBudget | AnatomyFlags.Broken);
        visit.Meter.Note(AnatomyFlags.OverBudget, $"A compressed file asks for a dictionary of more than {MaxBytes} bytes.");
    }

    /// <summary>The size byte of LZMA2: 2 or 3 times a power of two (xz file format 5.3.1).</summary>
    public static long OfLzma2(byte code) => code > 40 ? long.MaxValue : (2L | (code & 1)) << ((code / 2) + 11);
}
