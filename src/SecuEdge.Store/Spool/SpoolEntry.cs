using System.Text.Json;
using SecuEdge.Content;
using SecuEdge.Store.Files;
using SecuEdge.Store.MessageLog;

namespace SecuEdge.Store.Spool;

/// <summary>
/// One message of the spool, some 150 bytes of memory. Its place changes at most once, from the segment to files of its own; readers that
/// overtake the change look again.
/// </summary>
internal sealed class SpoolEntry(Spool spool, string reference, ulong sequence) : ISpoolEntry
{
    // What disks lose at once.
    private const int SectorBytes = 4096;

    private Segment? _segment;
    private long _offset;
    private long _length;
    private int _recordLength;
    private int _bytesInSegment;
    private volatile bool _hasBodyFile;
    private volatile bool _isFinished;
    private volatile string? _remains;

    public string Reference => reference;

    public ulong Sequence => sequence;

    /// <summary>The segment that holds the record; null when a sidecar does.</summary>
    public Segment? Segment => Volatile.Read(ref _segment);

    public bool HasBodyFile => _hasBodyFile;

    public bool IsFinished => _isFinished;

    public long Length => _length;

    /// <summary>Name of its files. The sequence keeps a second message of the same reference apart.</summary>
    public string FileName => $"{reference}.{sequence}";

    public bool IsDamaged => _remains is not null;

    public IByteSource Bytes => _hasBodyFile && !IsDamaged ? new FileBytes(spool.BodyPath(this)) : new SegmentBytes(this);

    public MessageRecord ReadRecord()
    {
        while (true)
        {
            var segment = Segment;
            try
            {
                return StoreJson.ReadRecord(ReadJson(segment));
            }
            catch (ObjectDisposedException) when (!_isFinished && Segment != segment)
            {
                // Moved while we read, and the segment is gone: the sidecar has it now.
            }
            catch (JsonException) when (IsDamaged || segment is not null)
            {
                if (Segment == segment)
                {
                    // The checksum tells rot from a bug of ours, and only rot is final.
                    ThrowIfDamaged();
                    if (segment is not null)
                    {
                        ReadPayload(segment);
                    }

                    throw;
                }
            }
        }
    }

    /// <summary>The record as it is on disk, which need not be readable.</summary>
    public byte[] ReadJson(Segment? segment)
    {
        if (segment is null)
        {
            return spool.ReadSidecar(this);
        }

        var json = new byte[_recordLength];
        ReadTolerantly(segment, json, _offset + SegmentRecord.HeaderBytes + reference.Length);
        return json;
    }

    /// <summary>What moves to files of its own: the bytes as they are in the segment, checked together with the record; empty when they have a file already.</summary>
    /// <exception cref="DamagedMessageException">The checksum does not match.</exception>
    public byte[] ReadFrom(Segment segment)
    {
        ThrowIfDamaged();
        return ReadPayload(segment)[^_bytesInSegment..];
    }

    public void ThrowIfDamaged()
    {
        if (_remains is { } remains)
        {
            throw new DamagedMessageException(reference, remains);
        }
    }

    /// <param name="remains">The file that has what is left of it, relative to the data folder.</param>
    public void SetDamaged(string remains) => _remains = remains;

    /// <summary>The bytes, checked: a disk that lies must not become a delivered mail.</summary>
    /// <exception cref="DamagedMessageException">The checksum does not match.</exception>
    public byte[] ReadBytes()
    {
        while (true)
        {
            ThrowIfDamaged();
            var segment = Segment;
            if (_hasBodyFile || segment is null)
            {
                return spool.ReadBody(this);
            }

            try
            {
                // One copy less would mean holding record and bytes together; messages in segments are small.
                return ReadPayload(segment)[^_bytesInSegment..];
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
        _bytesInSegment = _hasBodyFile ? 0 : (int)record.BytesLength;
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

    /// <summary>Reference, record and bytes. When they are damaged, what is left is put aside before anybody hears of it.</summary>
    private byte[] ReadPayload(Segment segment)
    {
        var payload = new byte[reference.Length + _recordLength + _bytesInSegment];
        Span<byte> header = stackalloc byte[SegmentRecord.HeaderBytes];
        ReadTolerantly(segment, header, _offset);
        ReadTolerantly(segment, payload, _offset + SegmentRecord.HeaderBytes);
        if (!SegmentRecord.TryRead(header, segment.Salt, out var record) || record.PayloadChecksum != Checksum.Of(payload))
        {
            // The file of a large message goes with its record, therefore what is put aside is a copy.
            var bytes = _bytesInSegment == 0 && _hasBodyFile ? spool.ReadBody(this) : payload[^_bytesInSegment..];
            _remains = spool.PutAside(this, payload.AsSpan(reference.Length, _recordLength), bytes);
            ThrowIfDamaged();
        }

        return payload;
    }

    /// <summary>
    /// Leaves out what cannot be read: the checksum notices. One bad sector must not look like a disk that is gone, which may come back;
    /// therefore the head of the segment must still be readable.
    /// </summary>
    private static void ReadTolerantly(Segment segment, Span<byte> buffer, long offset)
    {
        try
        {
            segment.File.Read(buffer, offset);
        }
        catch (IOException)
        {
            segment.File.Read(new byte[Segment.HeadBytes], 0);
            for (var start = 0; start < buffer.Length; start += SectorBytes)
            {
                var sector = buffer[start..Math.Min(start + SectorBytes, buffer.Length)];
                try
                {
                    segment.File.Read(sector, offset + start);
                }
                catch (IOException)
                {
                    sector.Clear();
                }
            }
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
