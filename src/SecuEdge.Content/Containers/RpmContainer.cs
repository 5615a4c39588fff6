using System.Buffers.Binary;

namespace SecuEdge.Content.Containers;

/// <summary>
/// RPM: a lead, two headers, then one compressed cpio. The payload becomes a part of its own, so that its dictionary and ratio are
/// checked like those of any compressed file.
/// </summary>
internal sealed class RpmContainer : IContainer
{
    private const int Lead = 96;
    private const int Intro = 16;
    private const int IndexEntry = 16;

    public IReadOnlyList<string> MediaTypes => ["application/x-rpm"];

    public void Open(IByteSource bytes, ContainerVisit visit)
    {
        var header = EndOfHeader(bytes, Lead);
        // Only the signature is padded, to eight bytes.
        var payload = header < 0 ? -1 : EndOfHeader(bytes, (header + 7) / 8 * 8);
        if (payload < 0 || payload >= bytes.Length)
        {
            visit.Broken("The headers of an RPM package are damaged.");
            return;
        }

        visit.Add(new EntryDraft { Name = "payload", DeclaredSize = bytes.Length - payload }, bytes.Slice(payload, bytes.Length - payload).OpenRead);
    }

    private static long EndOfHeader(IByteSource bytes, long position)
    {
        var intro = bytes.Peek(position, Intro).Span;
        return intro.Length < Intro || !intro.StartsWith((ReadOnlySpan<byte>)[0x8e, 0xad, 0xe8])
            ? -1
            : position + Intro + ((long)BinaryPrimitives.ReadUInt32BigEndian(intro[8..]) * IndexEntry) + BinaryPrimitives.ReadUInt32BigEndian(intro[12..]);
    }
}
