using SecuEdge.Cage.Pool;
using SecuEdge.Cage.Protocol;
using SecuEdge.Content;

namespace SecuEdge.Cage.Examination;

/// <summary>The bytes of an anatomy that are not the message's own: those of the answer, and stretches of a message that is itself a file.</summary>
internal sealed class AnatomyFiles(CageOutcome.Answered answer, string scratchFolder) : IDisposable
{
    /// <summary>As in AnatomyBudget.MaxPartBytesInMemory.</summary>
    private const int MaxInMemory = 256 * 1024;

    /// <summary>All copies in memory of one message together; later ones become files.</summary>
    private const long MaxAllInMemory = 32 * 1024 * 1024;

    private readonly AnswerFiles _copies = new(scratchFolder);
    private long _inMemory;

    public IByteSource Copy(IByteSource message, long start, long length, CancellationToken cancellationToken)
    {
        using var source = message.OpenRead();
        source.Seek(start, SeekOrigin.Begin);
        if (length <= MaxInMemory && _inMemory + length <= MaxAllInMemory)
        {
            _inMemory += length;
            var bytes = new byte[length];
            source.ReadExactly(bytes);
            return new MemoryBytes(bytes);
        }

        using var file = _copies.Create();
        var buffer = new byte[256 * 1024];
        while (length > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var count = (int)Math.Min(buffer.Length, length);
            source.ReadExactly(buffer, 0, count);
            AnswerFiles.Write(file, buffer.AsSpan(0, count));
            length -= count;
        }

        return new FileBytes(file.Name);
    }

    public void Dispose()
    {
        _copies.Dispose();
        answer.Dispose();
    }
}
