using SharpCompress.Compressors.Xz;

namespace SecuEdge.Content.Containers;

/// <summary>The xz format: LZMA2 with filters. Its first block says how large a dictionary it wants.</summary>
internal sealed class XzContainer : IContainer
{
    public IReadOnlyList<string> MediaTypes => ["application/x-xz"];

    public void Open(IByteSource bytes, ContainerVisit visit)
    {
        if (Dictionaries.IsHugeXz(bytes.Peek(0, 76).Span))
        {
            Dictionaries.Refuse(visit);
            return;
        }

        visit.Add(new EntryDraft(), () => new XZStream(bytes.OpenRead()));
    }
}
