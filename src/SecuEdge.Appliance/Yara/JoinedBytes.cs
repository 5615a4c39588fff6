using SecuEdge.Content;

namespace SecuEdge.Appliance.Yara;

/// <summary>Two sources one after the other; a file when they are large, deleted with this.</summary>
internal sealed class JoinedBytes : IDisposable
{
    private readonly string? _file;

    private JoinedBytes(IByteSource source, string? file)
    {
        Source = source;
        _file = file;
    }

    public IByteSource Source { get; }

    public static async Task<JoinedBytes> CreateAsync(
        ReadOnlyMemory<byte> head, IByteSource tail, long maxInMemory, string scratchFolder, CancellationToken cancellationToken)
    {
        if (head.Length + tail.Length <= maxInMemory)
        {
            using var memory = new MemoryStream(head.Length + (int)tail.Length);
            await WriteAsync(memory, head, tail, cancellationToken);
            return new JoinedBytes(new MemoryBytes(memory.ToArray()), null);
        }

        var path = Path.Combine(scratchFolder, "rules-" + Path.GetRandomFileName());
        try
        {
            await using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
            await WriteAsync(file, head, tail, cancellationToken);
        }
        catch
        {
            File.Delete(path);
            throw;
        }

        return new JoinedBytes(new FileBytes(path), path);
    }

    public void Dispose()
    {
        if (_file is not null)
        {
            File.Delete(_file);
        }
    }

    private static async Task WriteAsync(Stream target, ReadOnlyMemory<byte> head, IByteSource tail, CancellationToken cancellationToken)
    {
        await target.WriteAsync(head, cancellationToken);
        await using var stream = tail.OpenRead();
        await stream.CopyToAsync(target, cancellationToken);
    }
}
