using System.Buffers;
using SecuEdge.Content;
using SecuEdge.Store.Files;

namespace SecuEdge.Store.Spool;

/// <summary>A message being received: a pooled buffer that becomes a file when it outgrows its limit. Used by one session.</summary>
internal sealed class SpoolDraft(IFileSystem files, string incoming, int memoryLimit) : ISpoolDraft
{
    // Most mail is below 8 KB before attachments come in.
    private const int FirstBufferBytes = 8 << 10;

    private byte[]? _buffer = ArrayPool<byte>.Shared.Rent(FirstBufferBytes);
    private IFile? _file;
    private long _length;
    private bool _isTaken;

    /// <summary>The file that holds everything; null while in memory.</summary>
    public string? FilePath { get; private set; }

    public long Length => _length;

    public ReadOnlyMemory<byte> Memory => _buffer.AsMemory(0, (int)_length);

    public IByteSource Bytes => FilePath is { } path ? new FileBytes(path) : new MemoryBytes(Memory);

    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(_isTaken, this);
        if (FilePath is null && _length + bytes.Length > memoryLimit)
        {
            MoveToFile();
        }

        if (_file is { } file)
        {
            file.Write(bytes.Span, _length);
        }
        else
        {
            Grow((int)_length + bytes.Length);
            bytes.Span.CopyTo(_buffer.AsSpan((int)_length));
        }

        _length += bytes.Length;
        return ValueTask.CompletedTask;
    }

    /// <summary>From here on nothing may be written.</summary>
    public void Take()
    {
        ObjectDisposedException.ThrowIf(_isTaken, this);
        _isTaken = true;
    }

    public void MoveToFile()
    {
        if (FilePath is not null)
        {
            return;
        }

        var path = Path.Combine(incoming, Guid.NewGuid().ToString("n"));
        _file = files.Create(path);
        FilePath = path;
        _file.Write(Memory.Span, 0);
        ArrayPool<byte>.Shared.Return(_buffer!);
        _buffer = null;
    }

    /// <summary>Flushes and closes the file, which is then the caller's.</summary>
    public void CloseFile()
    {
        using (_file)
        {
            _file!.Sync();
        }

        _file = null;
    }

    /// <summary>The file is no longer ours: it was renamed into its place.</summary>
    public void ForgetFile() => FilePath = null;

    public ValueTask DisposeAsync()
    {
        _isTaken = true;
        if (_buffer is { } buffer)
        {
            _buffer = null;
            ArrayPool<byte>.Shared.Return(buffer);
        }

        _file?.Dispose();
        _file = null;
        if (FilePath is { } path)
        {
            DurableFile.TryDelete(files, path);
            FilePath = null;
        }

        return ValueTask.CompletedTask;
    }

    private void Grow(int needed)
    {
        if (needed <= _buffer!.Length)
        {
            return;
        }

        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, _buffer.Length * 2));
        Memory.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
