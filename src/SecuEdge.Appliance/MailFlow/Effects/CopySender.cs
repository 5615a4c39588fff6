using SecuEdge.Content;
using SecuEdge.Filter;
using SecuEdge.Filter.Policy;
using SecuEdge.Filter.Policy.Rules;
using SecuEdge.Smtp;
using SecuEdge.Store.MessageLog;
using SecuEdge.Store.Spool;

namespace SecuEdge.Appliance.MailFlow.Effects;

/// <summary>A copy that is on disk and not yet on its way.</summary>
internal sealed record CommittedCopy(ISpoolEntry Entry, MessageRecord Record);

/// <summary>
/// Copies that rules want, as messages of their own: the bytes as received, to the address of the rule, from the null path, so that nobody
/// ever hears of one that cannot be delivered. They are on disk before the message they copy: a crash between the two may send a copy of a
/// message that the sender then brings again, and never loses one.
/// </summary>
internal sealed class CopySender(ISpool spool, IMessageLog messageLog, MailQueue queue, References references, TimeProvider timeProvider)
{
    /// <summary>One for each address, however many recipients and rules ask for it.</summary>
    /// <param name="indexes">Recipients who get the message now.</param>
    /// <param name="besides">Effects of those who do not.</param>
    public static IReadOnlyList<RuleEffect> Wanted(MessageRecord record, IEnumerable<int> indexes, IEnumerable<RuleEffect> besides) =>
    [
        .. indexes
            .SelectMany(i => record.Recipients[i].Effects).Distinct().Order()
            .Select(i => record.Effects[i])
            .Concat(besides)
            .Where(e => e.Action is CopyAction)
            .DistinctBy(e => ((CopyAction)e.Action).To, StringComparer.OrdinalIgnoreCase),
    ];

    /// <summary>
    /// Whether a message that is kept may be copied. What is infected, could not be scanned or is in doubt no rule lets out: a copy would be a
    /// way around.
    /// </summary>
    public static bool MayLetOut(IReadOnlyList<Finding> findings) =>
        !findings.Any(f => f.Class == MessageClass.Infected || f.Action == VerdictAction.Defer || (f.Floor > VerdictAction.Deliver && f.Code != UndecidedRules.Definition.Code));

    /// <returns>The copies, and the record whose timeline names them.</returns>
    /// <exception cref="IOException">The disk cannot take one; those before it are taken back.</exception>
    public async Task<(IReadOnlyList<CommittedCopy> Copies, MessageRecord Record)> CommitAsync(
        IByteSource bytes, MessageRecord record, IReadOnlyList<RuleEffect> wanted, CancellationToken cancellationToken)
    {
        var copies = new List<CommittedCopy>();
        var events = new List<MessageEvent>();
        try
        {
            foreach (var effect in wanted)
            {
                var to = ((CopyAction)effect.Action).To;
                if (!MailPath.TryParse(to, out var path) || path.IsNull)
                {
                    events.Add(Event(MessageEventKind.RuleApplied, $"{RuleWords.By(effect)}: no copy sent, because the address is none"));
                    continue;
                }

                var copy = CopyOf(record, path, effect);
                copies.Add(new CommittedCopy(await CommitAsync(bytes, copy, cancellationToken), copy));
                events.Add(Event(MessageEventKind.RuleApplied, $"{RuleWords.By(effect)}: copy to {path} as {copy.Reference}") with { Related = copy.Reference });
            }
        }
        catch
        {
            await RevokeAsync(copies, cancellationToken);
            throw;
        }

        return (copies, record.Add(events));
    }

    /// <summary>The message is ours: its copies go.</summary>
    public void Send(IReadOnlyList<CommittedCopy> copies)
    {
        foreach (var copy in copies)
        {
            messageLog.Save(copy.Record);
            queue.Enqueue(copy.Entry, copy.Record);
        }
    }

    /// <summary>The message is not ours after all.</summary>
    public async Task RevokeAsync(IReadOnlyList<CommittedCopy> copies, CancellationToken cancellationToken)
    {
        foreach (var copy in copies)
        {
            await spool.FinishAsync(
                copy.Entry,
                copy.Record.Change([0], r => r with { State = MessageState.Dropped }).Add([Event(MessageEventKind.Dropped, "The message it copies was not accepted")]),
                cancellationToken);
        }
    }

    private async Task<ISpoolEntry> CommitAsync(IByteSource bytes, MessageRecord copy, CancellationToken cancellationToken)
    {
        await using var draft = spool.OpenDraft();
        await using (var stream = bytes.OpenRead())
        {
            var buffer = new byte[64 * 1024];
            for (int read; (read = await stream.ReadAsync(buffer, cancellationToken)) > 0;)
            {
                await draft.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            }
        }

        return await spool.CommitAsync(draft, copy, cancellationToken);
    }

    private MessageRecord CopyOf(MessageRecord record, MailPath to, RuleEffect effect) => record with
    {
        Reference = references.Next(),
        ReceivedAt = timeProvider.GetUtcNow(),
        // Out by the tenant's route, or to his own domain; with the null path never bounced.
        Direction = Direction.Outbound,
        ReversePath = "",
        IsOurs = true,
        Origin = new MessageOrigin(record.Reference, OriginKind.Copy),
        Recipients = [new RecipientRecord { Address = to.ToString(), Action = VerdictAction.Deliver, State = MessageState.Queued }],
        IsSmtpUtf8 = record.IsSmtpUtf8 || to.IsInternational,
        Effects = [],
        // They name those whom the message was for.
        Reasons = [],
        Action = VerdictAction.Deliver,
        Events = [Event(MessageEventKind.RuleApplied, $"{RuleWords.By(effect)}: copy of {record.Reference}") with { Related = record.Reference }],
    };

    private MessageEvent Event(MessageEventKind kind, string text) => new() { At = timeProvider.GetUtcNow(), Kind = kind, Text = text };
}
