using System.Net;
using System.Text;
using SecuEdge.Appliance.MailFlow;
using SecuEdge.Content;
using SecuEdge.Filter;
using SecuEdge.Filter.Policy.Rules;
using SecuEdge.Smtp;

namespace SecuEdge.Appliance.Tests.MailFlow.Effects;

/// <summary>Judgements made by hand, and the steps of the receiver after them.</summary>
internal static class EffectScene
{
    public static Verdict Verdict(params RuleEffect[] effects) => new()
    {
        Action = VerdictAction.Deliver,
        Class = MessageClass.Clean,
        Score = 0,
        DecidedBy = "NOTHING_MATCHED",
        Rules = [],
        Effects = effects,
    };

    public static Envelope Envelope(DeliveryRig rig, int recipients) => new()
    {
        Reference = rig.References.Next(),
        ConnectionId = "c1",
        Tenant = "acme",
        Direction = Direction.Inbound,
        ReversePath = new MailPath("someone", "sender.example"),
        Recipients = [.. Enumerable.Range(0, recipients).Select(i => new MailPath($"r{i}", "acme.example"))],
        ClientAddress = IPAddress.Parse("198.51.100.1"),
        ReceivedAt = rig.Time.GetUtcNow(),
    };

    public static Judgement Judge(IReadOnlyList<Verdict> verdicts, string body) => Judge(verdicts, Encoding.Latin1.GetBytes(body));

    public static Judgement Judge(IReadOnlyList<Verdict> verdicts, byte[] body)
    {
        var facts = new PolicyFacts { Reference = "", At = default, Tenant = "acme", Direction = Direction.Inbound };
        return new Judgement(Rewrite.Examine(body), new FilterReport([], [], TimeSpan.Zero), facts, verdicts, TimeSpan.Zero);
    }

    /// <summary>What the receiver does with a judged message that it takes.</summary>
    public static async Task<string> AcceptAsync(DeliveryRig rig, IReadOnlyList<Verdict> verdicts, string body)
    {
        var envelope = Envelope(rig, verdicts.Count);
        using var judgement = Judge(verdicts, body);
        var story = new MessageStory(envelope, judgement, body.Length, TimeSpan.Zero, rig.Time);
        var record = story.Accepted("T: t\r\n", _ => TimeSpan.FromMinutes(5));
        await using var draft = rig.Spool.OpenDraft();
        await draft.WriteAsync(Encoding.Latin1.GetBytes(body), rig.Token);
        var (entry, kept, notices) = await rig.Actions.CommitAsync(draft, record, judgement, rig.Actions.Notices(envelope, judgement), rig.Token);
        if (entry is not null)
        {
            rig.Queue.Enqueue(entry, kept);
        }
        else
        {
            rig.Log.Save(kept);
        }

        rig.Actions.Send(notices);
        return envelope.Reference;
    }
}
