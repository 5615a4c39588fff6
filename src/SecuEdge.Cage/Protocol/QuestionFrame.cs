using System.Buffers.Binary;
using System.Text;
using SecuEdge.Cage.Jobs;
using SecuEdge.Cage.Sandbox;
using SecuEdge.Content;

namespace SecuEdge.Cage.Protocol;

/// <summary>
/// A question on the wire, little endian:
/// <code>
/// magic u32 | length of kind u32 | of parameters u32 | of bytes i64 | kind | parameters | bytes
/// </code>
/// </summary>
internal static class QuestionFrame
{
    private const uint Magic = 0x31514553; // "SEQ1"
    private const int HeadBytes = 20;
    private const int MaxKindBytes = 64;
    private const int MaxParameterBytes = 16 * 1024 * 1024;

    /// <summary>Larger messages become a file of the worker, as they are one in the gateway.</summary>
    private const long MaxBytesInMemory = 64 * 1024 * 1024;

    public static async Task WriteAsync(Stream stream, string kind, string parameters, IByteSource bytes, CancellationToken cancellationToken)
    {
        var head = new byte[HeadBytes + Encoding.UTF8.GetByteCount(kind) + Encoding.UTF8.GetByteCount(parameters)];
        BinaryPrimitives.WriteUInt32LittleEndian(head, Magic);
        var kindBytes = Encoding.UTF8.GetBytes(kind, head.AsSpan(HeadBytes));
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(4), kindBytes);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(8), Encoding.UTF8.GetBytes(parameters, head.AsSpan(HeadBytes + kindBytes)));
        BinaryPrimitives.WriteInt64LittleEndian(head.AsSpan(12), bytes.Length);
        await stream.WriteAsync(head, cancellationToken);
        if (bytes.Memory is { } memory)
        {
            await stream.WriteAsync(memory, cancellationToken);
        }
        else
        {
            await using var source = Open(bytes);
            await source.CopyToAsync(stream, 256 * 1024, cancellationToken);
        }

        await stream.FlushAsync(cancellationToken);
    }

    private static Stream Open(IByteSource bytes)
    {
        try
        {
            return bytes.OpenRead();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DiskTroubleException("The message cannot be read.", exception);
        }
    }

    /// <summary>In the worker: the next question, null when there will be none.</summary>
    public static CageQuestion? Read(Stream stream, string scratchFolder)
    {
        Span<byte> head = stackalloc byte[HeadBytes];
        if (stream.ReadAtLeast(head, HeadBytes, throwOnEndOfStream: false) < HeadBytes)
        {
            return null;
        }

        var kindBytes = BinaryPrimitives.ReadUInt32LittleEndian(head[4..]);
        var parameterBytes = BinaryPrimitives.ReadUInt32LittleEndian(head[8..]);
        var length = BinaryPrimitives.ReadInt64LittleEndian(head[12..]);
        if (BinaryPrimitives.ReadUInt32LittleEndian(head) != Magic || kindBytes > MaxKindBytes || parameterBytes > MaxParameterBytes || length < 0)
        {
            throw new InvalidDataException("Not a question.");
        }

        var words = new byte[kindBytes + parameterBytes];
        stream.ReadExactly(words);
        return new CageQuestion(
            Encoding.UTF8.GetString(words, 0, (int)kindBytes),
            Encoding.UTF8.GetString(words, (int)kindBytes, (int)parameterBytes),
            length <= MaxBytesInMemory ? ToMemory(stream, (int)length) : ToFile(stream, length, Path.Combine(scratchFolder, "question")),
            scratchFolder);
    }

    private static MemoryBytes ToMemory(Stream stream, int length)
    {
        var bytes = new byte[length];
        stream.ReadExactly(bytes);
        return new MemoryBytes(bytes);
    }

    private static FileBytes ToFile(Stream stream, long length, string path)
    {
        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
        var buffer = new byte[256 * 1024];
        while (length > 0)
        {
            var count = (int)Math.Min(buffer.Length, length);
            stream.ReadExactly(buffer, 0, count);
            file.Write(buffer, 0, count);
            length -= count;
        }

        return new FileBytes(path);
    }
}
