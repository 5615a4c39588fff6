namespace SecuEdge.Content.Documents.Ole;

/// <summary>Some bytes of a stream that can only be read forward. It owns the stream.</summary>
internal sealed class PartOfStream : Stream
{
    private readonly Stream _stream;
    private long _left;

    public PartOfStream(Stream stream, long start, long length)
    {
        _stream = stream;
        _left = length;
        Span<byte> skipped = stackalloc byte[1024];
        int count;
        while (start > 0 && (count = stream.Read(skipped[..(int)Math.Min(start, skipped.Length)])) > 0)
        {
            start -= count;
        }
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

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        var count = _stream.Read(buffer[..(int)Math.Min(buffer.Length, _left)]);
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
}
