using SharpCompress.Compressors.Xz;

namespace SecuEdge.Content.Containers;

/// <summary>The xz format: LZMA2 with filters. Its first block says how large a dictionary it wants.</summary>
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
