using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Logging;
using SecuEdge.Filter.Checks;

namespace SecuEdge.Filter;

/// <summary>Limits of judging one message.</summary>
public sealed class FilterOptions
{
    /// <summary>Time of one check. The client waits for the reply to DATA meanwhile (RFC 5321 §4.5.3.2.6 gives us 10 minutes).</summary>
    public TimeSpan CheckTimeout { get; set; } = TimeSpan.FromSeconds(70);

    /// <summary>Messages judged at once; more wait in line. Two per core keep an engine busy without queueing inside it.</summary>
    [Range(1, 1024)]
    public int MaxParallelMessages { get; set; } = Math.Max(4, Environment.ProcessorCount * 2);
}

/// <summary>Runs every check over a message: at once, each with a time limit; a failed one becomes <c>NAME_FAILED</c>; the order of the output is fixed.</summary>
public sealed class MessageFilter(IReadOnlyList<ICheck> checks, FilterOptions options, TimeProvider timeProvider, ILogger<MessageFilter> logger)
{
    /// <summary>Everything any check can find, failures included: the score table.</summary>
    public IReadOnlyList<FindingDefinition> Catalogue { get; } = [];

    public Task<FilterReport> RunAsync(MessageFacts facts, CancellationToken cancellationToken) =>
        throw new NotImplementedException($"{checks} {options} {timeProvider} {logger} {facts} {cancellationToken}");
}
