using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using SecuEdge.Store.Files;

namespace SecuEdge.Store.Spool;

/// <summary>
/// Reads a segment of an earlier run from its start. It follows the records until one is bad; behind that it searches for further whole
/// records, which a stranger cannot forge (<see cref="SegmentRecord"/>): a rotten sector must not take the acknowledged mail behind it along.
/// </summary>
internal static class SegmentScanner
{
    private const int SearchWindow = 64 << 10;

    public readonly record struct Found(SegmentRecord Record, long Offset, string Reference);

    /// <param name="SkippedBytes">Bytes before the last whole record that belong to none: damage, or a batch cut by a power failure.</param>
    /// <param name="HasTornTail">Something that is no whole record follows the last one: what was being written when the appliance stopped.</param>
    public readonly record struct Outcome(long SkippedBytes, bool HasTornTail);

    public static Outcome Scan(Segment segment, Action<Found> found)
    {
        var skipped = 0L;
        var torn = false;
        var offset = (long)Segment.HeadBytes;
        var length = segment.File.Length;
        while (offset + SegmentRecord.HeaderBytes <= length)
        {
            if (TryReadRecord(segment, offset, length, out var record))
            {
                found(record);
                offset += record.Record.TotalLength;
                continue;
            }

            var next = FindNext(segment, offset, length, out var sawBytes);
            torn = next < 0 && sawBytes;
            if (next < 0)
            {
                break;
            }

            skipped += next - offset;
            offset = next;
        }

        segment.Tail = offset;
        return new Outcome(skipped, torn);
    }

    private static bool TryReadRecord(Segment segment, long offset, long length, out Found found)
    {
        found = default;
        Span<byte> header = stackalloc byte[SegmentRecord.HeaderBytes];
        if (segment.File.Read(header, offset) != header.Length
            || !SegmentRecord.TryRead(header, segment.Salt, out var record)
            || record.PayloadLength > length - offset - header.Length)
        {
            return false;
        }

        var size = (int)record.PayloadLength;
        var buffer = ArrayPool<byte>.Shared.Rent(size);
        try
        {
            var payload = buffer.AsSpan(0, size);
            if (segment.File.Read(payload, offset + header.Length) != size || Checksum.Of(payload) != record.PayloadChecksum)
            {
                return false;
            }

            found = new Found(record, offset, Encoding.ASCII.GetString(payload[..record.ReferenceLength]));
            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>The next whole record behind a bad one, or -1. Records stand at multiples of eight.</summary>
    private static long FindNext(Segment segment, long badOffset, long length, out bool sawBytes)
    {
        sawBytes = false;
        var window = new byte[SearchWindow];
        for (var start = badOffset; start < length; start += SearchWindow)
        {
            var words = MemoryMarshal.Cast<byte, ulong>(window.AsSpan(0, segment.File.Read(window, start) & ~7));
            if (!words.ContainsAnyExcept(0UL))
            {
                continue;
            }

            sawBytes = true;
            for (var i = 0; i < words.Length; i++)
            {
                // The salt is the second word of a header.
                var candidate = start + ((i - 1) * 8L);
                if (words[i] == segment.Salt && candidate > badOffset && TryReadRecord(segment, candidate, length, out _))
                {
                    return candidate;
                }
            }
        }

        return -1;
    }
}
