using System.IO.Compression;

namespace SecuEdge.Content.Containers;

/// <summary>Brotli (RFC 7932) has no signature at all: only the name says it, and the bytes must agree.</summary>
internal sealed class BrotliContainer : IContainer
{
    public const string MediaType = "application/x-brotli";

    public IReadOnlyList<string> MediaTypes => [MediaType];

    public static bool IsBrotli(ReadOnlySpan<byte> head)
    {
        using var decoder = new BrotliDecoder();
        return decoder.Decompress(head, new byte[512], out _, out var written) != System.Buffers.OperationStatus.InvalidData && written > 0;
    }

    public void Open(IByteSource bytes, ContainerVisit visit) =>
        visit.Add(new EntryDraft(), () => new BrotliStream(bytes.OpenRead(), CompressionMode.Decompress));
}
