using System.Buffers.Binary;
using System.Text;
using SecuEdge.Cage.Jobs;

namespace SecuEdge.Cage.Protocol;

/// <summary>How a worker says that a job ended.</summary>
internal enum AnswerKind : uint
{
    Answered,

    /// <summary>The job gave up; the body is a sentence.</summary>
    Failed,

    /// <summary>The machine's disk is the trouble, the body is a sentence.</summary>
    DiskTrouble,
}

/// <summary>
/// An answer on the wire, little endian; this side is the worker's, <see cref="AnswerReader"/> is the gateway's.
/// <code>
/// magic u32 | kind u32 | length of body u32 | attachments u32 | length of each i64 … | body | bytes of each …
/// </code>
/// </summary>
internal static class AnswerFrame
{
    public const uint Magic = 0x31414553; // "SEA1"
    public const int HeadBytes = 16;

    private const int MaxSentence = 500;

    public static void Write(Stream stream, CageAnswer answer)
    {
        WriteHead(stream, AnswerKind.Answered, answer.Body, [.. answer.Attachments.Select(attachment => attachment.Length)]);
        foreach (var attachment in answer.Attachments)
        {
            if (attachment.Memory is { } memory)
            {
                stream.Write(memory.Span);
                continue;
            }

            using var source = attachment.OpenRead();
            source.CopyTo(stream, 256 * 1024);
        }

        stream.Flush();
    }

    public static void WriteFailure(Stream stream, string sentence, bool isDiskTrouble)
    {
        WriteHead(stream, isDiskTrouble ? AnswerKind.DiskTrouble : AnswerKind.Failed, sentence.Length <= MaxSentence ? sentence : sentence[..MaxSentence], []);
        stream.Flush();
    }

    private static void WriteHead(Stream stream, AnswerKind kind, string body, long[] lengths)
    {
        var bodyAt = HeadBytes + (lengths.Length * sizeof(long));
        var head = new byte[bodyAt + Encoding.UTF8.GetByteCount(body)];
        BinaryPrimitives.WriteUInt32LittleEndian(head, Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(4), (uint)kind);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(8), Encoding.UTF8.GetBytes(body, head.AsSpan(bodyAt)));
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(12), lengths.Length);
        for (var i = 0; i < lengths.Length; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(head.AsSpan(HeadBytes + (i * sizeof(long))), lengths[i]);
        }

        stream.Write(head);
    }
}
