using System.Buffers.Binary;

namespace SecuEdge.Content.Documents.Ole;

/// <summary>[MS-OFFCRYPTO] §2.3.4.4: the true size, then segments of 4,096 bytes. It owns the stream.</summary>
internal sealed class DecryptedPackage : Stream
{
    private const int SegmentBytes = 4096;

    private readonly Stream _stream;
    private readonly PackageDecryption _decryption;
    private readonly byte[] _encrypted = new byte[SegmentBytes];
    private byte[] _segment = [];
    private int _position;
    private int _index;
    private long _left;

    public DecryptedPackage(Stream stream, PackageDecryption decryption)
    {
        _stream = stream;
        _decryption = decryption;
        Span<byte> size = stackalloc byte[8];
        _left = stream.ReadAtLeast(size, 8, throwOnEndOfStream: false) == 8 ? Math.Max(BinaryPrimitives.ReadInt64LittleEndian(size), 0) : 0;
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        if (_position == _segment.Length && !TryReadSegment())
        {
            return 0;
        }

        count = (int)Math.Min(Math.Min(count, _segment.Length - _position), _left);
        _segment.AsSpan(_position, count).CopyTo(buffer.AsSpan(offset));
        _position += count;
        _left -= count;
        return count;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _stream.Dispose();
        }

        base.Dispose(disposing);
    }

    private bool TryReadSegment()
    {
        var count = _stream.ReadAtLeast(_encrypted, SegmentBytes, throwOnEndOfStream: false);
        _segment = count == 0 ? [] : _decryption.Decrypt(_encrypted[..count], _index++);
        _position = 0;
        return _segment.Length > 0;
    }
}
