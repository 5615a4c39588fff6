using System.Buffers.Binary;
using System.IO.Compression;
using SecuEdge.Content.Containers.Passwords;
using SharpCompress.Compressors.BZip2;
using SharpCompress.Compressors.Deflate64;
using SharpCompress.Compressors.LZMA;
using SharpCompress.Compressors.Xz;
using SharpCompress.Readers;
using SharpCompress.Readers.Zip;

namespace SecuEdge.Content.Containers;

/// <summary>
/// Zip and what is made of it. Libraries believe one directory and one size; attackers live on what another program believes. So every
/// entry that any reader could find is read here, sizes are measured, and contradictions are flags.
/// </summary>
internal sealed class ZipContainer : IContainer
{
    private const int Stored = 0;
    private const int Deflated = 8;

    /// <summary>Old methods are read from a copy in memory.</summary>
    private const int MaxOldBytes = 16 * 1024 * 1024;

    public IReadOnlyList<string> MediaTypes =>
    [
        Files.FileTypes.Zip, "application/java-archive", "application/vnd.android.package-archive", "application/epub+zip",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation", "application/vnd.openxmlformats-package",
        "application/vnd.oasis.opendocument",
    ];

    public void Open(IByteSource bytes, ContainerVisit visit)
    {
        var directory = ZipDirectory.Read(bytes, visit.Meter.Budget.MaxEntries + 1);
        if (directory.IsBroken)
        {
            visit.Broken("A zip directory is missing or damaged.");
        }

        // A volume of a split archive has offsets into the other volumes; only what is whole can overlap.
        if (directory.HasOverlap && !directory.IsBroken)
        {
            visit.Flag(AnatomyFlags.Bomb);
            visit.Meter.Note(AnatomyFlags.Bomb, "Entries of a zip overlap.");
        }

        var isAmbiguous = directory.Directories > 1 || directory.Items.Exists(item => item.IsContradictory)
            || (directory.Directories > 0 && directory.Items.Exists(item => item.IsUnlisted && item.CompressedSize > 0))
            || directory.Items.Select(item => item.Name).Distinct(StringComparer.Ordinal).Count() < directory.Items.Count;
        if (isAmbiguous)
        {
            visit.Flag(AnatomyFlags.Ambiguous);
        }

        foreach (var item in directory.Items)
        {
            if (!Add(bytes, item, visit))
            {
                return;
            }
        }
    }

    private static bool Add(IByteSource bytes, ZipItem item, ContainerVisit visit)
    {
        var isDirectory = item.Name.EndsWith('/') && item.Size == 0 && item.CompressedSize == 0;
        if (isDirectory)
        {
            return true;
        }

        if (item.Name.EndsWith("vbaProject.bin", StringComparison.OrdinalIgnoreCase))
        {
            visit.Flag(AnatomyFlags.ActiveContent);
        }

        var draft = new EntryDraft { Name = item.Name, DeclaredSize = item.Size > 0 ? item.Size : null };
        if (item.IsEncrypted)
        {
            return AddLocked(bytes, item, draft, visit);
        }

        if (!CanDecompress(item))
        {
            visit.Flag(AnatomyFlags.UnknownContainer);
            visit.AddUnreadable(draft with { Flags = AnatomyFlags.UnknownContainer });
        }
        else if (!visit.Add(draft, () => Decompress(bytes, item, item.Method)))
        {
            return false;
        }

        return item.OtherMethod is not { } other
            || visit.Add(draft with { Kind = PartKind.Reading }, () => Decompress(bytes, item, other));
    }

    /// <summary>APPNOTE 4.4.5 keeps numbers for methods that hardly a program has: what nobody here reads is not merely damaged.</summary>
    private static bool CanDecompress(ZipItem item) =>
        item.Method is Stored or Deflated or 9 or 12 or 14 or 93 or 95 || (item.Method is (>= 1 and <= 6) or 98 && item.CompressedSize <= MaxOldBytes);

    private static bool AddLocked(IByteSource bytes, ZipItem item, EntryDraft draft, ContainerVisit visit)
    {
        if (item.IsLockDoubtful && !visit.Add(draft with { Kind = PartKind.Reading }, () => Decompress(bytes, item, item.Method)))
        {
            return false;
        }

        var locked = bytes.Slice(item.DataOffset, item.CompressedSize);
        if (ZipUnlocker.Unlock(locked, item, visit, (plain, method) => Decompress(plain, plain, item, method)) is { } open)
        {
            return visit.Add(draft, () => Decompress(open.Bytes, open.Bytes, item, open.Method));
        }

        visit.AddUnreadable(draft with { Flags = AnatomyFlags.EncryptedArchive });
        return !visit.MustStop;
    }

    private static Stream? Decompress(IByteSource bytes, ZipItem item, int method) =>
        Decompress(bytes.Slice(item.DataOffset, bytes.Length - item.DataOffset), bytes.Slice(item.DataOffset, item.CompressedSize), item, method);

    /// <param name="rest">To the end of the file: a deflate stream knows its own end, so a wrong size cannot cut it short.</param>
    /// <param name="data">As long as is declared.</param>
    private static Stream? Decompress(IByteSource rest, IByteSource data, ZipItem item, int method)
    {
        return method switch
        {
            Stored => data.OpenRead(),
            Deflated => new DeflateStream(rest.OpenRead(), CompressionMode.Decompress),
            9 => new Deflate64Stream(rest.OpenRead(), SharpCompress.Compressors.CompressionMode.Decompress),
            12 => BZip2Stream.Create(data.OpenRead(), SharpCompress.Compressors.CompressionMode.Decompress, decompressConcatenated: false, leaveOpen: false),
            14 => Lzma(data, item.Size),
            93 when Dictionaries.IsHugeZstd(data.Peek(0, 18).Span) => throw new InvalidDataException("A zstd window out of range."),
            95 when Dictionaries.IsHugeXz(data.Peek(0, 76).Span) => throw new InvalidDataException("An xz dictionary out of range."),
            93 => new SharpCompress.Compressors.ZStandard.DecompressionStream(data.OpenRead(), 0, checkEndOfStream: false, leaveOpen: false),
            95 => new XZStream(data.OpenRead()),
            _ => ByLibrary(data, item, method),
        };
    }

    /// <summary>APPNOTE 5.8.8: version, length of the properties, five bytes of properties, of which four are the dictionary size.</summary>
    private static LzmaStream? Lzma(IByteSource data, long size)
    {
        var head = data.Peek(0, 9).Span;
        if (head.Length < 9 || BinaryPrimitives.ReadUInt32LittleEndian(head[5..]) > Dictionaries.MaxBytes)
        {
            throw new InvalidDataException("LZMA properties out of range.");
        }

        return LzmaStream.Create(head[4..].ToArray(), data.Slice(9, data.Length - 9).OpenRead(), data.Length - 9, size > 0 ? size : -1, leaveOpen: false);
    }

    /// <summary>
    /// Methods of the last century (shrink, reduce, implode) and PPMd: the library reads them only from a zip, so it gets one with a
    /// header of ours in front of the same data.
    /// </summary>
    private static EntryStreamWithReader? ByLibrary(IByteSource data, ZipItem item, int method)
    {
        if (method is not (>= 1 and <= 6 or 98) || data.Length > MaxOldBytes)
        {
            throw new InvalidDataException($"Compression method {method} of zip is not known.");
        }

        var zip = new byte[31 + data.Length];
        "PK\u0003\u0004"u8.CopyTo(zip);
        var header = zip.AsSpan();
        BinaryPrimitives.WriteUInt16LittleEndian(header[4..], 20);
        // The flags of implode say how many trees there are and how large the window is (APPNOTE 4.4.4).
        BinaryPrimitives.WriteUInt16LittleEndian(header[6..], (ushort)(item.MethodFlags & 6));
        BinaryPrimitives.WriteUInt16LittleEndian(header[8..], (ushort)method);
        BinaryPrimitives.WriteUInt32LittleEndian(header[18..], (uint)data.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(header[22..], (uint)Math.Min(item.Size, uint.MaxValue));
        BinaryPrimitives.WriteUInt16LittleEndian(header[26..], 1);
        header[30] = (byte)'x';
        using (var source = data.OpenRead())
        {
            source.ReadAtLeast(zip.AsSpan(31), zip.Length - 31, throwOnEndOfStream: false);
        }

        var reader = ZipReader.OpenReader(new MemoryStream(zip, writable: false), new ReaderOptions());
        return reader.MoveToNextEntry() ? new EntryStreamWithReader(reader) : null;
    }

    /// <summary>Keeps the reader alive as long as its entry is read.</summary>
    private sealed class EntryStreamWithReader(IReader reader) : ForwardStream
    {
        private readonly Stream _entry = reader.OpenEntryStream();

        public override int Read(Span<byte> buffer) => _entry.Read(buffer);

        protected override void Dispose(bool disposing)
        {
            // Leaving an entry half read makes its stream read on to the end; the bytes behind are memory and go with it.
            if (disposing)
            {
                reader.Cancel();
                reader.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
