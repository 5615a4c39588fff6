using System.IO.Compression;

namespace SecuEdge.Content.Containers;

/// <summary>A bare zlib stream (RFC 1950). Two bytes with a sum are no signature, so its beginning has to unpack.</summary>
internal sealed class ZlibContainer : IContainer
{
    public const string MediaType = "application/zlib";

    public IReadOnlyList<string> MediaTypes => [MediaType];

    /// <summary>RFC 1950 §2.2: deflate with a window of 32 KB, no dictionary, a header divisible by 31.</summary>
    public static bool IsZlib(ReadOnlySpan<byte> head)
    {
        if (head.Length < 8 || head[0] != 0x78 || (head[1] & 0x20) != 0 || ((head[0] << 8) | head[1]) % 31 != 0)
        {
            return false;
        }

        try
        {
            using var stream = new ZLibStream(new MemoryStream(head.ToArray(), writable: false), CompressionMode.Decompress);
            return stream.Read(new byte[512]) > 0;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    public void Open(IByteSource bytes, ContainerVisit visit) =>
        visit.Add(new EntryDraft(), () => new ZLibStream(bytes.OpenRead(), CompressionMode.Decompress));
}
