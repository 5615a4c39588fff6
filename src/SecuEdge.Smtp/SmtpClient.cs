using System.Net.Sockets;

namespace SecuEdge.Smtp;

/// <summary>
/// One open connection to a next hop, ready for any number of messages one after the other. The bytes of a message go out as they are
/// stored: dots doubled, our trace headers in front, a last CRLF if it was missing. Not for concurrent use.
/// </summary>
public sealed class SmtpClient : IAsyncDisposable
{
    private readonly SmtpClientTransport _transport;
    private readonly SmtpClientOptions _options;
    private bool _isUsable = true;
    private bool _needsReset;

    internal SmtpClient(SmtpClientTransport transport, SmtpClientOptions options, SmtpClientExtensions extensions)
    {
        _transport = transport;
        _options = options;
        Extensions = extensions;
    }

    public SmtpClientExtensions Extensions { get; }

    /// <summary>For example <c>Tls13</c>; null on a plain connection.</summary>
    public string? TlsVersion => _transport.Tls?.SslProtocol.ToString();

    /// <summary>Messages tried on this connection.</summary>
    public int MessageCount { get; private set; }

    /// <summary>Whether the connection was left in a good state and the peer has not closed it meanwhile.</summary>
    public bool IsAlive => _isUsable && _transport.IsQuiet;

    /// <summary>One transaction. Never throws for what the next hop or the network does: that is in the results.</summary>
    public async Task<DeliveryResult> SendAsync(OutgoingMessage message, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        MessageCount++;
        var transaction = new SmtpClientTransaction(_transport, _options, Extensions, message);
        try
        {
            using var binding = _transport.Bind(cancellationToken);
            await transaction.RunAsync(_needsReset, cancellationToken);
        }
        catch (Exception e) when (IsBroken(e) && !cancellationToken.IsCancellationRequested)
        {
            await transaction.BreakAsync(e.Message, cancellationToken);
        }
        catch
        {
            // Cancelled, or a bug: the dialogue is out of step, so nobody may use this connection again.
            _isUsable = false;
            cancellationToken.ThrowIfCancellationRequested();
            throw;
        }

        _needsReset = transaction.IsLeftOpen;
        _isUsable = transaction.IsConnectionUsable;
        return transaction.ToResult();
    }

    /// <summary>Says good-bye (RFC 5321 §4.1.1.10) if there is anyone to say it to. Dispose afterwards.</summary>
    public async Task QuitAsync(CancellationToken cancellationToken)
    {
        if (!_isUsable)
        {
            return;
        }

        _isUsable = false;
        try
        {
            using var binding = _transport.Bind(cancellationToken);
            await _transport.WriteLineAsync("QUIT", _options.QuitTimeout, cancellationToken);
            await _transport.FlushAsync(_options.QuitTimeout, cancellationToken);
            await _transport.ReadReplyAsync(_options.QuitTimeout, cancellationToken);
        }
        catch (Exception e) when (IsBroken(e) || e is OperationCanceledException)
        {
            // Nothing hangs on the reply to QUIT.
        }
    }

    public ValueTask DisposeAsync()
    {
        _isUsable = false;
        return _transport.DisposeAsync();
    }

    /// <summary>A connection that ended or fell silent, as opposed to a bug of ours.</summary>
    internal static bool IsBroken(Exception e) => e is IOException or SocketException or ObjectDisposedException;
}
