using SharpCompress.Compressors.Lzw;

namespace SecuEdge.Content.Containers;

/// <summary>The Unix program compress, .Z.</summary>
internal sealed class CompressContainer : IContainer
{
    public IReadOnlyList<string> MediaTypes => ["application/x-compress"];

    public void Open(IByteSource bytes, ContainerVisit visit) => visit.Add(new EntryDraft(), () => new LzwStream(bytes.OpenRead()));
}
