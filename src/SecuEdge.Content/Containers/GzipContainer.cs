using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace SecuEdge.Content.Containers;

/// <summary>RFC 1952, with several members and every optional field.</summary>
internal sealed class GzipContainer : IContainer
{
    public IReadOnlyList<string> MediaTypes => ["application/gzip"];

    public void Open(IByteSource bytes, ContainerVisit visit)
    {
        visit.Add(new EntryDraft { Name = NameIn(bytes.Peek(0, 4096).Span) }, () => new GZipStream(bytes.OpenRead(), CompressionMode.Decompress));

        // The framework takes the end of the file for the end of the data. RFC 1952 §2.3.1: the last four bytes are the size, modulo 2^32;
        // with several members they are that of the last one.
        var trailer = bytes.Peek(Math.Max(0, bytes.Length - 4), 4).Span;
        if (!visit.MustStop && trailer.Length == 4 && BinaryPrimitives.ReadUInt32LittleEndian(trailer) != (uint)visit.LastSize && !HasSecondMember(bytes))
        {
            visit.Broken("A gzip file ends too early or has something behind it.");
        }

        AddPadded(bytes, visit);
    }

    /// <summary>
    /// The framework reads members that touch one another. Tapes and tools pad with zeros in between; five of them are more than the size
    /// in front of a member that follows directly can have.
    /// </summary>
    private static void AddPadded(IByteSource bytes, ContainerVisit visit)
    {
        var at = bytes.IndexOf((ReadOnlySpan<byte>)[0, 0, 0, 0, 0, 0x1f, 0x8b, 8]);
        if (at >= 0)
        {
            var member = bytes.Slice(at + 5, bytes.Length - at - 5);
            visit.Add(new EntryDraft { Kind = PartKind.Reading }, member.OpenRead);
        }
    }

    private static bool HasSecondMember(IByteSource bytes) =>
        bytes.Slice(3, bytes.Length).IndexOf((ReadOnlySpan<byte>)[0x1f, 0x8b, 8]) >= 0;

    /// <summary>RFC 1952 §2.3.1: after the fixed ten bytes FEXTRA, then FNAME to a zero.</summary>
    private static string? NameIn(ReadOnlySpan<byte> head)
    {
        if (head.Length < 12 || (head[3] & 8) == 0)
        {
            return null;
        }

        var start = 10 + ((head[3] & 4) == 0 ? 0 : 2 + BinaryPrimitives.ReadUInt16LittleEndian(head[10..]));
        var length = start < head.Length ? head[start..].IndexOf((byte)0) : -1;
        return length <= 0 ? null : Encoding.Latin1.GetString(head.Slice(start, length));
    }
}
