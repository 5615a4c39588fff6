using SecuEdge.Content;
using SecuEdge.Store.MessageLog;

namespace SecuEdge.Store.Spool;

/// <summary>
/// One message of the spool, some 150 bytes of memory. Its place changes at most once, from the segment to files of its own; readers that
/// overtake the change look again.
/// </summary>
internal sealed class SpoolEntry(Spool spool, string reference, ulong sequence) : ISpoolEntry
{
    private Segment? _segment;
    private long _offset;
    private long _length;
    private int _recordLength;
    private volatile bool _hasBodyFile;
    private volatile bool _isFinished;

    public string Reference => reference;

    public ulong Sequence => sequence;

    /// <summary>The segment that holds the record; null when a sidecar does.</summary>
    public Segment? Segment => Volatile.Read(ref _segment);

    public bool HasBodyFile => _hasBodyFile;

    public bool IsFinished => _isFinished;

    public long Length => _length;

    /// <summary>Name of its files. The sequence keeps a second message of the same reference apart.</summary>
    public string FileName => $"{reference}.{sequence}";

    public IByteSource Bytes => _hasBodyFile ? new FileBytes(spool.BodyPath(this)) : new SegmentBytes(this);

    public MessageRecord ReadRecord()
    {
        while (true)
        {
            var segment = Segment;
            if (segment is null)
            {
                return StoreJson.ReadRecord(spool.ReadSidecar(this));
            }

            try
            {
                var json = new byte[_recordLength];
                ReadExactly(segment, json, _offset + SegmentRecord.HeaderBytes + reference.Length);
                return StoreJson.ReadRecord(json);
            }
            catch (ObjectDisposedException) when (!_isFinished && Segment != segment)
            {
                // Moved while we read, and the segment is gone: the sidecar has it now.
            }
        }
    }

    /// <summary>The bytes, checked: a disk that lies must not become a delivered mail.</summary>
    public byte[] ReadBytes()
    {
        while (true)
        {
            var segment = Segment;
            if (_hasBodyFile || segment is null)
            {
                return spool.ReadBody(this);
            }

            try
            {
                return ReadBytes(segment);
            }
            catch (ObjectDisposedException) when (!_isFinished && Segment != segment)
            {
                // As above.
            }
            catch (ObjectDisposedException e)
            {
                throw new IOException($"The message {reference} is finished, its bytes are gone.", e);
            }
        }
    }

    public void PlaceInSegment(Segment segment, long offset, SegmentRecord record)
    {
        _offset = offset;
        _recordLength = record.RecordLength;
        _length = record.BytesLength;
        _hasBodyFile = record.Kind == SegmentRecordKind.FileMessage;
        Volatile.Write(ref _segment, segment);
        segment.Add(this);
    }

    /// <summary>Body file and sidecar are durable.</summary>
    public void PlaceInFiles(long length)
    {
        _length = length;
        _hasBodyFile = true;
        var segment = Segment;
        Volatile.Write(ref _segment, null);
        segment?.Remove(this);
    }

    public void Finish()
    {
        _isFinished = true;
        Segment?.Remove(this);
    }

    private byte[] ReadBytes(Segment segment)
    {
        var payload = new byte[reference.Length + _recordLength + (int)_length];
        Span<byte> header = stackalloc byte[SegmentRecord.HeaderBytes];
        ReadExactly(segment, header, _offset);
        ReadExactly(segment, payload, _offset + SegmentRecord.HeaderBytes);
        if (!SegmentRecord.TryRead(header, segment.Salt, out var record) || record.PayloadChecksum != Files.Checksum.Of(payload))
        {
            throw new IOException($"The message {reference} is damaged on disk: its checksum does not match.");
        }

        // One copy less would mean holding record and bytes together; messages in segments are small.
        return payload[^(int)_length..];
    }

    private void ReadExactly(Segment segment, Span<byte> buffer, long offset)
    {
        if (segment.File.Read(buffer, offset) != buffer.Length)
        {
            throw new IOException($"The message {reference} is cut off on disk.");
        }
    }

    /// <summary>Bytes inside a segment, read at the first use.</summary>
    private sealed class SegmentBytes(SpoolEntry entry) : IByteSource
    {
        private byte[]? _bytes;

        public long Length => entry.Length;

        public ReadOnlyMemory<byte>? Memory => _bytes ??= entry.ReadBytes();

        public string? FilePath => null;

        public Stream OpenRead() => new MemoryStream(_bytes ??= entry.ReadBytes(), writable: false);
    }
}
