using System.Buffers;
using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using SecuEdge.Content;

namespace SecuEdge.Filter.Scanners.Icap;

/// <summary>
/// One connection to a service, one request at a time. After anything but a complete and well-formed answer it is not used again.
/// <list type="number">
/// <item>Heads and preview are sent; the service answers them, or says 100 and gets the rest.</item>
/// <item>The answer is read while the file is still sent: services send large files back as they come, and would wait for us to read.</item>
/// <item>What comes back is compared, not kept.</item>
/// </list>
/// </summary>
internal sealed class IcapConnection : IDisposable
{
    private const int ChunkBytes = 64 * 1024;

    // Beyond what was sent a service may add a page of its own; there is no reason to read a long one to its end.
    private const int MaxForeignBytes = 1024 * 1024;

    // From the moment that the last bytes are given to the kernel until it has taken them.
    private static readonly TimeSpan LastBytesTime = TimeSpan.FromSeconds(1);

    private readonly Socket _socket;
    private readonly TimeProvider _timeProvider;
    private readonly Stream _stream;
    private readonly IcapReader _reader;
    private bool _isInStep = true;
    private volatile bool _isLastWritten;

    private IcapConnection(Socket socket, Stream stream, TimeProvider timeProvider)
    {
        _socket = socket;
        _stream = stream;
        _timeProvider = timeProvider;
        _reader = new IcapReader(stream);
    }

    /// <summary>The last answer was complete, and since then the service has neither hung up nor said anything.</summary>
    public bool IsReusable => _isInStep && !_reader.HasRest && !_socket.Poll(TimeSpan.Zero, SelectMode.SelectRead);

    public static async Task<IcapConnection> OpenAsync(IcapEndpoint endpoint, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(endpoint.Host, endpoint.Port, cancellationToken);
            Stream stream = new NetworkStream(socket, ownsSocket: true);
            if (endpoint.IsTls)
            {
                var tls = new SslStream(stream);
                await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = endpoint.Host }, cancellationToken);
                stream = tls;
            }

            return new IcapConnection(socket, stream, timeProvider);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public async Task<IcapReply> AskOptionsAsync(IcapEndpoint endpoint, CancellationToken cancellationToken)
    {
        _isInStep = false;
        await _stream.WriteAsync(IcapRequest.Options(endpoint), cancellationToken);
        var reply = await _reader.ReadReplyAsync(cancellationToken);
        // RFC 3507 §4.10.2 allows a body; nobody sends one, and a connection with one is not used again.
        _isInStep = !reply.IsLast && reply.Encapsulated.All(section => section.Name == "null-body");
        return reply;
    }

    /// <exception cref="IOException">The connection or the source breaks, or the answer cannot be understood.</exception>
    public async Task<IcapAnswer> ScanAsync(
        IcapEndpoint endpoint, IcapMethod method, ScanTarget target, int? preview, CancellationToken cancellationToken)
    {
        _isInStep = false;
        _isLastWritten = false;
        var length = target.Bytes.Length;
        await using var source = target.Bytes.OpenRead();
        using var sent = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var head = IcapRequest.Scan(endpoint, method, target, length, preview);
        if (preview is not { } previewBytes)
        {
            return await ExchangeAsync(() => SendRestAsync(head, source, sent, length, cancellationToken), sent, length, cancellationToken);
        }

        var isWhole = await SendPreviewAsync(head, source, sent, previewBytes, length, cancellationToken);
        var reply = await _reader.ReadReplyAsync(cancellationToken);
        if (reply.Status != 100)
        {
            return await FinishAsync(reply, sent, length, isWhole, isFromPreview: true, cancellationToken);
        }

        if (isWhole)
        {
            throw new IOException("the service asks for more than there is");
        }

        return await ExchangeAsync(() => SendRestAsync([], source, sent, length - previewBytes, cancellationToken), sent, length, cancellationToken);
    }

    public void Dispose() => _stream.Dispose();

    // Answer and file cross. The answer decides when it is over: a service may have seen enough and stop reading.
    private async Task<IcapAnswer> ExchangeAsync(Func<Task> send, IncrementalHash sent, long length, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var sending = send();
        var receiving = ReceiveAsync(sending, sent, length, stop.Token);
        try
        {
            if (await Task.WhenAny(sending, receiving) == sending && sending.IsFaulted && !IsTransport(sending.Exception!.InnerException!))
            {
                // Our own side broke: the service waits for bytes that never come.
                await sending;
            }

            return await receiving;
        }
        finally
        {
            // A send that still runs is stuck in a service that stopped reading: only closing ends it.
            if (!sending.IsCompleted || !receiving.IsCompleted)
            {
                _isInStep = false;
                await stop.CancelAsync();
                Dispose();
            }

            await Task.WhenAll(sending, receiving).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<IcapAnswer> ReceiveAsync(Task sending, IncrementalHash sent, long length, CancellationToken cancellationToken)
    {
        var reply = await _reader.ReadReplyAsync(cancellationToken);
        var wasSentWhole = reply.Status == 204 && await IsSentAsync(sending, cancellationToken);
        if (reply.Status == 100)
        {
            throw new IOException("the service asks to continue where nothing is held back");
        }

        var http = await ReadHttpAsync(reply, cancellationToken);
        var returned = await ReadBodyAsync(http.HasBody, length, cancellationToken);
        if (returned is not null && returned.Value.Length == length)
        {
            // All came back, so all had been sent; our own task may be one step behind.
            await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return Answer(reply, http.Status, returned, sending, sent, length, wasSentWhole, isFromPreview: false);
    }

    // A service that has the whole file says "unchanged" after our last bytes; the task that wrote them may be one step behind.
    private async Task<bool> IsSentAsync(Task sending, CancellationToken cancellationToken)
    {
        if (_isLastWritten)
        {
            await Task.WhenAny(sending, Task.Delay(LastBytesTime, _timeProvider, cancellationToken));
        }

        return sending.IsCompletedSuccessfully;
    }

    private async Task<IcapAnswer> FinishAsync(
        IcapReply reply, IncrementalHash sent, long length, bool isWhole, bool isFromPreview, CancellationToken cancellationToken)
    {
        var http = await ReadHttpAsync(reply, cancellationToken);
        var returned = await ReadBodyAsync(http.HasBody, length, cancellationToken);
        return Answer(reply, http.Status, returned, Task.CompletedTask, sent, length, isWhole, isFromPreview);
    }

    private IcapAnswer Answer(
        IcapReply reply, int? httpStatus, (long Length, byte[] Hash)? returned, Task sending, IncrementalHash sent, long length, bool wasSentWhole, bool isFromPreview)
    {
        var isSent = sending.IsCompletedSuccessfully;
        var isSame = isSent && returned is { } body && body.Length == length && body.Hash.AsSpan().SequenceEqual(sent.GetCurrentHash());
        _isInStep = isSent && !reply.IsLast && returned is not { Length: < 0 };
        return new IcapAnswer(reply, httpStatus, returned is null ? IcapBody.None : isSame ? IcapBody.Same : IcapBody.Other, wasSentWhole, isFromPreview);
    }

    private async Task<(int? Status, bool HasBody)> ReadHttpAsync(IcapReply reply, CancellationToken cancellationToken)
    {
        int? status = null;
        for (var i = 0; i < reply.Encapsulated.Count; i++)
        {
            var (name, offset) = reply.Encapsulated[i];
            if (name.EndsWith("-body", StringComparison.Ordinal))
            {
                return (status, name != "null-body");
            }

            // The last section may be a head without a following one to tell its end; its own empty line does.
            var end = i + 1 < reply.Encapsulated.Count ? reply.Encapsulated[i + 1].Offset : (int?)null;
            var head = await _reader.ReadHeadAsync(end - offset, cancellationToken);
            status = name == "res-hdr" ? HttpStatus(head) : status;
        }

        return (status, false);
    }

    private static int HttpStatus(ReadOnlySpan<byte> head)
    {
        // "HTTP/1.1 403 Forbidden"
        var line = Encoding.Latin1.GetString(head[..Math.Min(head.Length, 20)]).Split(' ', '\r', '\n');
        return line.Length > 1 && line[0].StartsWith("HTTP/", StringComparison.Ordinal) && line[1].Length == 3
            && int.TryParse(line[1], NumberStyles.None, CultureInfo.InvariantCulture, out var status)
            ? status
            : throw new IOException("the service encapsulates something that is no HTTP");
    }

    /// <returns>Length and hash of the body; length -1 when it was not read to its end; null without one.</returns>
    private async Task<(long Length, byte[] Hash)?> ReadBodyAsync(bool hasBody, long length, CancellationToken cancellationToken)
    {
        if (!hasBody)
        {
            return null;
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        long total = 0;
        while (await _reader.ReadChunkAsync(cancellationToken) is { IsEmpty: false } piece)
        {
            hash.AppendData(piece.Span);
            total += piece.Length;
            if (total > length + MaxForeignBytes)
            {
                return (-1, []);
            }
        }

        return (total, hash.GetHashAndReset());
    }

    // RFC 3507 §4.5: a preview that is the whole file says so with ieof.
    private async Task<bool> SendPreviewAsync(
        byte[] head, Stream source, IncrementalHash sent, int previewBytes, long length, CancellationToken cancellationToken)
    {
        var isWhole = length <= previewBytes;
        var buffer = new byte[Math.Min(previewBytes, length)];
        await source.ReadExactlyAsync(buffer, cancellationToken);
        sent.AppendData(buffer);
        using var packet = new MemoryStream();
        packet.Write(head);
        if (buffer.Length > 0)
        {
            packet.Write(ChunkHead(buffer.Length));
            packet.Write(buffer);
            packet.Write("\r\n"u8);
        }

        packet.Write(isWhole ? "0; ieof\r\n\r\n"u8 : "0\r\n\r\n"u8);
        await _stream.WriteAsync(packet.GetBuffer().AsMemory(0, (int)packet.Length), cancellationToken);
        return isWhole;
    }

    private async Task SendRestAsync(byte[] head, Stream source, IncrementalHash sent, long expected, CancellationToken cancellationToken)
    {
        // Room for the chunk's size before it and the line's end and last chunk behind.
        const int Room = 16;
        var buffer = ArrayPool<byte>.Shared.Rent(head.Length + ChunkBytes + (2 * Room));
        try
        {
            head.CopyTo(buffer, 0);
            var start = head.Length;
            long total = 0;
            int read;
            do
            {
                read = await source.ReadAtLeastAsync(buffer.AsMemory(start + Room, ChunkBytes), ChunkBytes, throwOnEndOfStream: false, cancellationToken);
                total += read;
                if (total > expected || (read < ChunkBytes && total != expected))
                {
                    throw new InvalidDataException("the file changed while it was read");
                }

                sent.AppendData(buffer, start + Room, read);
                _isLastWritten = read < ChunkBytes;
                var end = Frame(buffer, start, Room, read, isLast: read < ChunkBytes);
                await _stream.WriteAsync(buffer.AsMemory(0, end), cancellationToken);
                start = 0;
            }
            while (read == ChunkBytes);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // Moves the size in front of the bytes, one write for all. Returns the end of what is to be sent.
    private static int Frame(byte[] buffer, int start, int room, int length, bool isLast)
    {
        var position = start;
        if (length > 0)
        {
            var head = ChunkHead(length);
            head.CopyTo(buffer, position);
            position += head.Length;
            Buffer.BlockCopy(buffer, start + room, buffer, position, length);
            position += length;
            "\r\n"u8.CopyTo(buffer.AsSpan(position));
            position += 2;
        }

        if (isLast)
        {
            "0\r\n\r\n"u8.CopyTo(buffer.AsSpan(position));
            position += 5;
        }

        return position;
    }

    private static byte[] ChunkHead(int length) => Encoding.ASCII.GetBytes(length.ToString("x", CultureInfo.InvariantCulture) + "\r\n");

    private static bool IsTransport(Exception exception) => exception is SocketException or IOException { InnerException: SocketException } or ObjectDisposedException;
}
