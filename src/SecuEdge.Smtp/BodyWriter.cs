using System.Buffers;

namespace SecuEdge.Smtp;

/// <summary>
/// Carries the bytes of one message to its <see cref="ISmtpBody"/> in large blocks and checks the limits on the way. Once there is a
/// reason to refuse the message nothing more is written, but the client is still read to the end (RFC 5321 §4.1.1.4 leaves no other way).
/// </summary>
internal sealed class BodyWriter(ISmtpBody body, SmtpServerOptions options) : IAsyncDisposable
{
    /// <summary>Memory of a session while a message comes in, whatever the message's size.</summary>
    private const int BufferBytes = 64 * 1024;

    private readonly byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
    private readonly HopCounter hops = new();
    private int filled;
    private long totalBytes;

    /// <summary>Why this message will not be kept; null while it may be.</summary>
    public SmtpReply? Refusal { get; private set; }

    /// <summary>What the body threw, if it did.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Room for bytes to come, behind what is there.</summary>
    public Span<byte> Free => buffer.AsSpan(filled);

    public void Refuse(SmtpReply reply) => Refusal ??= reply;

    /// <summary>Bytes were put into <see cref="Free"/>.</summary>
    public void Advance(int bytes)
    {
        totalBytes += bytes;
        if (totalBytes > options.MaxMessageBytes)
        {
            Refuse(SmtpReplies.MessageTooLarge(options.MaxMessageBytes));
        }

        if (Refusal is not null)
        {
            filled = 0;
            return;
        }

        hops.Read(buffer.AsSpan(filled, bytes));
        filled += bytes;
        if (hops.Hops > options.MaxHops)
        {
            Refuse(SmtpReplies.TooManyHops);
        }
    }

    /// <summary>Makes room for so many bytes.</summary>
    public ValueTask ReserveAsync(int bytes, CancellationToken cancellationToken) =>
        Free.Length >= bytes ? ValueTask.CompletedTask : WriteOutAsync(cancellationToken);

    /// <summary>The message has ended. The reply of the gateway, or the reason of the refusal.</summary>
    public async Task<SmtpReply> CompleteAsync(string reference, CancellationToken cancellationToken)
    {
        await WriteOutAsync(cancellationToken);
        return Refusal ?? (Failure is null ? await body.CompleteAsync(cancellationToken) : SmtpReply.LocalError(reference));
    }

    public async ValueTask DisposeAsync()
    {
        ArrayPool<byte>.Shared.Return(buffer);
        await body.DisposeAsync();
    }

    private async ValueTask WriteOutAsync(CancellationToken cancellationToken)
    {
        var block = buffer.AsMemory(0, filled);
        filled = 0;
        if (Refusal is not null || Failure is not null || block.IsEmpty)
        {
            return;
        }

        try
        {
            await body.WriteAsync(block, cancellationToken);
        }
        catch (Exception exception)
        {
            // Kept for the session, which logs it: the client must be read to the end of its message before it can be told.
            Failure = exception;
        }
    }
}
