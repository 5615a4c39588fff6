using System.Buffers.Binary;
using SecuEdge.Store.Files;

namespace SecuEdge.Store.Spool;

/// <summary>What a record of a segment says. The numbers are on disk: never reused.</summary>
internal enum SegmentRecordKind : byte
{
    /// <summary>A message: reference, record, bytes.</summary>
    Message = 1,

    /// <summary>A message whose bytes are a file of their own: reference and record.</summary>
    FileMessage = 2,

    /// <summary>The message is finished; its last record, until the message log has it.</summary>
    Finished = 3,

    /// <summary>The message now lives in a file with a sidecar.</summary>
    Moved = 4,

    /// <summary>The commit of this message failed after its bytes may have reached the disk: it does not exist.</summary>
    Abandoned = 5,
}

/// <summary>
/// The fixed head of each record, 48 bytes, little-endian:
/// <code>
///  0 magic   4 header checksum   8 salt of the segment   16 sequence   24 length of bytes
/// 32 length of record   36 payload checksum   40 length of reference   42 kind   43 zero
/// </code>
/// then reference, record (JSON) and bytes, padded to 8. The salt is random: what a stranger writes into a mail can never be taken for a
/// record when a damaged segment is searched. The payload has a checksum of its own so that the sessions compute it, not the committer.
/// </summary>
internal readonly record struct SegmentRecord
{
    public const int HeaderBytes = 48;
    private const uint Magic = 0x4D4C4953;

    public required SegmentRecordKind Kind { get; init; }

    /// <summary>The message's number in the life of this spool; references may repeat (released from quarantine), sequences never.</summary>
    public required ulong Sequence { get; init; }

    /// <summary>Length of the message, also where it is in a file.</summary>
    public required long BytesLength { get; init; }

    public required int RecordLength { get; init; }

    public required int ReferenceLength { get; init; }

    public required uint PayloadChecksum { get; init; }

    public long PayloadLength => ReferenceLength + (long)RecordLength + (Kind == SegmentRecordKind.Message ? BytesLength : 0);

    public long TotalLength => (HeaderBytes + PayloadLength + 7) & ~7L;

    public void Write(Span<byte> header, ulong salt)
    {
        header[..HeaderBytes].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(header, Magic);
        BinaryPrimitives.WriteUInt64LittleEndian(header[8..], salt);
        BinaryPrimitives.WriteUInt64LittleEndian(header[16..], Sequence);
        BinaryPrimitives.WriteInt64LittleEndian(header[24..], BytesLength);
        BinaryPrimitives.WriteInt32LittleEndian(header[32..], RecordLength);
        BinaryPrimitives.WriteUInt32LittleEndian(header[36..], PayloadChecksum);
        BinaryPrimitives.WriteUInt16LittleEndian(header[40..], (ushort)ReferenceLength);
        header[42] = (byte)Kind;
        BinaryPrimitives.WriteUInt32LittleEndian(header[4..], Checksum.Of(header[8..HeaderBytes]));
    }

    /// <summary>False for anything that is not a whole header of this segment.</summary>
    public static bool TryRead(ReadOnlySpan<byte> header, ulong salt, out SegmentRecord record)
    {
        record = default;
        if (header.Length < HeaderBytes
            || BinaryPrimitives.ReadUInt32LittleEndian(header) != Magic
            || SaltOf(header) != salt
            || BinaryPrimitives.ReadUInt32LittleEndian(header[4..]) != Checksum.Of(header[8..HeaderBytes]))
        {
            return false;
        }

        record = new SegmentRecord
        {
            Sequence = BinaryPrimitives.ReadUInt64LittleEndian(header[16..]),
            BytesLength = BinaryPrimitives.ReadInt64LittleEndian(header[24..]),
            RecordLength = BinaryPrimitives.ReadInt32LittleEndian(header[32..]),
            PayloadChecksum = BinaryPrimitives.ReadUInt32LittleEndian(header[36..]),
            ReferenceLength = BinaryPrimitives.ReadUInt16LittleEndian(header[40..]),
            Kind = (SegmentRecordKind)header[42],
        };
        return record is { BytesLength: >= 0, RecordLength: >= 0 } && Enum.IsDefined(record.Kind);
    }

    public static ulong SaltOf(ReadOnlySpan<byte> header) => BinaryPrimitives.ReadUInt64LittleEndian(header[8..]);
}
