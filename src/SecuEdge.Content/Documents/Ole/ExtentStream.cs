namespace SecuEdge.Content.Documents.Ole;

/// <summary>A piece of a file.</summary>
internal readonly record struct Extent(long Offset, long Length);

/// <summary>Pieces of a file one after the other. It does not own the file.</summary>
internal sealed class ExtentStream(Stream file, List<Extent> extents) : Stream
{
    private int _index;
    private long _done;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length { get; } = extents.Sum(extent => extent.Length);

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        while (_index < extents.Count && _done == extents[_index].Length)
        {
            _index++;
            _done = 0;
        }

        if (_index == extents.Count || buffer.IsEmpty)
        {
            return 0;
        }

        var extent = extents[_index];
        file.Seek(extent.Offset + _done, SeekOrigin.Begin);
        var count = file.Read(buffer[..(int)Math.Min(buffer.Length, extent.Length - _done)]);
        _done += count;
        return count;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
