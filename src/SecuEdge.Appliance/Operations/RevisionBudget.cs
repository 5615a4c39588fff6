using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Settings;

namespace SecuEdge.Appliance.Operations;

/// <summary>
/// How many bytes of revisions one part of the tree writes in a day. Each revision keeps whole documents and the journal keeps so much in all: without
/// a limit, one customer's script pushes everybody's history out of it, or the traces of what it changed before. The provider has none.
/// </summary>
/// <remarks>Counted in memory: nobody who is bound by it can start the appliance again.</remarks>
internal sealed class RevisionBudget(TimeProvider timeProvider, long bytesPerDay = RevisionBudget.UsualBytes)
{
    /// <summary>128 MB: the largest tenant changed every quarter of an hour of a long day, or 10,000 changes of ordinary ones; an eighth of the journal.</summary>
    public const long UsualBytes = 128L << 20;

    private readonly Dictionary<string, long> _spent = new(StringComparer.OrdinalIgnoreCase);
    private DateOnly _day;

    /// <param name="writes">By the node below the provider that it counts for.</param>
    /// <remarks>Asked while nobody else changes anything.</remarks>
    /// <returns>Null when the change may be written, and is counted.</returns>
    public OperationProblem? Spend(Caller caller, SiteDirectory site, IEnumerable<(string Top, long Bytes)> writes)
    {
        if (caller.May(Permission.TenantsManage, Tenant.Root, site))
        {
            return null;
        }

        var today = DateOnly.FromDateTime(timeProvider.GetUtcNow().UtcDateTime);
        if (today != _day)
        {
            _day = today;
            _spent.Clear();
        }

        List<(string Top, long Bytes)> wanted = [.. writes.GroupBy(w => w.Top, w => w.Bytes, StringComparer.OrdinalIgnoreCase).Select(g => (g.Key, g.Sum()))];
        foreach (var (top, bytes) in wanted)
        {
            if (_spent.GetValueOrDefault(top) + bytes > bytesPerDay)
            {
                return new OperationProblem(
                    OperationFailure.TooMany,
                    $"'{top}' and what is below it changed {_spent.GetValueOrDefault(top) >> 20} MB of settings today (UTC), and a day takes {bytesPerDay >> 20} MB; go on tomorrow, or ask the provider");
            }
        }

        wanted.ForEach(w => _spent[w.Top] = _spent.GetValueOrDefault(w.Top) + w.Bytes);
        return null;
    }
}
