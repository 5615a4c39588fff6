namespace SecuEdge.Content.Containers.Images;

/// <summary>Looks at places of an image through one open stream.</summary>
internal sealed class ImageReader(IByteSource bytes) : IDisposable
{
    private readonly Stream _stream = bytes.OpenRead();

    public long Length => _stream.Length;

    /// <summary>The bytes there; fewer, or none, beyond the end.</summary>
    public byte[] Read(long position, int count)
    {
        if (position < 0 || position >= _stream.Length || count <= 0)
        {
            return [];
        }

        _stream.Position = position;
        var result = new byte[(int)Math.Min(count, _stream.Length - position)];
        var read = _stream.ReadAtLeast(result, result.Length, throwOnEndOfStream: false);
        return read == result.Length ? result : result[..read];
    }

    public void Dispose() => _stream.Dispose();
}
