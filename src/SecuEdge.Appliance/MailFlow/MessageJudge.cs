using SecuEdge.Cage.Examination;
using SecuEdge.Content;
using SecuEdge.Filter;
using SecuEdge.Filter.Policy;
using SecuEdge.Smtp;

namespace SecuEdge.Appliance.MailFlow;

/// <summary>
/// From bytes to verdicts: anatomy, checks, policy. One path for mail from the wire and for <c>analyze</c>, so that what an administrator
/// tries is what will happen.
/// </summary>
internal sealed partial class MessageJudge(CagedAnatomist anatomist, MessageFilter filter, TimeProvider timeProvider, ILogger<MessageJudge> logger)
{
    /// <exception cref="TimeoutException">Too many messages are being taken apart: our trouble, the client tries again.</exception>
    /// <exception cref="CageUnavailableException">No cage, or no place in it: our trouble, too.</exception>
    public Task<Judgement> JudgeAsync(Envelope envelope, TenantPolicy policy, IByteSource bytes, CancellationToken cancellationToken) =>
        JudgeAsync(envelope, policy, bytes, null, cancellationToken);

    /// <param name="disbelief">Null believes every engine that is believed anyway.</param>
    public async Task<Judgement> JudgeAsync(
        Envelope envelope, TenantPolicy policy, IByteSource bytes, Disbelief? disbelief, CancellationToken cancellationToken)
    {
        var started = timeProvider.GetTimestamp();
        var anatomy = await anatomist.ExamineAsync(bytes, policy.ArchivePasswords, cancellationToken);
        if (anatomy.Flags.HasFlag(AnatomyFlags.Failed))
        {
            // Whoever can explain it needs the sample: it is kept in quarantine under this reference.
            LogFailed(logger, envelope.Reference, anatomy.Root.Sha256, anatomy.Troubles[0]);
        }

        try
        {
            var examined = timeProvider.GetElapsedTime(started);
            var report = await filter.RunAsync(new MessageFacts(envelope, bytes, anatomy) { Disbelief = disbelief }, cancellationToken);
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

    [LoggerMessage(Level = LogLevel.Error, Message = "Message {Reference} (SHA-256 {Sha256}) could not be taken apart: {Why}")]
    private static partial void LogFailed(ILogger logger, string reference, string sha256, string why);
}

/// <summary>What was found and decided; the verdicts are in the order of the envelope's recipients. Disposing it deletes the scratch files.</summary>
internal sealed record Judgement(MessageAnatomy Anatomy, FilterReport Report, IReadOnlyList<Verdict> Verdicts, TimeSpan ExaminedIn) : IDisposable
{
    /// <summary>The verdict that speaks for the whole message.</summary>
    public Verdict Strongest => Verdicts.MaxBy(v => v.Action)!;

    public void Dispose() => Anatomy.Dispose();
}
