using System.Text.Json;
using SecuEdge.Cage.Pool;
using SecuEdge.Cage.Protocol;
using SecuEdge.Content;

namespace SecuEdge.Cage.Examination;

/// <summary>
/// Takes messages apart, each where it belongs: text, HTML and pictures at once in this process, everything with a container or document
/// in the cage.
/// <code>
/// plain in process -> done | needs the cage -> pool -> anatomy | crashed, hung or refused twice -> Failed (a finding) | unavailable -> exception (451)
/// </code>
/// </summary>
/// <param name="maxParallel">Plain messages at once: CPU and memory, which more of them at a time do not make faster. The pool has its own line.</param>
public sealed class CagedAnatomist(AnatomyBudget budget, CagePool pool, string scratchFolder, int maxParallel, TimeSpan maxWait, TimeProvider timeProvider) : IDisposable
{
    /// <summary>Above the examination's own limit, after which it comes to an end by itself: for reading and answering.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    private readonly Anatomist _anatomist = new(budget, scratchFolder, timeProvider);
    private readonly SemaphoreSlim _places = new(maxParallel);

    /// <exception cref="TimeoutException">Too much is being examined: our trouble, the client tries again.</exception>
    /// <exception cref="CageUnavailableException">There is no cage, no place in it, or no disk: our trouble too.</exception>
    public async Task<MessageAnatomy> ExamineAsync(IByteSource message, IReadOnlyList<string> passwords, CancellationToken cancellationToken)
    {
        if (!await _places.WaitAsync(maxWait, cancellationToken))
        {
            throw new TimeoutException("too many messages are being taken apart");
        }

        MessageAnatomy? plain;
        try
        {
            plain = _anatomist.ExaminePlain(message, passwords, cancellationToken);
        }
        finally
        {
            _places.Release();
        }

        return plain ?? await ExamineCagedAsync(message, passwords, cancellationToken);
    }

    public void Dispose() => _places.Dispose();

    internal async Task<MessageAnatomy> ExamineCagedAsync(IByteSource message, IReadOnlyList<string> passwords, CancellationToken cancellationToken)
    {
        var parameters = JsonSerializer.Serialize(new ExamineParameters(budget, passwords), CageJson.Default.ExamineParameters);
        var outcome = await pool.RunAsync(Jobs.ExamineJob.Word, parameters, message, budget.MaxTime + Grace, cancellationToken);
        return outcome switch
        {
            CageOutcome.Answered answer => Read(answer, message, cancellationToken),
            CageOutcome.Failed { Kind: CageFailure.Unavailable } failed => throw new CageUnavailableException(failed.Why),
            CageOutcome.Failed failed => _anatomist.Fail(message, failed.Why),
            _ => throw new InvalidOperationException($"Unknown outcome {outcome}."),
        };
    }

    private MessageAnatomy Read(CageOutcome.Answered answer, IByteSource message, CancellationToken cancellationToken)
    {
        var files = new AnatomyFiles(answer, scratchFolder);
        try
        {
            return new AnatomyReader(message, answer, files, AnatomyLimits.Of(budget, pool.MaxAnswerBytes), cancellationToken).Read(Anatomist.Root(message));
        }
        catch (InvalidDataException exception)
        {
            files.Dispose();
            return _anatomist.Fail(message, $"The cage gave an answer that cannot be: {exception.Message}.");
        }
        catch
        {
            files.Dispose();
            throw;
        }
    }
}
