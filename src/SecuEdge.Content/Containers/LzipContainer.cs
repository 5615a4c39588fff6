using SharpCompress.Compressors.LZMA;

namespace SecuEdge.Content.Containers;

/// <summary>lzip: LZMA with a small header.</summary>
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
