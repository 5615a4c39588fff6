using System.Buffers.Binary;

namespace SecuEdge.Store.Files;

/// <summary>
/// Records of one fixed size, appended and never changed; each ends in its checksum. What a crash tore or a disk damaged is passed over, the
/// rest is read. Not synced: for what may lose its last second.
/// </summary>
internal sealed class RecordFile : IDisposable
{
    private const int ReadRecords = 16 * 1024;

    private readonly IFile _file;
    private readonly int _recordSize;
    private long _end;

    private RecordFile(IFile file, int recordSize)
    {
        _file = file;
        _recordSize = recordSize;
        // A torn record at the end is written over.
        _end = file.Length / recordSize * recordSize;
    }

    public long Count => _end / _recordSize;

    public static RecordFile Open(IFileSystem files, string path, int recordSize) =>
        new(files.Exists(path) ? files.Open(path) : files.Create(path), recordSize);

    /// <summary>Puts the checksum into the last four bytes.</summary>
    public static void Seal(Span<byte> record) =>
        BinaryPrimitives.WriteUInt32LittleEndian(record[^sizeof(uint)..], Checksum.Of(record[..^sizeof(uint)]));

    /// <param name="records">Any number, sealed.</param>
    public void Append(ReadOnlySpan<byte> records)
    {
        _file.Write(records, _end);
        _end += records.Length;
    }

    /// <summary>Every whole record in order.</summary>
    public void Read(RecordReader reader)
    {
        var buffer = new byte[ReadRecords * _recordSize];
        for (long at = 0; at < _end;)
        {
            var count = _file.Read(buffer.AsSpan(0, (int)Math.Min(buffer.Length, _end - at)), at) / _recordSize;
            if (count == 0)
            {
                return;
            }

            for (var i = 0; i < count; i++)
            {
                var record = buffer.AsSpan(i * _recordSize, _recordSize);
                if (BinaryPrimitives.ReadUInt32LittleEndian(record[^sizeof(uint)..]) == Checksum.Of(record[..^sizeof(uint)]))
                {
                    reader(record);
                }
            }

            at += (long)count * _recordSize;
        }
    }

    public void Dispose() => _file.Dispose();
}

/// <summary>The record is only valid during the call.</summary>
internal delegate void RecordReader(ReadOnlySpan<byte> record);
