using System.Buffers.Binary;
using SharpCompress.Archives;
using SharpCompress.Archives.SevenZip;
using SharpCompress.Readers;

namespace SecuEdge.Content.Containers;

/// <summary>7-Zip. Only its end says what it holds, so it is read as an archive, not as a stream.</summary>
internal sealed class SevenZipContainer : IContainer
{
    private const int SignatureHeader = 32;

    public IReadOnlyList<string> MediaTypes => ["application/x-7z-compressed"];

    public void Open(IByteSource bytes, ContainerVisit visit)
    {
        if (HasHugeDictionary(bytes))
        {
            Dictionaries.Refuse(visit);
            return;
        }

        // A solid archive is one stream; entry by entry it would be unpacked once per entry.
        SharpReading.ReadAll(
            bytes,
            visit,
            (stream, options) => SevenZipArchive.OpenArchive(stream, options).ExtractAllEntries(),
            stream => SevenZipArchive.OpenArchive(stream, new ReaderOptions { LeaveStreamOpen = true }).Entries);
    }

    /// <summary>
    /// The properties of LZMA (03 01 01, five bytes) and LZMA2 (21, one byte) in the header at the end, which is plain or at least names
    /// the coder of its own compression. A compressed header hides those of the files; the cage's memory limit is for these.
    /// </summary>
    private static bool HasHugeDictionary(IByteSource bytes)
    {
        var start = bytes.Peek(0, SignatureHeader).Span;
        if (start.Length < SignatureHeader)
        {
            return false;
        }

        var offset = BinaryPrimitives.ReadInt64LittleEndian(start[12..]);
        var size = BinaryPrimitives.ReadInt64LittleEndian(start[20..]);
        if (offset < 0 || size < 0 || size > int.MaxValue || offset > bytes.Length)
        {
            return false;
        }

        var header = bytes.Peek(SignatureHeader + offset, (int)Math.Min(size, 1024 * 1024)).Span;
        for (var i = 0; i + 9 < header.Length; i++)
        {
            if (header[i] == 3 && header[i + 1] == 1 && header[i + 2] == 1 && header[i + 3] == 5
                && BinaryPrimitives.ReadUInt32LittleEndian(header[(i + 5)..]) > Dictionaries.MaxBytes)
            {
                return true;
            }

            // PPMd: order, then the memory of its model.
            if (header[i] == 3 && header[i + 1] == 4 && header[i + 2] == 1 && header[i + 3] == 5
                && i + 10 <= header.Length && BinaryPrimitives.ReadUInt32LittleEndian(header[(i + 5)..]) > Dictionaries.MaxBytes * 4)
            {
                return true;
            }

            if (header[i] == 0x21 && header[i + 1] == 0x21 && header[i + 2] == 1 && Dictionaries.OfLzma2(header[i + 3]) > Dictionaries.MaxBytes)
            {
                return true;
            }
        }

        return false;
    }
}
