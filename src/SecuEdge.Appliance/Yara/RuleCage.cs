using System.Text.Json;
using SecuEdge.Cage.Pool;
using SecuEdge.Cage.Yara;
using SecuEdge.Content;

namespace SecuEdge.Appliance.Yara;

/// <summary>How a job is run behind bars: <see cref="CagePool.RunAsync"/>, or something that answers like it.</summary>
internal delegate Task<CageOutcome> CageCall(string kind, string parameters, IByteSource bytes, TimeSpan limit, CancellationToken cancellationToken);

/// <summary>
/// Compiles and scans in the cage. A set is compiled by a worker that never saw mail, since all others load what it makes. Workers keep the sets they were sent; one that lacks the set says so, and is asked again with it.
/// </summary>
/// <param name="alone">Runs a job in a worker of its own, such as <see cref="CagePool.RunAloneAsync"/>.</param>
internal sealed class RuleCage(CageCall cage, CageCall alone, string scratchFolder)
{
    /// <summary>Ten thousand rules compile in some seconds.</summary>
    private static readonly TimeSpan CompileLimit = TimeSpan.FromMinutes(1);

    /// <summary>What libyara's own clock and the way there and back may add to the scan's time.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    /// <summary>Rules and part together in memory up to this, in a file above: it is the first question to a new worker only.</summary>
    private const long MaxJoinedInMemory = 4 * 1024 * 1024;

    /// <summary>The answer, and with no error in it the compiled set; or what failed.</summary>
    public async Task<(CompiledRules? Answer, byte[] Compiled, CageOutcome.Failed? Failed)> CompileAsync(
        IReadOnlyList<RuleFile> files, CancellationToken cancellationToken)
    {
        IReadOnlyList<RuleSource> sources = [.. files.Select(file => new RuleSource(file.Key, file.Text))];
        var bytes = JsonSerializer.SerializeToUtf8Bytes(sources, RuleJson.Default.IReadOnlyListRuleSource);
        var outcome = await alone("compile-rules", "{}", new MemoryBytes(bytes), CompileLimit, cancellationToken);
        if (outcome is not CageOutcome.Answered answered)
        {
            return (null, [], (CageOutcome.Failed)outcome);
        }

        using (answered)
        {
            var answer = Parse(answered.Body, RuleJson.Default.CompiledRules);
            if (answer is null || (answer.Trouble.Length == 0 && answer.Errors.Count == 0 && answered.Attachments.Count != 1))
            {
                return (null, [], new CageOutcome.Failed(CageFailure.Refused, "the cage's answer cannot be understood"));
            }

            return answer.Trouble.Length > 0 ? (null, [], new CageOutcome.Failed(CageFailure.Unavailable, answer.Trouble))
                : answer.Errors.Count > 0 ? (answer, [], null)
                : (answer, await ReadAsync(answered.Attachments[0].Bytes, cancellationToken), null);
        }
    }

    /// <summary>The answer, or what failed.</summary>
    public async Task<(RuleScanAnswer? Answer, CageOutcome.Failed? Failed)> ScanAsync(
        RuleSetInForce set, IByteSource part, string fileName, string fileType, TimeSpan limit, CancellationToken cancellationToken)
    {
        var question = new RuleScanQuestion(set.Version, 0, fileName, fileType, (int)Math.Ceiling(limit.TotalSeconds));
        var (answer, failed) = await AskAsync(question, part, limit, cancellationToken);
        if (answer is not { NeedsRules: true })
        {
            return (answer, failed);
        }

        using var joined = await JoinedBytes.CreateAsync(set.Compiled, part, MaxJoinedInMemory, scratchFolder, cancellationToken);
        (answer, failed) = await AskAsync(question with { RuleBytes = set.Compiled.Length }, joined.Source, limit, cancellationToken);
        return answer is { NeedsRules: true } ? (null, new CageOutcome.Failed(CageFailure.Refused, "the cage does not take the rules")) : (answer, failed);
    }

    private async Task<(RuleScanAnswer?, CageOutcome.Failed?)> AskAsync(RuleScanQuestion question, IByteSource bytes, TimeSpan limit, CancellationToken cancellationToken)
    {
        var parameters = JsonSerializer.Serialize(question, RuleJson.Default.RuleScanQuestion);
        var outcome = await cage("scan-rules", parameters, bytes, limit + Grace, cancellationToken);
        if (outcome is not CageOutcome.Answered answered)
        {
            return (null, (CageOutcome.Failed)outcome);
        }

        using (answered)
        {
            return Parse(answered.Body, RuleJson.Default.RuleScanAnswer) is { } answer
                ? (answer, null)
                : (null, new CageOutcome.Failed(CageFailure.Refused, "the cage's answer cannot be understood"));
        }
    }

    private static T? Parse<T>(string body, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(body, type);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static async Task<byte[]> ReadAsync(IByteSource source, CancellationToken cancellationToken)
    {
        using var bytes = new MemoryStream();
        await using var stream = source.OpenRead();
        await stream.CopyToAsync(bytes, cancellationToken);
        return bytes.ToArray();
    }
}
