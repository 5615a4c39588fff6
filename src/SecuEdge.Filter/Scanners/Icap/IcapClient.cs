using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Sockets;
using System.Security.Authentication;

namespace SecuEdge.Filter.Scanners.Icap;

/// <summary>
/// A bounded pool of connections to one service. Trouble of any kind is a <see cref="ScanResult.Failed"/>; nothing is thrown but the
/// caller's cancellation.
/// </summary>
internal sealed class IcapClient(IcapEndpoint endpoint, IcapOptions options, TimeProvider timeProvider) : IDisposable
{
    private const string Unreadable = "the file to scan cannot be read";

    private readonly SemaphoreSlim _free = new(options.MaxConnections);

    // Last in, first out: few warm connections, the others run into the service's time-out.
    private readonly ConcurrentStack<IcapConnection> _idle = new();

    /// <param name="preview">Bytes of preview; null without.</param>
    /// <param name="onAnswer">Sees each answer's head: its ISTag may have changed.</param>
    public async Task<ScanResult> ScanAsync(ScanTarget target, int? preview, Action<IcapReply> onAnswer, CancellationToken cancellationToken)
    {
        await _free.WaitAsync(cancellationToken);
        try
        {
            return await ScanWithinTimeAsync(target, preview, onAnswer, cancellationToken);
        }
        finally
        {
            _free.Release();
        }
    }

    /// <summary>Asks on a connection of its own, so that a full pool does not make the service look dead.</summary>
    /// <exception cref="IOException">It is not reachable or does not answer as ICAP wants.</exception>
    public async Task<IcapService> AskOptionsAsync(CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(options.ConnectTimeout, timeProvider);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using var connection = await IcapConnection.OpenAsync(endpoint, timeProvider, linked.Token);
            var reply = await connection.AskOptionsAsync(endpoint, linked.Token);
            return reply.Status == 200
                ? IcapService.Of(reply)
                : throw new IOException(FormattableString.Invariant($"the service answers OPTIONS with {reply.Status} {reply.Reason}").TrimEnd());
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException("the service is not reachable or does not answer in time", exception);
        }
        catch (Exception exception) when (exception is SocketException or AuthenticationException or InvalidDataException)
        {
            throw new IOException(Describe(exception), exception);
        }
    }

    public void Dispose()
    {
        while (_idle.TryPop(out var connection))
        {
            connection.Dispose();
        }

        _free.Dispose();
    }

    private async Task<ScanResult> ScanWithinTimeAsync(ScanTarget target, int? preview, Action<IcapReply> onAnswer, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(options.ScanTimeout, timeProvider);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            if (target.Bytes.Length > options.MaxBytes)
            {
                return new ScanResult.Heuristic(
                    string.Create(CultureInfo.InvariantCulture, $"{target.Bytes.Length} bytes are above the scan limit of {options.MaxBytes}"),
                    HeuristicKind.LimitsExceeded);
            }

            // An idle connection may have ended in the moment between looking at it and using it: once more, on a fresh one.
            var answer = (TakeIdle() is { } idle ? await TryScanAsync(idle, target, preview, linked.Token) : null)
                ?? await TryScanAsync(await OpenAsync(linked.Token), target, preview, linked.Token);
            if (answer is null)
            {
                return new ScanResult.Failed("the service closed the connection during the scan");
            }

            onAnswer(answer.Reply);
            return IcapVerdict.Of(answer);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            var seconds = options.ScanTimeout.TotalSeconds.ToString(CultureInfo.InvariantCulture);
            return new ScanResult.Failed($"the service gave no answer within {seconds} seconds", IsTimeout: true);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
        {
            return new ScanResult.Failed(Unreadable);
        }
        catch (Exception exception) when (exception is SocketException or AuthenticationException or IOException or InvalidDataException)
        {
            return new ScanResult.Failed(Describe(exception));
        }
    }

    /// <returns>Null when the service hung up.</returns>
    private async Task<IcapAnswer?> TryScanAsync(IcapConnection connection, ScanTarget target, int? preview, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await connection.ScanAsync(endpoint, options.Method, target, preview, cancellationToken);
            if (connection.IsReusable)
            {
                _idle.Push(connection);
            }
            else
            {
                connection.Dispose();
            }

            return answer;
        }
        catch (Exception exception) when (IsHangUp(exception))
        {
            connection.Dispose();
            return null;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private IcapConnection? TakeIdle()
    {
        while (_idle.TryPop(out var connection))
        {
            if (connection.IsReusable)
            {
                return connection;
            }

            connection.Dispose();
        }

        return null;
    }

    private async Task<IcapConnection> OpenAsync(CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(options.ConnectTimeout, timeProvider);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await IcapConnection.OpenAsync(endpoint, timeProvider, linked.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SocketException((int)SocketError.TimedOut);
        }
    }

    private static bool IsHangUp(Exception exception) =>
        exception is EndOfStreamException
        || (exception as SocketException ?? exception.InnerException as SocketException) is
        {
            SocketErrorCode: SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown,
        };

    private static string Describe(Exception exception) => exception switch
    {
        SocketException { SocketErrorCode: SocketError.ConnectionRefused } => "the service is not listening",
        SocketException { SocketErrorCode: SocketError.TimedOut } => "the service could not be reached in time",
        SocketException { SocketErrorCode: SocketError.HostNotFound } => "the service's host has no address",
        SocketException other => $"the service is not reachable ({other.SocketErrorCode})",
        AuthenticationException => "the service's certificate is not trusted or TLS failed",
        InvalidDataException or IOException { InnerException: null } => exception.Message,
        _ => "the connection to the service broke",
    };
}
