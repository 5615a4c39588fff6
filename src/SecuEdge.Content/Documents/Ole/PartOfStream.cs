using SecuEdge.Content.Containers;

namespace SecuEdge.Content.Documents.Ole;

/// <summary>Some bytes of a stream that can only be read forward. It owns the stream.</summary>
internal sealed class PartOfStream : ForwardStream
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

    public override int Read(Span<byte> buffer)
    {
        var count = _stream.Read(buffer[..(int)Math.Min(buffer.Length, _left)]);
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
}
