using SecuEdge.Appliance.Backtest;
using SecuEdge.Appliance.Convictions;
using SecuEdge.Content;
using SecuEdge.Filter;
using SecuEdge.Filter.Outbreak;
using SecuEdge.Filter.Scanners;
using SecuEdge.Store.Attachments;
using SecuEdge.Store.MessageLog;

namespace SecuEdge.Appliance.MailFlow;

/// <summary>
/// What is remembered of each message beyond its own story, once it is judged: risky files for the next outbreak, hashes of attachments for
/// later convictions, convictions for the breaker, facts for back-tests. All of it returns at once; none of it can fail a mail.
/// </summary>
internal sealed class Recollection(IRiskyFiles riskyFiles, IAttachmentLog attachments, ConvictionGuard guard, ConvictionWatch watch, FactsNotes facts)
{
    // A message with a thousand files is an archive of something; the first ones lead to it as well as all of them.
    private const int MaxAttachments = 1000;

    /// <summary>Ours from now on. What it carries was seen, unless an engine convicted it or nobody gets it.</summary>
    public void Accepted(MessageRecord record, Judgement judgement)
    {
        Judged(record, judgement);
        facts.Accepted(judgement);
        var convicted = Convicted(judgement);
        HashSet<UInt128> keys = [];
        // What goes into quarantine meets no recipient and no later signature: a stranger must not make his file known with it.
        var isSeen = judgement.Strongest.Action <= VerdictAction.Hold;
        foreach (var part in isSeen ? RiskyContent.Of(judgement.Anatomy) : [])
        {
            if (convicted.Contains(part.Sha256))
            {
                continue;
            }

            keys.Add(RiskyContent.KeyOf(part.Sha256));
            if (RiskyContent.PatternOf(part) is { } pattern)
            {
                keys.Add(pattern);
            }
        }

        // Once a message, however often it contains the file.
        foreach (var key in keys)
        {
            riskyFiles.See(key);
        }

        foreach (var sha256 in judgement.Anatomy.AllParts().Where(IsAttachment).Select(p => p.Sha256).Distinct().Take(MaxAttachments))
        {
            attachments.Note(sha256, record.Reference, record.ReceivedAt);
        }
    }

    /// <summary>Not ours: its files were not seen here, but what was convicted is convicted.</summary>
    public void Refused(MessageRecord record, Judgement judgement)
    {
        Judged(record, judgement);
        facts.Judged(judgement);
    }

    /// <summary>Accepted earlier, and convicted while it was held.</summary>
    public void ConvictedLater(MessageRecord record, Judgement judgement)
    {
        foreach (var sha256 in Convicted(judgement))
        {
            riskyFiles.Forget(RiskyContent.KeyOf(sha256));
        }

        watch.Note(record);
    }

    /// <summary>Accepted earlier, and only now on its way.</summary>
    public void Released(Judgement judgement) => facts.Released(judgement);

    private void Judged(MessageRecord record, Judgement judgement)
    {
        guard.CountMessage();
        ConvictedLater(record, judgement);
    }

    private static HashSet<string> Convicted(Judgement judgement) =>
        [.. judgement.Report.Engines.SelectMany(e => e.Convictions).Where(c => c.Sha256.Length > 0).Select(c => c.Sha256)];

    private static bool IsAttachment(MessagePart part) =>
        part.Sha256.Length == 64 && (part.Kind is PartKind.Attachment or PartKind.Entry
            || (part.Kind == PartKind.Body && part.DetectedType is not ("text/plain" or "text/html")));
}
