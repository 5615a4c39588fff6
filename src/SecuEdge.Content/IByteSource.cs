namespace SecuEdge.Content;

/// <summary>
/// Bytes that can be read from the start any number of times: a message in memory, in a spool file, or a decoded part. Small things stay
/// in memory, large ones are files; readers need not know.
/// </summary>
public interface IByteSource
{
    long Length { get; }

    /// <summary>A new stream at position 0; the caller disposes it.</summary>
    Stream OpenRead();

    /// <summary>The bytes when they are in memory; null when they are in <see cref="FilePath"/>.</summary>
    ReadOnlyMemory<byte>? Memory { get; }

    /// <summary>The file that holds exactly these bytes; null when they are in <see cref="Memory"/>.</summary>
    string? FilePath { get; }
}

/// <summary>Bytes in memory.</summary>
public sealed class MemoryBytes(ReadOnlyMemory<byte> bytes) : IByteSource
{
    public long Length => bytes.Length;

    public ReadOnlyMemory<byte>? Memory => bytes;

    public string? FilePath => null;

    public Stream OpenRead() =>
        System.Runtime.InteropServices.MemoryMarshal.TryGetArray(bytes, out var segment)
            ? new MemoryStream(segment.Array!, segment.Offset, segment.Count, writable: false)
            : new MemoryStream(bytes.ToArray(), writable: false);
}

/// <summary>Bytes in a file that nobody writes any more.</summary>
public sealed class FileBytes(string path) : IByteSource
{
    private readonly Lazy<long> _length = new(() => new FileInfo(path).Length);

    public long Length => _length.Value;

    public ReadOnlyMemory<byte>? Memory => null;

    public string? FilePath => path;

    public Stream OpenRead() => new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 64 * 1024);
}
