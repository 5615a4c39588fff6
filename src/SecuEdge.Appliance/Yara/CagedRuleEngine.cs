using SecuEdge.Cage.Pool;
using SecuEdge.Filter.Scanners;
using SecuEdge.Filter.Scanners.Yara;

namespace SecuEdge.Appliance.Yara;

/// <summary>The rules in force, matched in the cage.</summary>
internal sealed class CagedRuleEngine(RuleBook book, RuleCage cage, YaraOptions options) : IRuleEngine
{
    public ScannerStatus Status => book.Status;

    public async Task<RuleScan> ScanAsync(ScanTarget target, CancellationToken cancellationToken)
    {
        if (book.Current is not { } set)
        {
            return new RuleScan.Failed(book.Status.Trouble);
        }

        try
        {
            var (answer, failed) = await cage.ScanAsync(
                set, target.Bytes, target.Part?.FileName ?? "", target.Part?.DetectedType ?? "message/rfc822", options.ScanTimeout, cancellationToken);
            return failed is not null ? new RuleScan.Failed(Why(failed), failed.Kind == CageFailure.TimedOut)
                : answer!.Trouble.Length > 0 ? new RuleScan.Failed(answer.Trouble, answer.IsTimeout) // one of the two is there
                : new RuleScan.Done([.. answer.Matches.Select(set.MeaningOf).OfType<RuleMatch>()], answer.IsCut);
        }
        catch (IOException exception)
        {
            return new RuleScan.Failed($"the part could not be handed to the cage: {exception.Message}");
        }
    }

    private static string Why(CageOutcome.Failed failed) => failed.Kind switch
    {
        CageFailure.Crashed => $"the rules or the part crashed the cage: {failed.Why}",
        CageFailure.TimedOut => $"the rules did not finish: {failed.Why}",
        CageFailure.Refused or CageFailure.Unavailable => failed.Why,
        _ => throw new InvalidOperationException($"There is no failure {failed.Kind}."),
    };
}
