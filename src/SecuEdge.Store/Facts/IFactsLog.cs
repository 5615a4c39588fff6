using SecuEdge.Filter.Policy.Rules;

namespace SecuEdge.Store.Facts;

/// <summary>Facts of the mail of the last days, so that rules can be tried on them. Never a body.</summary>
public interface IFactsLog
{
    /// <summary>Returns at once; none of it can fail a mail.</summary>
    /// <param name="facts">As <see cref="RecordedFacts"/> bounds them, with the verdicts.</param>
    void Note(PolicyFacts facts);

    /// <summary>Oldest first, to the second.</summary>
    /// <param name="tenants">Null = all.</param>
    IAsyncEnumerable<PolicyFacts> ReadAsync(IReadOnlySet<string>? tenants, DateTimeOffset since, DateTimeOffset until, CancellationToken cancellationToken);

    /// <summary>
    /// About how many <see cref="ReadAsync"/> would give, by what stands in front of them: those written together are counted together, so that some at
    /// the borders of the time are too many.
    /// </summary>
    /// <returns>Null when that cannot be told without reading them.</returns>
    Task<int?> CountAsync(IReadOnlySet<string>? tenants, DateTimeOffset since, DateTimeOffset until, CancellationToken cancellationToken);

    /// <summary>
    /// Forgets the days that are over for a tenant. Whole days, so that a day is written anew once for each tenant whose time is over, and not
    /// once an hour; a day nobody's time is over in is not read.
    /// </summary>
    /// <param name="before">By tenant: days that ended before this.</param>
    /// <param name="others">For tenants that are not named, because they are gone.</param>
    Task ExpireAsync(IReadOnlyDictionary<string, DateTimeOffset> before, DateTimeOffset others, CancellationToken cancellationToken);

    /// <summary>Forgets single messages of a tenant, for a person's right to be forgotten. Reads and writes all days of the tenant.</summary>
    /// <returns>How many.</returns>
    Task<int> EraseAsync(string tenant, Func<PolicyFacts, bool> isToGo, CancellationToken cancellationToken);
}
