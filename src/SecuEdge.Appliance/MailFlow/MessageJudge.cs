using SecuEdge.Content;
using SecuEdge.Filter;
using SecuEdge.Filter.Policy;
using SecuEdge.Smtp;

namespace SecuEdge.Appliance.MailFlow;

/// <summary>
/// From bytes to verdicts: anatomy, checks, policy. One path for mail from the wire and for <c>analyze</c>, so that what an administrator
/// tries is what will happen.
/// </summary>
internal sealed class MessageJudge(Anatomist anatomist, MessageFilter filter, FilterOptions options, TimeProvider timeProvider) : IDisposable
{
    // Taking apart is CPU and memory: many large messages at once would cost both without one of them being ready sooner.
    private readonly SemaphoreSlim _examinations = new(options.MaxParallelMessages);

    public void Dispose() => _examinations.Dispose();

    /// <exception cref="TimeoutException">Too many messages are being taken apart: our trouble, the client tries again.</exception>
    public async Task<Judgement> JudgeAsync(Envelope envelope, TenantPolicy policy, IByteSource bytes, CancellationToken cancellationToken)
    {
        var started = timeProvider.GetTimestamp();
        var anatomy = await ExamineAsync(bytes, cancellationToken);
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

    private async Task<MessageAnatomy> ExamineAsync(IByteSource bytes, CancellationToken cancellationToken)
    {
        if (!await _examinations.WaitAsync(options.CheckTimeout, cancellationToken))
        {
            throw new TimeoutException("too many messages are being taken apart");
        }

        try
        {
            return anatomist.Examine(bytes, cancellationToken);
        }
        finally
        {
            _examinations.Release();
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
