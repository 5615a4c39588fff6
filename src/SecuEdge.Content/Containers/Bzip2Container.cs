using SharpCompress.Compressors.BZip2;

namespace SecuEdge.Content.Containers;

/// <summary>bzip2, with several streams behind one another.</summary>
internal sealed class Bzip2Container : IContainer
{
    public IReadOnlyList<string> MediaTypes => ["application/x-bzip2"];

    public void Open(IByteSource bytes, ContainerVisit visit) =>
        visit.Add(new EntryDraft(), () => BZip2Stream.Create(bytes.OpenRead(), SharpCompress.Compressors.CompressionMode.Decompress, decompressConcatenated: true, leaveOpen: false));
}
