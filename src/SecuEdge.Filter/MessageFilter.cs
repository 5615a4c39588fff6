using System.Globalization;
using Microsoft.Extensions.Logging;
using SecuEdge.Filter.Checks;
using SecuEdge.Filter.Policy;

namespace SecuEdge.Filter;

/// <summary>
/// Runs every check over a message: at once, each with a time limit; a failed one becomes <c>NAME_FAILED</c>; the order of the output is
/// that of the list of checks, whichever finishes first.
/// </summary>
public sealed partial class MessageFilter : IDisposable
{
    private readonly IReadOnlyList<ICheck> _checks;
    private readonly FilterOptions _options;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger<MessageFilter> _logger;
    private readonly SemaphoreSlim _places;

    public MessageFilter(IReadOnlyList<ICheck> checks, FilterOptions options, TimeProvider timeProvider, ILogger<MessageFilter> logger)
    {
        _checks = checks;
        _options = options;
        _timeProvider = timeProvider;
        _logger = logger;
        _places = new SemaphoreSlim(options.MaxParallelMessages);
        Catalogue = [.. checks.SelectMany(check => check.Findings.Append(CheckFailure.Of(check))), UndecidedRules.Definition];
        // Score table, settings and metrics are keyed by code: a second meaning of one code would silently take the first one's settings.
        if (Catalogue.GroupBy(definition => definition.Code).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new ArgumentException($"The finding {twice.Key} is declared twice.", nameof(checks));
        }
    }

    /// <summary>Everything any check can find, failures included, and what the rules themselves can: the score table.</summary>
    public IReadOnlyList<FindingDefinition> Catalogue { get; }

    /// <summary>Throws only when cancelled; trouble of a check, or no free place within the time limit, is a finding.</summary>
    public async Task<FilterReport> RunAsync(MessageFacts facts, CancellationToken cancellationToken)
    {
        var started = _timeProvider.GetTimestamp();
        if (!await EnterAsync(cancellationToken))
        {
            LogCrowded(_options.CheckTimeout.TotalSeconds);
            const string Why = "no free place in time: the gateway is overloaded";
            return Report([.. _checks.Select(check => Failed(check, Why, "timeout"))], started);
        }

        try
        {
            var running = new Task<CheckResult>[_checks.Count];
            for (var i = 0; i < running.Length; i++)
            {
                running[i] = RunOneAsync(_checks[i], facts, cancellationToken);
            }

            return Report(await Task.WhenAll(running), started);
        }
        finally
        {
            _places.Release();
        }
    }

    public void Dispose() => _places.Dispose();

    // Waiting is limited too: behind a hanging engine the line would otherwise grow past the client's patience, and each of its retries
    // would join the line again.
    private async ValueTask<bool> EnterAsync(CancellationToken cancellationToken)
    {
        if (_places.Wait(0, CancellationToken.None))
        {
            return true;
        }

        using var limit = new CancellationTokenSource(_options.CheckTimeout, _timeProvider);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await _places.WaitAsync(linked.Token);
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    // A check without an engine completes before its first await: no thread changes hands for it.
    private async Task<CheckResult> RunOneAsync(ICheck check, MessageFacts facts, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(_options.CheckTimeout, _timeProvider);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            // WaitAsync: a check that ignores its token must not hold the session either.
            return await check.RunAsync(facts, linked.Token).WaitAsync(linked.Token);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            LogTimeout(check.Name, _options.CheckTimeout.TotalSeconds, facts.Envelope.Reference);
            var seconds = _options.CheckTimeout.TotalSeconds.ToString(CultureInfo.InvariantCulture);
            return Failed(check, $"no answer within {seconds} seconds", "timeout");
        }
        catch (Exception exception)
        {
            // The second of the three places that catch everything (style guide, "Errors"): the failure is a finding of its own.
            LogFailure(check.Name, facts.Envelope.Reference, exception);
            return Failed(check, "internal error, see the log", "error");
        }
    }

    private static CheckResult Failed(ICheck check, string why, string result) =>
        new([CheckFailure.Of(check).On(why)], check.Engine is { } engine ? new EngineReport(engine, "", result, 0) : null);

    private FilterReport Report(CheckResult[] results, long started)
    {
        List<Finding> findings = [];
        List<EngineReport> engines = [];
        foreach (var result in results)
        {
            findings.AddRange(result.Findings);
            if (result.Engine is { } engine)
            {
                engines.Add(engine);
            }
        }

        return new FilterReport(Quorum.Apply(findings, engines, _options.ConvictionQuorum), engines, _timeProvider.GetElapsedTime(started));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Check {Check} gave no answer within {Seconds} s for message {Reference}")]
    private partial void LogTimeout(string check, double seconds, string reference);

    [LoggerMessage(Level = LogLevel.Error, Message = "Check {Check} failed for message {Reference}")]
    private partial void LogFailure(string check, string reference, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A message found no free place in the filter within {Seconds} s")]
    private partial void LogCrowded(double seconds);
}
