namespace SecuEdge.Content.Containers;

/// <summary>Zstandard, RFC 8878.</summary>
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
