using System.Buffers.Binary;
using SecuEdge.Content.Containers;

namespace SecuEdge.Content.Documents.Ole;

/// <summary>[MS-OFFCRYPTO] §2.3.4.4: the true size, then segments of 4,096 bytes. It owns the stream.</summary>
internal sealed class DecryptedPackage : ForwardStream
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

    public override int Read(Span<byte> buffer)
    {
        if (_position == _segment.Length && !TryReadSegment())
        {
            return 0;
        }

        var count = (int)Math.Min(Math.Min(buffer.Length, _segment.Length - _position), _left);
        _segment.AsSpan(_position, count).CopyTo(buffer);
        _position += count;
        _left -= count;
        return count;
    }

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
