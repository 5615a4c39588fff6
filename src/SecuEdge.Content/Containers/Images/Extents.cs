namespace SecuEdge.Content.Containers.Images;

/// <summary>A run of bytes in an image; zeros where <paramref name="Start"/> is negative.</summary>
internal readonly record struct Extent(long Start, long Length);

/// <summary>A file, partition or disk that lies in pieces in another source.</summary>
internal sealed class ExtentBytes : IByteSource
{
    private readonly IByteSource _source;
    private readonly IReadOnlyList<Extent> _extents;

    public ExtentBytes(IByteSource source, IReadOnlyList<Extent> extents)
    {
        _source = source;
        _extents = extents;
        foreach (var extent in extents)
        {
            Length += extent.Length;
        }
    }

    public long Length { get; }

    public ReadOnlyMemory<byte>? Memory => null;

    public string? FilePath => null;

    public Stream OpenRead() => new ExtentStream(_source.OpenRead(), _extents, Length);
}

/// <summary>Reads pieces one after the other. What lies beyond the end of the image ends the stream: claims are not bytes.</summary>
internal sealed class ExtentStream : Stream
{
    private readonly Stream _source;
    private readonly IReadOnlyList<Extent> _extents;
    private readonly long[] _starts;
    private long _position;

    public ExtentStream(Stream source, IReadOnlyList<Extent> extents, long length)
    {
        _source = source;
        _extents = extents;
        Length = length;
        _starts = new long[extents.Count];
        for (var i = 1; i < extents.Count; i++)
        {
            _starts[i] = _starts[i - 1] + extents[i - 1].Length;
        }
    }

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length { get; }

    public override long Position
    {
        get => _position;
        set => _position = value >= 0 ? value : throw new IOException("Before the start.");
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        if (_position >= Length || buffer.IsEmpty)
        {
            return 0;
        }

        var index = Array.BinarySearch(_starts, _position);
        index = index >= 0 ? index : ~index - 1;

        // Empty pieces share their start with the one that follows.
        while (_position - _starts[index] >= _extents[index].Length)
        {
            index++;
        }

        var (start, length) = _extents[index];
        var inside = _position - _starts[index];
        var room = buffer[..(int)Math.Min(buffer.Length, length - inside)];
        if (start < 0)
        {
            room.Clear();
            _position += room.Length;
            return room.Length;
        }

        if (start + inside >= _source.Length)
        {
            return 0;
        }

        _source.Position = start + inside;
        var count = _source.Read(room);
        _position += count;
        return count;
    }

    public override long Seek(long offset, SeekOrigin origin) =>
        Position = origin switch { SeekOrigin.Begin => offset, SeekOrigin.Current => _position + offset, _ => Length + offset };

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _source.Dispose();
        }

        base.Dispose(disposing);
    }
}
