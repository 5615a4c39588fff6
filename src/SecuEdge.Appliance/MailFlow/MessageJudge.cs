using SecuEdge.Content;
using SecuEdge.Filter;
using SecuEdge.Filter.Policy;
using SecuEdge.Smtp;

namespace SecuEdge.Appliance.MailFlow;

/// <summary>
/// From bytes to verdicts: anatomy, checks, policy. One path for mail from the wire and for <c>analyze</c>, so that what an administrator
/// tries is what will happen.
/// </summary>
internal sealed class MessageJudge(Anatomist anatomist, MessageFilter filter, TimeProvider timeProvider)
{
    public async Task<Judgement> JudgeAsync(Envelope envelope, TenantPolicy policy, IByteSource bytes, CancellationToken cancellationToken)
    {
        var started = timeProvider.GetTimestamp();
        var anatomy = anatomist.Examine(bytes, cancellationToken);
        try
        {
            var examined = timeProvider.GetElapsedTime(started);
            var report = await filter.RunAsync(new MessageFacts(envelope, bytes, anatomy), cancellationToken);
            var verdicts = new List<Verdict>(envelope.Recipients.Count);
            foreach (var recipient in envelope.Recipients)
            {
                verdicts.Add(Policy.Decide(report.Findings, policy, envelope.Direction, recipient));
            }

            return new Judgement(anatomy, report, verdicts, examined);
        }
        catch
        {
            anatomy.Dispose();
            throw;
        }
    }
}

/// <summary>What was found and decided; the verdicts are in the order of the envelope's recipients. Disposing it deletes the scratch files.</summary>
internal sealed record Judgement(MessageAnatomy Anatomy, FilterReport Report, IReadOnlyList<Verdict> Verdicts, TimeSpan ExaminedIn) : IDisposable
{
    /// <summary>The verdict that speaks for the whole message.</summary>
    public Verdict Strongest => Verdicts.MaxBy(v => v.Action)!;

    public void Dispose() => Anatomy.Dispose();
}
