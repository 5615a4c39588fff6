using SecuEdge.Filter.Policy.Rules;
using SecuEdge.Store.Facts;
using SecuEdge.Store.MessageLog;

namespace SecuEdge.Appliance.Backtest;

/// <summary>Finds what was kept of one message.</summary>
internal static class KeptFacts
{
    /// <returns>Null when nothing was kept, or no longer is.</returns>
    public static async Task<PolicyFacts?> FindAsync(this IFactsLog log, MessageRecord record, CancellationToken cancellationToken)
    {
        // The log is read to the second.
        var (since, until) = (record.ReceivedAt.AddSeconds(-2), record.ReceivedAt.AddSeconds(2));
        await foreach (var facts in log.ReadAsync(new HashSet<string>([record.Tenant], StringComparer.OrdinalIgnoreCase), since, until, cancellationToken))
        {
            if (facts.Reference == record.Reference)
            {
                return facts;
            }
        }

        return null;
    }
}
