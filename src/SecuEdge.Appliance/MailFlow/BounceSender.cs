using SecuEdge.Filter;
using SecuEdge.Smtp;
using SecuEdge.Store.MessageLog;
using SecuEdge.Store.Spool;

namespace SecuEdge.Appliance.MailFlow;

/// <summary>Puts a delivery report into the spool as a message of its own, which then goes the way of any mail.</summary>
internal sealed class BounceSender(ISpool spool, IMessageLog messageLog, MailQueue queue, References references, SmtpClientOptions identity, TimeProvider timeProvider)
{
    /// <returns>The reference of the report. It is durable; a crash before the failed message is settled makes a second one.</returns>
    public async Task<string> SendAsync(ISpoolEntry failed, MessageRecord record, IReadOnlyList<DeliveryFailure> failures, CancellationToken cancellationToken)
    {
        var now = timeProvider.GetUtcNow();
        var reference = references.Next();
        var bounce = new Bounce(reference, identity.Hostname, now, record, failures, await ReadHeaderAsync(failed, cancellationToken));
        await using var draft = spool.OpenDraft();
        await draft.WriteAsync(BounceWriter.Write(bounce), cancellationToken);
        var report = new MessageRecord
        {
            Reference = reference,
            ReceivedAt = now,
            // The way of the failed message's answer: to the tenant's own domain, or out by the tenant's route.
            Direction = Direction.Outbound,
            Tenant = record.Tenant,
            ConnectionId = "",
            ClientAddress = "",
            ReversePath = "",
            Recipients = [new RecipientRecord { Address = record.ReversePath, Action = VerdictAction.Deliver, State = MessageState.Queued }],
            HeaderFrom = bounce.From,
            Subject = BounceWriter.Subject,
            MessageId = bounce.MessageId,
            SizeBytes = draft.Bytes.Length,
            IsSmtpUtf8 = !System.Text.Ascii.IsValid(record.ReversePath),
            Is8Bit = !System.Text.Ascii.IsValid(record.ReversePath),
            IsAutomatic = true,
            Origin = new MessageOrigin(record.Reference, OriginKind.Report),
            Events =
            [
                new MessageEvent { At = now, Kind = MessageEventKind.Accepted, Text = $"Delivery report made here about message {record.Reference}", Related = record.Reference },
            ],
        };
        var entry = await spool.CommitAsync(draft, report, cancellationToken);
        messageLog.Save(report);
        queue.Enqueue(entry, report);
        return reference;
    }

    private static async Task<byte[]> ReadHeaderAsync(ISpoolEntry failed, CancellationToken cancellationToken)
    {
        try
        {
            return await BounceWriter.ReadHeaderAsync(failed.Bytes, cancellationToken);
        }
        catch (DamagedMessageException)
        {
            // The report says what its record knows; without it the sender would hear nothing at all.
            return "Subject: (the header of the message is not available any more)\r\n"u8.ToArray();
        }
    }
}
