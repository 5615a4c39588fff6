using System.Text;
using SecuEdge.Store.Files;
using SecuEdge.Store.MessageLog;

namespace SecuEdge.Store.Spool;

/// <summary>One record on its way into the log, and the task its caller waits on. The caller disposes it after that.</summary>
internal sealed class SegmentAppend : TaskCompletionSource, IDisposable
{
    private readonly PooledBuffer _head;
    private readonly SegmentRecord _record;

    private SegmentAppend(SegmentRecordKind kind, ulong sequence, string reference, MessageRecord? record, ReadOnlyMemory<byte> bytes, long bytesLength)
        : base(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        _head = new PooledBuffer(4 << 10);
        _head.Advance(SegmentRecord.HeaderBytes);
        _head.Advance(Encoding.ASCII.GetBytes(reference, _head.GetSpan(reference.Length)));
        var recordStart = _head.Length;
        if (record is not null)
        {
            StoreJson.Write(_head, record);
        }

        Bytes = bytes;
        var checksum = Checksum.Add(Checksum.Start, _head.WrittenSpan[SegmentRecord.HeaderBytes..]);
        _record = new SegmentRecord
        {
            Kind = kind,
            Sequence = sequence,
            BytesLength = bytesLength,
            RecordLength = _head.Length - recordStart,
            ReferenceLength = reference.Length,
            PayloadChecksum = Checksum.Finish(Checksum.Add(checksum, bytes.Span)),
        };
    }

    public static SegmentAppend Message(SpoolEntry entry, MessageRecord record, ReadOnlyMemory<byte> bytes) =>
        new(SegmentRecordKind.Message, entry.Sequence, entry.Reference, record, bytes, bytes.Length) { Entry = entry };

    public static SegmentAppend FileMessage(SpoolEntry entry, MessageRecord record, long length) =>
        new(SegmentRecordKind.FileMessage, entry.Sequence, entry.Reference, record, default, length) { Entry = entry };

    public static SegmentAppend Finished(SpoolEntry entry, MessageRecord record) =>
        new(SegmentRecordKind.Finished, entry.Sequence, entry.Reference, record, default, 0);

    public static SegmentAppend Moved(SpoolEntry entry) => new(SegmentRecordKind.Moved, entry.Sequence, entry.Reference, null, default, 0);

    public static SegmentAppend Abandoned(ulong sequence) => new(SegmentRecordKind.Abandoned, sequence, "", null, default, 0);

    /// <summary>The message being committed; null for marks, which are written but not waited for by a sync.</summary>
    public SpoolEntry? Entry { get; private init; }

    public bool IsCommit => Entry is not null;

    public SegmentRecord Record => _record;

    public ReadOnlyMemory<byte> Bytes { get; }

    public ReadOnlyMemory<byte> Head => _head.Written;

    public void Stamp(ulong salt) => _record.Write(_head.WrittenSpan, salt);

    public void Dispose() => _head.Dispose();
}
