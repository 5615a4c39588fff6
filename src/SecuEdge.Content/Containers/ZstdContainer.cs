namespace SecuEdge.Content.Containers;

/// <summary>Zstandard, RFC 8878.</summary>
internal sealed class ZstdContainer : IContainer
{
    public IReadOnlyList<string> MediaTypes => ["application/zstd"];

    public void Open(IByteSource bytes, ContainerVisit visit)
    {
        if (Dictionaries.IsHugeZstd(bytes.Peek(0, 18).Span))
        {
            Dictionaries.Refuse(visit);
            return;
        }

        visit.Add(new EntryDraft(), () => new SharpCompress.Compressors.ZStandard.DecompressionStream(bytes.OpenRead(), 0, checkEndOfStream: false, leaveOpen: false));
    }
}
