using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using SecuEdge.Content;

namespace SecuEdge.Filter.Scanners.Clamd;

/// <summary>
/// A bounded pool of sessions with clamd. Trouble of any kind is a <see cref="ScanResult.Failed"/>; nothing is thrown but the caller's
/// cancellation. There is nothing to reset after a restart of clamd: dead sessions are noticed and replaced.
/// </summary>
internal sealed class ClamdClient(ClamdEndpoint endpoint, ClamAvOptions options, TimeProvider timeProvider) : IDisposable
{
    private const string Unreadable = "the file to scan cannot be read";

    private readonly SemaphoreSlim _free = new(options.Connections);

    // Last in, first out: few warm sessions, the others run into clamd's IdleTimeout.
    private readonly ConcurrentStack<ClamdSession> _idle = new();

    public async Task<ScanResult> ScanAsync(IByteSource bytes, CancellationToken cancellationToken)
    {
        long length;
        try
        {
            length = bytes.Length;
        }
        catch (IOException)
        {
            return new ScanResult.Failed(Unreadable);
        }

        if (length > options.MaxStreamBytes)
        {
            return new ScanResult.Failed(
                string.Create(CultureInfo.InvariantCulture, $"{length} bytes are above the scan limit of {options.MaxStreamBytes}"));
        }

        await _free.WaitAsync(cancellationToken);
        try
        {
            return await ScanWithinTimeAsync(bytes, cancellationToken);
        }
        finally
        {
            _free.Release();
        }
    }

    /// <summary>The answer to VERSION. On a connection of its own: clamd answers it there even when all its threads scan.</summary>
    public Task<string> VersionAsync(CancellationToken cancellationToken) => AskAsync("zVERSION\0", cancellationToken);

    /// <summary>Makes clamd read its signatures again.</summary>
    /// <exception cref="IOException">clamd is not reachable or did not agree.</exception>
    public async Task ReloadAsync(CancellationToken cancellationToken)
    {
        var answer = await AskAsync("zRELOAD\0", cancellationToken);
        if (answer != "RELOADING")
        {
            throw new IOException("clamd did not agree to reload");
        }
    }

    public void Dispose()
    {
        while (_idle.TryPop(out var session))
        {
            session.Dispose();
        }

        _free.Dispose();
    }

    private async Task<ScanResult> ScanWithinTimeAsync(IByteSource bytes, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(options.ScanTimeout, timeProvider);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            // An idle session may have ended in the moment between looking at it and using it: once more, on a fresh one. A fresh one
            // that breaks is not repeated: the file may be what kills clamd.
            return (TakeIdle() is { } idle ? await TryScanAsync(idle, bytes, linked.Token) : null)
                ?? await TryScanAsync(await OpenAsync(linked.Token), bytes, linked.Token)
                ?? new ScanResult.Failed("clamd closed the connection during the scan");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            var seconds = options.ScanTimeout.TotalSeconds.ToString(CultureInfo.InvariantCulture);
            return new ScanResult.Failed($"clamd gave no answer within {seconds} seconds", IsTimeout: true);
        }
        catch (SocketException exception)
        {
            return new ScanResult.Failed(Describe(exception));
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
        {
            return new ScanResult.Failed(Unreadable);
        }
        catch (IOException exception)
        {
            return new ScanResult.Failed($"the scan broke off: {exception.Message}");
        }
    }

    /// <returns>Null when clamd hung up.</returns>
    private async Task<ScanResult?> TryScanAsync(ClamdSession session, IByteSource bytes, CancellationToken cancellationToken)
    {
        try
        {
            var result = await session.ScanAsync(bytes, options.MaxStreamBytes, cancellationToken);
            if (session.IsReusable)
            {
                _idle.Push(session);
                return result;
            }

            session.Dispose();
            return result;
        }
        catch (Exception exception) when (IsHangUp(exception))
        {
            session.Dispose();
            return null;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    private ClamdSession? TakeIdle()
    {
        while (_idle.TryPop(out var session))
        {
            if (session.IsReusable)
            {
                return session;
            }

            session.Dispose();
        }

        return null;
    }

    private async Task<ClamdSession> OpenAsync(CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(options.ConnectTimeout, timeProvider);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await ClamdSession.OpenAsync(endpoint, timeProvider, linked.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SocketException((int)SocketError.TimedOut);
        }
    }

    private async Task<string> AskAsync(string command, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(options.ConnectTimeout, timeProvider);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using var socket = await endpoint.ConnectAsync(timeProvider, linked.Token);
            await socket.SendAsync(Encoding.ASCII.GetBytes(command), SocketFlags.None, linked.Token);
            var answer = new byte[256];
            var length = 0;
            while (length < answer.Length
                && await socket.ReceiveAsync(answer.AsMemory(length), SocketFlags.None, linked.Token) is var read and > 0)
            {
                length += read;
            }

            return Encoding.ASCII.GetString(answer, 0, length).TrimEnd('\0', '\n');
        }
        catch (SocketException exception)
        {
            throw new IOException(Describe(exception), exception);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException("clamd is reachable but does not answer", exception);
        }
    }

    private static bool IsHangUp(Exception exception) =>
        exception is EndOfStreamException
        || exception is SocketException
        {
            SocketErrorCode: SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown,
        };

    private static string Describe(SocketException exception) => exception.SocketErrorCode switch
    {
        // Both mean the same to whoever reads it: it is not running, or is still reading its signatures before it listens.
        SocketError.ConnectionRefused or SocketError.AddressNotAvailable =>
            "clamd is not listening (stopped, or still loading its signatures)",
        SocketError.TimedOut => "clamd could not be reached in time",
        SocketError.AccessDenied => "no permission to use clamd's socket",
        _ => $"clamd is not reachable ({exception.SocketErrorCode})",
    };
}
