using System.Buffers;
using System.Buffers.Binary;
using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;
using SecuEdge.Content;

namespace SecuEdge.Filter.Scanners.Clamd;

/// <summary>
/// One connection to clamd in IDSESSION mode, one command in flight: replies of several would come in any order. After anything but a
/// well-formed reply it is not used again.
/// </summary>
internal sealed class ClamdSession : IDisposable
{
    // Below this a copy through the socket costs no more than handing over a file.
    private const int SmallBytes = 64 * 1024;
    private const int ChunkBytes = 64 * 1024;

    // Longest known reply is a few hundred bytes; an endless one must not fill our memory.
    private const int MaxReplyBytes = 4096;

    private static readonly TimeSpan FullPause = TimeSpan.FromMilliseconds(1);

    private readonly Socket _socket;
    private readonly bool _canPassFiles;
    private readonly TimeProvider _timeProvider;
    private readonly byte[] _reply = new byte[MaxReplyBytes];
    private uint _id;
    private bool _isInStep;

    private ClamdSession(Socket socket, bool canPassFiles, TimeProvider timeProvider)
    {
        _socket = socket;
        _canPassFiles = canPassFiles;
        _timeProvider = timeProvider;
    }

    /// <summary>
    /// The last command was answered in full, and since then clamd has neither closed the connection (IdleTimeout, restart) nor said
    /// anything.
    /// </summary>
    public bool IsReusable => _isInStep && !_socket.Poll(TimeSpan.Zero, SelectMode.SelectRead);

    public static async Task<ClamdSession> OpenAsync(ClamdEndpoint endpoint, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        var session = new ClamdSession(await endpoint.ConnectAsync(timeProvider, cancellationToken), endpoint.IsUnix, timeProvider);
        try
        {
            await session.SendAsync("zIDSESSION\0"u8.ToArray(), cancellationToken);
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Throws <see cref="IOException"/> or <see cref="SocketException"/> when the connection or the source breaks.</summary>
    public async Task<ScanResult> ScanAsync(IByteSource bytes, long maxBytes, CancellationToken cancellationToken)
    {
        _isInStep = false;
        _id++;
        var isSmall = bytes.Length <= SmallBytes;
        var replyLength = (bytes.Memory, bytes.FilePath) switch
        {
            ({ } memory, _) when isSmall => await SendWholeAsync(memory, cancellationToken),
            ({ } memory, _) when _canPassFiles => await PassFileAsync(FileDescriptors.CreateMemoryFile(memory.Span), cancellationToken),
            // clamd scans an empty stream, but not every version an empty file.
            (null, { } path) when _canPassFiles && bytes.Length > 0 => await PassFileAsync(Open(path), cancellationToken),
            _ => await SendChunksAsync(bytes, maxBytes, cancellationToken),
        };

        var isUnderstood = ClamdReply.TryParse(_reply.AsSpan(0, replyLength), _id, out var result);
        // An error (a limit, no memory) often ends the session on clamd's side.
        _isInStep = isUnderstood && result is not ScanResult.Failed;
        return result;
    }

    public void Dispose() => _socket.Dispose();

    // Command, one chunk and the terminator in one write: one system call and one wake-up of clamd.
    private async Task<int> SendWholeAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        var command = "zINSTREAM\0"u8;
        var length = command.Length + (bytes.Length > 0 ? 4 + bytes.Length : 0) + 4;
        var buffer = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            command.CopyTo(buffer);
            if (bytes.Length > 0)
            {
                BinaryPrimitives.WriteInt32BigEndian(buffer.AsSpan(command.Length), bytes.Length);
                bytes.Span.CopyTo(buffer.AsSpan(command.Length + 4));
            }

            BinaryPrimitives.WriteInt32BigEndian(buffer.AsSpan(length - 4), 0);
            await SendAsync(buffer.AsMemory(0, length), cancellationToken);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return await ReceiveReplyAsync(cancellationToken);
    }

    private async Task<int> PassFileAsync(SafeFileHandle file, CancellationToken cancellationToken)
    {
        using (file)
        {
            // The descriptor travels with a byte of its own after the command.
            while (!FileDescriptors.TrySend(_socket, "zFILDES\0\0"u8, file))
            {
                await Task.Delay(FullPause, _timeProvider, cancellationToken);
            }

            return await ReceiveReplyAsync(cancellationToken);
        }
    }

    // Reads while it writes: clamd stops reading when its own limit is below ours, and says so; a writer that does not listen would hang.
    private async Task<int> SendChunksAsync(IByteSource bytes, long maxBytes, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var reply = ReceiveReplyAsync(stop.Token);
        var sending = WriteChunksAsync(bytes, maxBytes, stop.Token);
        try
        {
            if (await Task.WhenAny(sending, reply) == sending && sending.IsCompletedSuccessfully)
            {
                return await reply;
            }

            // Either clamd answered before the end, or the write failed because clamd answered and hung up. When there is no answer to
            // read, the failure of the read says the same as that of the write.
            if (reply.IsCompletedSuccessfully || sending.Exception?.InnerException is SocketException)
            {
                return await reply;
            }

            await sending;
            return await reply;
        }
        finally
        {
            await stop.CancelAsync();
            // Neither may outlive the call: they use the session's buffer and socket. What they say now is known already.
            await Task.WhenAll(sending, reply).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task WriteChunksAsync(IByteSource bytes, long maxBytes, CancellationToken cancellationToken)
    {
        await SendAsync("zINSTREAM\0"u8.ToArray(), cancellationToken);
        var buffer = ArrayPool<byte>.Shared.Rent(ChunkBytes + 4);
        try
        {
            await using var stream = bytes.OpenRead();
            long total = 0;
            while (await stream.ReadAsync(buffer.AsMemory(4, ChunkBytes), cancellationToken) is var read and > 0)
            {
                total += read;
                if (total > maxBytes)
                {
                    throw new IOException("the file grew beyond the limit while it was read");
                }

                BinaryPrimitives.WriteInt32BigEndian(buffer, read);
                await SendAsync(buffer.AsMemory(0, read + 4), cancellationToken);
            }

            await SendAsync(new byte[4], cancellationToken);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static SafeFileHandle Open(string path) => File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete);

    private async Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (bytes.Length > 0)
        {
            bytes = bytes[await _socket.SendAsync(bytes, SocketFlags.None, cancellationToken)..];
        }
    }

    private async Task<int> ReceiveReplyAsync(CancellationToken cancellationToken)
    {
        var length = 0;
        while (length < MaxReplyBytes)
        {
            var read = await _socket.ReceiveAsync(_reply.AsMemory(length), SocketFlags.None, cancellationToken);
            if (read == 0)
            {
                throw new EndOfStreamException("clamd closed the connection");
            }

            var end = _reply.AsSpan(length, read).IndexOf((byte)0);
            length += read;
            if (end >= 0)
            {
                // Bytes behind the reply: whatever they are, they are kept in it, so that it parses as nothing.
                return length - read + end == length - 1 ? length - 1 : length;
            }
        }

        throw new IOException("clamd sent an endless answer");
    }
}
