using System.Buffers;

namespace SecuEdge.Smtp.Commands;

/// <summary>DATA (RFC 5321 §4.1.1.4): the message streams to the gateway while it comes in.</summary>
internal sealed class DataCommand : SmtpCommand
{
    /// <summary>Input handled at once, so that its output always fits behind a half-filled buffer.</summary>
    private const int MaxSliceBytes = 8 * 1024;

    public override SmtpStage Stage => SmtpStage.Data;

    public override async Task<SmtpReply?> RunAsync(SmtpSession session, string argument, CancellationToken cancellationToken)
    {
        if (argument.Length > 0)
        {
            return session.Refuse(Stage, SmtpReplies.NoArgumentAllowed);
        }

        var transaction = session.Transaction!; // Legal only inside one.
        try
        {
            if (await session.Transactions.DataAsync(transaction, cancellationToken) is { } refusal)
            {
                return refusal;
            }

            await using var body = new BodyWriter(session.Transactions.OpenBody(transaction), session.Options);
            await session.SayNowAsync(SmtpReplies.StartData);
            await ReceiveAsync(session, body, cancellationToken);
            return await session.EndMessageAsync(body, cancellationToken);
        }
        finally
        {
            // The reply to DATA ends the transaction, whichever it is.
            session.Transaction = null;
        }
    }

    private static async Task ReceiveAsync(SmtpSession session, BodyWriter body, CancellationToken cancellationToken)
    {
        var time = session.Listener.Time;
        var options = session.Options;
        var reader = new DataReader();
        var begin = time.GetTimestamp();
        while (!reader.IsAtEnd)
        {
            var left = options.DataTimeout - time.GetElapsedTime(begin);
            var block = await session.Wire.ReadBlockAsync(left < options.DataBlockTimeout ? left : options.DataBlockTimeout);
            var consumed = 0L;
            var position = block.Start;
            while (!reader.IsAtEnd && block.TryGet(ref position, out var segment))
            {
                consumed += await ReadSegmentAsync(reader, segment, body, cancellationToken);
            }

            session.Wire.AdvanceTo(block.GetPosition(consumed));
            if (reader.HasBareLineEnding && options.BareLineEndings == BareLineEndings.Reject)
            {
                body.Refuse(SmtpReplies.BareLineEnding);
            }
        }
    }

    private static async ValueTask<int> ReadSegmentAsync(
        DataReader reader, ReadOnlyMemory<byte> segment, BodyWriter body, CancellationToken cancellationToken)
    {
        var consumed = 0;
        while (consumed < segment.Length && !reader.IsAtEnd)
        {
            var slice = segment.Slice(consumed, Math.Min(MaxSliceBytes, segment.Length - consumed));
            await body.ReserveAsync(DataReader.MaxOutput(slice.Length), cancellationToken);
            consumed += reader.Read(slice.Span, body.Free, out var written);
            body.Advance(written);
        }

        return consumed;
    }
}
