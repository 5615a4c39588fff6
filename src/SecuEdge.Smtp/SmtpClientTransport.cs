using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace SecuEdge.Smtp;

/// <summary>
/// Buffered bytes of one outgoing connection, each operation with a time limit. A broken or silent peer is an <see cref="IOException"/>;
/// the caller's own cancellation stays an <see cref="OperationCanceledException"/>.
/// </summary>
internal sealed class SmtpClientTransport : IAsyncDisposable
{
    // One block to TCP: large enough that a usual mail is one packet train, small enough for a thousand connections.
    private const int OutputBytes = 32 * 1024;

    private readonly Socket _socket;
    private readonly CancellationTokenSource _deadline;
    private readonly byte[] _output = new byte[OutputBytes];
    private byte[] _input = new byte[2048];
    private int _inputStart;
    private int _inputEnd;
    private int _outputEnd;
    private Stream _stream;

    public SmtpClientTransport(Socket socket, TimeProvider timeProvider)
    {
        _socket = socket;
        _stream = new NetworkStream(socket, ownsSocket: true);
        _deadline = new CancellationTokenSource(Timeout.InfiniteTimeSpan, timeProvider);
    }

    public SslStream? Tls => _stream as SslStream;

    /// <summary>Nothing may arrive while nothing was asked: readable means closed, or a 421 on its way out.</summary>
    public bool IsQuiet => _inputStart == _inputEnd && !_socket.Poll(0, SelectMode.SelectRead);

    /// <summary>Ties the operations until disposal to the caller's token; cheaper than a linked source for every read.</summary>
    public CancellationTokenRegistration Bind(CancellationToken cancellationToken) =>
        cancellationToken.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _deadline);

    /// <summary>Queues a command line; the caller flushes.</summary>
    public async ValueTask WriteLineAsync(string line, TimeSpan limit, CancellationToken cancellationToken)
    {
        if (line.AsSpan().IndexOfAny('\r', '\n') >= 0)
        {
            throw new ArgumentException("a command must be one line", nameof(line));
        }

        var free = await FreeOutputAsync(Encoding.UTF8.GetMaxByteCount(line.Length + 2), limit, cancellationToken);
        var count = Encoding.UTF8.GetBytes(line, free.Span);
        "\r\n"u8.CopyTo(free.Span[count..]);
        _outputEnd += count + 2;
    }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, TimeSpan limit, CancellationToken cancellationToken)
    {
        while (bytes.Length > 0)
        {
            var free = await FreeOutputAsync(1, limit, cancellationToken);
            var count = Math.Min(free.Length, bytes.Length);
            bytes[..count].CopyTo(free);
            _outputEnd += count;
            bytes = bytes[count..];
        }
    }

    /// <summary>Room of at least <paramref name="minimum"/> bytes; fill it and call <see cref="Advance"/>.</summary>
    public async ValueTask<Memory<byte>> FreeOutputAsync(int minimum, TimeSpan limit, CancellationToken cancellationToken)
    {
        if (_output.Length - _outputEnd < minimum)
        {
            await FlushAsync(limit, cancellationToken);
        }

        return _output.AsMemory(_outputEnd);
    }

    public void Advance(int count) => _outputEnd += count;

    public async ValueTask FlushAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        if (_outputEnd == 0)
        {
            return;
        }

        _deadline.CancelAfter(limit);
        try
        {
            await _stream.WriteAsync(_output.AsMemory(0, _outputEnd), _deadline.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException($"nothing was taken for {Plain(limit)}");
        }
        finally
        {
            _outputEnd = 0;
            _deadline.CancelAfter(Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>One limit for the whole reply, so that a peer cannot keep us by dripping bytes.</summary>
    public async ValueTask<SmtpReply> ReadReplyAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        _deadline.CancelAfter(limit);
        try
        {
            while (true)
            {
                var status = SmtpClientReplyParser.TryParse(_input.AsSpan(_inputStart, _inputEnd - _inputStart), out var reply, out var consumed);
                if (status == ReplyParseStatus.Complete)
                {
                    _inputStart += consumed;
                    return reply!;
                }

                if (status == ReplyParseStatus.Invalid)
                {
                    throw new IOException("the reply is not SMTP, or too long");
                }

                await FillInputAsync();
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException($"no reply for {Plain(limit)}");
        }
        finally
        {
            _deadline.CancelAfter(Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>TLS from here on. Bytes that came in the clear behind the 220 are an injection (CVE-2011-0411) and break the connection.</summary>
    public async Task StartTlsAsync(string serverName, bool isVerified, TimeSpan limit, CancellationToken cancellationToken)
    {
        if (_inputStart != _inputEnd)
        {
            throw new IOException("bytes in the clear follow the reply to STARTTLS");
        }

        var tls = new SslStream(_stream, leaveInnerStreamOpen: false);
        _stream = tls;
        _deadline.CancelAfter(limit);
        try
        {
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = serverName,
                    CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
                    RemoteCertificateValidationCallback = (_, _, _, errors) => !isVerified || errors == SslPolicyErrors.None,
                },
                _deadline.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException($"no TLS handshake within {Plain(limit)}");
        }
        catch (AuthenticationException e)
        {
            throw new IOException(e.InnerException?.Message ?? e.Message, e);
        }
        finally
        {
            _deadline.CancelAfter(Timeout.InfiniteTimeSpan);
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await _stream.DisposeAsync();
        }
        catch (IOException)
        {
            // Closing TLS writes an alert; the peer may be gone already, which is what we want.
        }

        _deadline.Dispose();
    }

    private async ValueTask FillInputAsync()
    {
        if (_inputStart == _inputEnd)
        {
            _inputStart = _inputEnd = 0;
        }
        else if (_inputEnd == _input.Length)
        {
            var kept = _input.AsSpan(_inputStart, _inputEnd - _inputStart);
            // Bounded: the parser calls MaxReplyBytes without an end invalid.
            var buffer = _inputStart > 0 ? _input : new byte[_input.Length * 2];
            kept.CopyTo(buffer);
            (_input, _inputStart, _inputEnd) = (buffer, 0, kept.Length);
        }

        var count = await _stream.ReadAsync(_input.AsMemory(_inputEnd), _deadline.Token);
        if (count == 0)
        {
            throw new IOException("the other side closed the connection");
        }

        _inputEnd += count;
    }

    private static string Plain(TimeSpan limit) =>
        limit.TotalSeconds >= 1 ? FormattableString.Invariant($"{limit.TotalSeconds:0.#} s") : FormattableString.Invariant($"{limit.TotalMilliseconds:0} ms");
}
