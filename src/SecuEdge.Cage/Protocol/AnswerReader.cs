using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using SecuEdge.Cage.Pool;
using SecuEdge.Content;

namespace SecuEdge.Cage.Protocol;

/// <summary>What a worker said, in the right form and within the limits.</summary>
internal sealed record WorkerReply(AnswerKind Kind, string Body, IReadOnlyList<CageAttachment> Attachments, AnswerFiles Files);

/// <summary>
/// The gateway's side of an answer. Every number is a claim of a process that may be taken over: lengths are bounded before anything is
/// made of them, hashes are computed here, and large attachments become files that no worker can reach.
/// </summary>
internal sealed class AnswerReader(long maxBytes, string scratchFolder)
{
    /// <summary>More parts than any budget allows.</summary>
    private const int MaxAttachments = 50_000;

    /// <summary>Texts and names of a message; a thousandth of it is usual.</summary>
    private const int MaxBodyBytes = 64 * 1024 * 1024;

    /// <summary>A sentence about a failure, which goes to logs, events and the console; a worker cuts its own at 500 characters.</summary>
    private const int MaxSentenceBytes = 2 * 1024;

    /// <summary>As in the anatomy itself (AnatomyBudget.MaxPartBytesInMemory): small parts in memory, large ones in files.</summary>
    private const int MaxAttachmentInMemory = 256 * 1024;

    /// <summary>All small attachments of one answer together.</summary>
    private const long MaxInMemory = 32 * 1024 * 1024;

    private long _inMemory;

    /// <exception cref="InvalidDataException">Not an answer.</exception>
    /// <exception cref="EndOfStreamException">The worker ended.</exception>
    public async Task<WorkerReply> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        var head = new byte[AnswerFrame.HeadBytes];
        await stream.ReadExactlyAsync(head, cancellationToken);
        var kind = (AnswerKind)BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(4));
        var bodyBytes = BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(8));
        var attachments = BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(12));
        if (BinaryPrimitives.ReadUInt32LittleEndian(head) != AnswerFrame.Magic || !Enum.IsDefined(kind) || bodyBytes > Math.Min(kind == AnswerKind.Answered ? MaxBodyBytes : MaxSentenceBytes, maxBytes)
            || attachments > (kind == AnswerKind.Answered ? MaxAttachments : 0))
        {
            throw new InvalidDataException("not an answer");
        }

        var lengths = await ReadLengthsAsync(stream, (int)attachments, maxBytes - bodyBytes, cancellationToken);
        var body = ArrayPool<byte>.Shared.Rent((int)bodyBytes);
        var files = new AnswerFiles(scratchFolder);
        try
        {
            await stream.ReadExactlyAsync(body.AsMemory(0, (int)bodyBytes), cancellationToken);
            var text = Encoding.UTF8.GetString(body, 0, (int)bodyBytes);
            var read = new CageAttachment[lengths.Length];
            for (var i = 0; i < lengths.Length; i++)
            {
                read[i] = await ReadAttachmentAsync(stream, lengths[i], files, cancellationToken);
            }

            return new WorkerReply(kind, kind == AnswerKind.Answered ? text : ShownText.Clean(text, MaxSentenceBytes), read, files);
        }
        catch
        {
            files.Dispose();
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(body);
        }
    }

    private static async Task<long[]> ReadLengthsAsync(Stream stream, int count, long room, CancellationToken cancellationToken)
    {
        var bytes = new byte[count * sizeof(long)];
        await stream.ReadExactlyAsync(bytes, cancellationToken);
        var lengths = new long[count];
        for (var i = 0; i < count; i++)
        {
            lengths[i] = BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(i * sizeof(long)));
            if (lengths[i] < 0 || lengths[i] > room)
            {
                throw new InvalidDataException("an answer larger than allowed");
            }

            room -= lengths[i];
        }

        return lengths;
    }

    private async Task<CageAttachment> ReadAttachmentAsync(Stream stream, long length, AnswerFiles files, CancellationToken cancellationToken)
    {
        if (length > MaxAttachmentInMemory || _inMemory + length > MaxInMemory)
        {
            return await ReadToFileAsync(stream, length, files, cancellationToken);
        }

        _inMemory += length;
        var bytes = new byte[length];
        await stream.ReadExactlyAsync(bytes, cancellationToken);
        return new CageAttachment(new MemoryBytes(bytes), Convert.ToHexStringLower(SHA256.HashData(bytes)));
    }

    private static async Task<CageAttachment> ReadToFileAsync(Stream stream, long length, AnswerFiles files, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(256 * 1024);
        try
        {
            await using var file = files.Create();
            while (length > 0)
            {
                var piece = buffer.AsMemory(0, (int)Math.Min(buffer.Length, length));
                var count = await stream.ReadAtLeastAsync(piece, piece.Length, throwOnEndOfStream: true, cancellationToken);
                hash.AppendData(buffer, 0, count);
                AnswerFiles.Write(file, piece.Span);
                length -= count;
            }

            return new CageAttachment(new FileBytes(file.Name), Convert.ToHexStringLower(hash.GetHashAndReset()));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
