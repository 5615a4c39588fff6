using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using SecuEdge.Smtp.Parsing;

namespace SecuEdge.Smtp;

/// <summary>Why a connection ended other than by our own reply.</summary>
internal enum ConnectionEnd
{
    ClosedByClient,
    Broken,
    Timeout,
    TlsFailed,
}

/// <summary>The connection cannot go on. Thrown by <see cref="SmtpWire"/> only, so that trouble of the gateway is never taken for it.</summary>
internal sealed class ConnectionEndedException(ConnectionEnd end, Exception? inner = null) : Exception(end.ToString(), inner)
{
    public ConnectionEnd End { get; } = end;
}

/// <summary>
/// Lines, blocks and replies over the bytes of one connection, plain or TLS. Replies are gathered and go out when there is nothing left to
/// read, so that a pipelined batch is answered with one packet (RFC 2920 §3.2). One timer per connection, touched only by reads that wait.
/// </summary>
internal sealed class SmtpWire : IAsyncDisposable
{
    /// <summary>Replies gathered before they are sent in any case: a client that never reads must not fill our memory.</summary>
    private const int MaxGatheredBytes = 16 * 1024;

    private static readonly TimeSpan FarewellLimit = TimeSpan.FromSeconds(5);

    private readonly IDuplexPipe transport;
    private readonly TimeProvider time;
    private readonly CommandLineReader lines;
    private readonly CancellationTokenSource deadline;
    private PipeReader input;
    private PipeWriter output;
    private TlsUpgrade? tls;
    private int unsentBytes;
    private volatile bool isWaitingForCommand;
    private volatile bool isStopping;

    public SmtpWire(IDuplexPipe transport, int maxLineBytes, TimeProvider time)
    {
        this.transport = transport;
        this.time = time;
        input = transport.Input;
        output = transport.Output;
        lines = new CommandLineReader(maxLineBytes);
        deadline = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
    }

    /// <summary>The server is stopping: no further command is read.</summary>
    public bool IsStopping => isStopping;

    /// <summary>Ends the wait for the next command; a message on its way in is not touched. Called from another thread.</summary>
    public void Stop()
    {
        isStopping = true;
        if (isWaitingForCommand)
        {
            input.CancelPendingRead();
        }
    }

    /// <summary>The next command line. The limit holds for the whole line, so that dripping bytes does not extend it.</summary>
    public async ValueTask<CommandLine> ReadLineAsync(TimeSpan limit)
    {
        var hasDeadline = false;
        try
        {
            while (true)
            {
                if (!input.TryRead(out var result))
                {
                    await FlushAsync(limit);
                    if (!hasDeadline)
                    {
                        deadline.CancelAfter(limit);
                        hasDeadline = true;
                    }

                    // The order matters: Stop() sets its mark first and then looks at ours.
                    isWaitingForCommand = true;
                    result = isStopping ? new ReadResult(default, isCanceled: true, isCompleted: false) : await ReadAsync();
                    isWaitingForCommand = false;
                }

                if (isStopping)
                {
                    return new CommandLine(LineStatus.Stopping, "");
                }

                var buffer = result.Buffer;
                if (lines.TryRead(buffer, out var consumed, out var line))
                {
                    input.AdvanceTo(consumed);
                    return line;
                }

                input.AdvanceTo(consumed, buffer.End);
                if (result.IsCompleted)
                {
                    throw new ConnectionEndedException(ConnectionEnd.ClosedByClient);
                }
            }
        }
        finally
        {
            if (hasDeadline)
            {
                deadline.CancelAfter(Timeout.InfiniteTimeSpan);
            }
        }
    }

    /// <summary>The bytes that have arrived, at least one; a limit that is used up already ends the connection. <see cref="AdvanceTo"/> must follow.</summary>
    public async ValueTask<ReadOnlySequence<byte>> ReadBlockAsync(TimeSpan limit)
    {
        if (limit <= TimeSpan.Zero)
        {
            throw new ConnectionEndedException(ConnectionEnd.Timeout);
        }

        while (true)
        {
            if (!input.TryRead(out var result))
            {
                deadline.CancelAfter(limit);
                result = await ReadAsync();
                deadline.CancelAfter(Timeout.InfiniteTimeSpan);
            }

            if (!result.Buffer.IsEmpty)
            {
                return result.Buffer;
            }

            if (result.IsCompleted)
            {
                throw new ConnectionEndedException(ConnectionEnd.ClosedByClient);
            }

            // A wake-up meant for the wait for a command.
            input.AdvanceTo(result.Buffer.End);
        }
    }

    public void AdvanceTo(SequencePosition consumed) => input.AdvanceTo(consumed);

    /// <summary>Gives back a block that was too short; the next one has more.</summary>
    public void KeepForNextBlock(ReadOnlySequence<byte> block) => input.AdvanceTo(block.Start, block.End);

    /// <summary>Whether the client has sent bytes that nobody has asked for yet.</summary>
    public bool HasUnreadInput()
    {
        if (!input.TryRead(out var result))
        {
            return false;
        }

        var isEmpty = result.Buffer.IsEmpty;
        input.AdvanceTo(result.Buffer.Start);
        return !isEmpty;
    }

    /// <summary>Puts a reply behind those that wait to be sent.</summary>
    public void Write(SmtpReply reply) => unsentBytes += (int)Encoding.ASCII.GetBytes(reply.ToWire(), output);

    /// <summary>Sends the replies once they are many, whatever the client still has to say.</summary>
    public ValueTask FlushIfManyAsync(TimeSpan limit) => unsentBytes > MaxGatheredBytes ? FlushAsync(limit) : ValueTask.CompletedTask;

    public async ValueTask FlushAsync(TimeSpan limit)
    {
        if (unsentBytes == 0)
        {
            return;
        }

        unsentBytes = 0;
        try
        {
            var flush = output.FlushAsync(deadline.Token);
            if (flush.IsCompletedSuccessfully)
            {
                await flush;
                return;
            }

            deadline.CancelAfter(limit);
            await flush;
            deadline.CancelAfter(Timeout.InfiniteTimeSpan);
        }
        catch (Exception exception) when (IsEnd(exception))
        {
            throw EndedBy(exception);
        }
    }

    /// <summary>Says a last word if the client still listens.</summary>
    public async Task SayFarewellAsync(SmtpReply reply)
    {
        using var limit = new CancellationTokenSource(FarewellLimit, time);
        try
        {
            Write(reply);
            await output.FlushAsync(limit.Token);
        }
        catch (Exception exception) when (IsEnd(exception))
        {
            // It does not.
        }
    }

    /// <summary>Negotiates TLS; from here on everything goes through it. The caller has made sure that no plain bytes are left.</summary>
    public async Task<TlsUpgrade> StartTlsAsync(TlsCertificateSource certificates, TimeSpan limit)
    {
        deadline.CancelAfter(limit);
        try
        {
            tls = await TlsUpgrade.AcceptAsync(transport, certificates, deadline.Token);
        }
        catch (Exception exception) when (TlsUpgrade.IsFailure(exception) || IsEnd(exception))
        {
            // A timeout too: in the middle of a handshake there is no one to talk to.
            throw new ConnectionEndedException(ConnectionEnd.TlsFailed, exception);
        }

        deadline.CancelAfter(Timeout.InfiniteTimeSpan);
        input = tls.Input;
        output = tls.Output;
        return tls;
    }

    public async ValueTask DisposeAsync()
    {
        if (tls is not null)
        {
            using var limit = new CancellationTokenSource(FarewellLimit, time);
            await tls.CloseAsync(limit.Token);
        }

        deadline.Dispose();
    }

    private async ValueTask<ReadResult> ReadAsync()
    {
        try
        {
            return await input.ReadAsync(deadline.Token);
        }
        catch (Exception exception) when (IsEnd(exception))
        {
            throw EndedBy(exception);
        }
    }

    // What a pipe throws when its other end is gone: reset and abort of Kestrel are IOExceptions or OperationCanceledExceptions.
    private static bool IsEnd(Exception exception) => exception is IOException or OperationCanceledException;

    private ConnectionEndedException EndedBy(Exception exception) =>
        new(deadline.IsCancellationRequested ? ConnectionEnd.Timeout : ConnectionEnd.Broken, exception);
}
