using SecuEdge.Cage.Examination;
using SecuEdge.Content;
using SecuEdge.Filter;
using SecuEdge.Filter.Policy;
using SecuEdge.Filter.Policy.Rules;
using SecuEdge.Smtp;

namespace SecuEdge.Appliance.MailFlow;

/// <summary>
/// From bytes to verdicts: anatomy, checks, policy. One path for mail from the wire and for <c>analyze</c>, so that what an administrator
/// tries is what will happen.
/// </summary>
internal sealed partial class MessageJudge(CagedAnatomist anatomist, MessageFilter filter, FactsReader reader, TimeProvider timeProvider, ILogger<MessageJudge> logger)
{
    /// <param name="policyOf">The policy for one recipient; for <see cref="Envelope.ReversePath"/>, that of the sender of outbound mail.</param>
    /// <exception cref="TimeoutException">Too many messages are being taken apart: our trouble, the client tries again.</exception>
    /// <exception cref="CageUnavailableException">No cage, or no place in it: our trouble, too.</exception>
    public Task<Judgement> JudgeAsync(Envelope envelope, Func<MailPath, TenantPolicy> policyOf, IByteSource bytes, CancellationToken cancellationToken) =>
        JudgeAsync(envelope, policyOf, bytes, new EarlierKnowledge(), cancellationToken);

    /// <param name="earlier">Of a message that was judged before.</param>
    public async Task<Judgement> JudgeAsync(
        Envelope envelope, Func<MailPath, TenantPolicy> policyOf, IByteSource bytes, EarlierKnowledge earlier, CancellationToken cancellationToken)
    {
        var started = timeProvider.GetTimestamp();
        // Outbound, the company's own user is the one with a policy; inbound, each recipient is.
        IReadOnlyList<MailPath> owners = envelope.Direction == Direction.Inbound ? envelope.Recipients : [envelope.ReversePath];
        List<TenantPolicy> policies = [.. owners.Select(policyOf)];
        List<string> passwords = [.. policies.Distinct().SelectMany(p => p.ArchivePasswords).Distinct()];
        var anatomy = await anatomist.ExamineAsync(bytes, passwords, cancellationToken);
        if (anatomy.Flags.HasFlag(AnatomyFlags.Failed))
        {
            // Whoever can explain it needs the sample: it is kept in quarantine under this reference.
            LogFailed(logger, envelope.Reference, anatomy.Root.Sha256, anatomy.Troubles[0]);
        }

        try
        {
            var examined = timeProvider.GetElapsedTime(started);
            var message = new MessageFacts(envelope, bytes, anatomy) { Disbelief = earlier.Disbelief, IsFirstContact = earlier.IsFirstContact };
            var report = await filter.RunAsync(message, cancellationToken);
            var facts = reader.Read(message, report);
            var memory = new MessageMemory();
            List<Verdict> verdicts = [.. envelope.Recipients.Select((r, i) => Policy.Decide(facts, policies[Math.Min(i, policies.Count - 1)], r, memory))];
            return new Judgement(anatomy, report, facts, verdicts, examined);
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

/// <summary>What is known of a message that is judged again.</summary>
internal sealed record EarlierKnowledge
{
    /// <inheritdoc cref="MessageFacts.Disbelief"/>
    public Disbelief? Disbelief { get; init; }

    /// <inheritdoc cref="MessageFacts.IsFirstContact"/>
    public bool? IsFirstContact { get; init; }
}

/// <summary>What was found and decided; the verdicts are in the order of the envelope's recipients. Disposing it deletes the scratch files.</summary>
internal sealed record Judgement(MessageAnatomy Anatomy, FilterReport Report, PolicyFacts Facts, IReadOnlyList<Verdict> Verdicts, TimeSpan ExaminedIn) : IDisposable
{
    /// <summary>The verdict that speaks for the whole message.</summary>
    public Verdict Strongest => Verdicts.MaxBy(v => v.Action)!;

    /// <summary>Why rules and thresholds decided so. Sentences are made of the message, which must not be disposed before they are asked for.</summary>
    public IReadOnlyList<RuleReason> Reasons => field ??= JudgedReasons.Of(Facts.Recipients, Verdicts);

    /// <summary>What checks found, and what rules could not decide for anybody.</summary>
    public IReadOnlyList<Finding> Findings => [.. Report.Findings, .. Verdicts.Select(v => v.Undecided).OfType<Finding>().Distinct()];

    public void Dispose() => Anatomy.Dispose();
}
