using System.Globalization;
using System.Text;

namespace SecuEdge.Filter.Scanners.Icap;

/// <summary>Reads what a service sends: heads up to their empty line, chunks, never more than a bounded amount before it has to make sense.</summary>
internal sealed class IcapReader(Stream stream)
{
    // Known heads have a few hundred bytes; a list of violations in a large archive a few thousand.
    private const int MaxHeadBytes = 64 * 1024;
    private const int MaxLineBytes = 1024;

    private readonly byte[] _buffer = new byte[16 * 1024];
    private int _start;
    private int _end;
    private long _chunkLeft;
    private bool _isInChunk;

    /// <summary>Bytes came that belong to no answer.</summary>
    public bool HasRest => _start < _end;

    public async Task<IcapReply> ReadReplyAsync(CancellationToken cancellationToken)
    {
        var head = await ReadHeadAsync(null, cancellationToken);
        return IcapReply.TryParse(head, out var reply, out var trouble) ? reply : throw new InvalidDataException(trouble);
    }

    /// <param name="length">Where the Encapsulated field says it ends; null = at its empty line.</param>
    public async Task<byte[]> ReadHeadAsync(int? length, CancellationToken cancellationToken)
    {
        if (length is < 0 or > MaxHeadBytes)
        {
            throw new InvalidDataException("the service announces a head that is too long");
        }

        using var head = new MemoryStream();
        var lineLength = 0;
        while (length is { } wanted ? head.Length < wanted : true)
        {
            if (head.Length >= MaxHeadBytes)
            {
                throw new InvalidDataException("the service sent an endless head");
            }

            await FillAsync(cancellationToken);
            var value = _buffer[_start++];
            head.WriteByte(value);
            if (value == '\n')
            {
                if (lineLength == 0 && length is null)
                {
                    break;
                }

                lineLength = 0;
            }
            else if (value != '\r')
            {
                lineLength++;
            }
        }

        return head.ToArray();
    }

    /// <returns>The next piece of a chunked body; empty at its end. Valid until the next call.</returns>
    public async Task<ReadOnlyMemory<byte>> ReadChunkAsync(CancellationToken cancellationToken)
    {
        if (_chunkLeft == 0)
        {
            if (_isInChunk && (await ReadLineAsync(cancellationToken)).Length > 0)
            {
                throw new InvalidDataException("the service sent a chunk that is longer than it says");
            }

            _chunkLeft = await ReadChunkSizeAsync(cancellationToken);
            _isInChunk = _chunkLeft > 0;
            if (_chunkLeft == 0)
            {
                await SkipTrailerAsync(cancellationToken);
                return ReadOnlyMemory<byte>.Empty;
            }
        }

        await FillAsync(cancellationToken);
        var length = (int)Math.Min(_chunkLeft, _end - _start);
        var piece = _buffer.AsMemory(_start, length);
        _start += length;
        _chunkLeft -= length;
        return piece;
    }

    private async Task<long> ReadChunkSizeAsync(CancellationToken cancellationToken)
    {
        var line = await ReadLineAsync(cancellationToken);
        var semicolon = line.IndexOf(';', StringComparison.Ordinal);
        var size = (semicolon < 0 ? line : line[..semicolon]).Trim();
        return size.Length is > 0 and <= 15 && long.TryParse(size, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var length)
            ? length
            : throw new InvalidDataException("the service sent a chunk without a size");
    }

    private async Task SkipTrailerAsync(CancellationToken cancellationToken)
    {
        var lines = 0;
        while ((await ReadLineAsync(cancellationToken)).Length > 0)
        {
            if (++lines > 100)
            {
                throw new InvalidDataException("the service sent an endless trailer");
            }
        }
    }

    private async Task<string> ReadLineAsync(CancellationToken cancellationToken)
    {
        var line = new StringBuilder();
        while (true)
        {
            await FillAsync(cancellationToken);
            var value = (char)_buffer[_start++];
            if (value == '\n')
            {
                return line.ToString().TrimEnd('\r');
            }

            if (line.Append(value).Length > MaxLineBytes)
            {
                throw new InvalidDataException("the service sent an endless line");
            }
        }
    }

    private async ValueTask FillAsync(CancellationToken cancellationToken)
    {
        if (_start < _end)
        {
            return;
        }

        _start = 0;
        _end = await stream.ReadAsync(_buffer, cancellationToken);
        if (_end == 0)
        {
            throw new EndOfStreamException("the service closed the connection");
        }
    }
}
