using System.IO.Compression;
using SecuEdge.Content.Containers;
using SecuEdge.Content.Files;

namespace SecuEdge.Content.Documents.Small;

/// <summary>What Word puts around macros and objects in MHT and XML files: a header of 50 bytes, or a few more, and a compressed compound file.</summary>
internal sealed class ActiveMimeDocument : IDocument
{
    private const int MinHeaderBytes = 0x20;
    private const int MaxHeaderBytes = 0x400;

    public IReadOnlyList<string> MediaTypes => [FileTypes.ActiveMime];

    public void Read(IByteSource bytes, DocumentVisit visit)
    {
        // The header says how long it is; searching for the first zlib header (RFC 1950 §2.2) believes nobody.
        var head = bytes.Peek(0, MaxHeaderBytes).Span;
        for (var start = MinHeaderBytes; start + 2 < head.Length; start++)
        {
            if (head[start] == 0x78 && ((head[start] << 8) | head[start + 1]) % 31 == 0)
            {
                visit.AddFile(new EntryDraft { Name = "editdata.bin" }, () => new ZLibStream(bytes.Slice(start, bytes.Length).OpenRead(), CompressionMode.Decompress));
                break;
            }
        }

        ObjectFindings.Lift(visit, first: 0);
    }
}
