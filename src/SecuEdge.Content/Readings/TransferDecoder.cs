using System.Buffers;
using MimeKit;
using MimeKit.Encodings;

namespace SecuEdge.Content.Readings;

/// <summary>Undoes a Content-Transfer-Encoding into a sink.</summary>
internal static class TransferDecoder
{
    private const int Chunk = 16 * 1024;

    /// <summary>What a decoder kept of the chunk before comes on top of its estimate.</summary>
    private const int Slack = 256;

    /// <summary>False when the budget ended before the bytes did.</summary>
    public static bool Decode(IByteSource encoded, ContentEncoding encoding, PartSink sink, out Base64Oddities oddities)
    {
        oddities = Base64Oddities.None;
        return encoding switch
        {
            ContentEncoding.Base64 => Base64Reader.Decode(encoded, sink, Base64Style.Usual, out oddities),
            ContentEncoding.QuotedPrintable => QuotedPrintableReader.Decode(encoded, sink),
            ContentEncoding.UUEncode => Filter(encoded, new UUDecoder(), sink),
            _ => Copy(encoded, sink),
        };
    }

    public static bool Filter(IByteSource encoded, IMimeDecoder decoder, PartSink sink)
    {
        var input = ArrayPool<byte>.Shared.Rent(Chunk);
        var output = ArrayPool<byte>.Shared.Rent(decoder.EstimateOutputLength(input.Length) + Slack);
        try
        {
            using var stream = encoded.OpenRead();
            int count;
            while ((count = stream.Read(input)) > 0)
            {
                var written = decoder.Decode(input, 0, count, output);
                if (!sink.TryWrite(output.AsSpan(0, written)))
                {
                    return false;
                }
            }

            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(input);
            ArrayPool<byte>.Shared.Return(output);
        }
    }

    public static bool Copy(IByteSource source, PartSink sink)
    {
        if (source.Memory is { } memory)
        {
            return sink.TryWrite(memory.Span);
        }

        using var stream = source.OpenRead();
        return Copy(stream, sink);
    }

    public static bool Copy(Stream stream, PartSink sink)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);
        try
        {
            int count;
            while ((count = stream.Read(buffer)) > 0)
            {
                if (!sink.TryWrite(buffer.AsSpan(0, count)))
                {
                    return false;
                }
            }

            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
