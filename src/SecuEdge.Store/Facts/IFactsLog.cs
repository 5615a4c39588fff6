using SecuEdge.Filter.Policy.Rules;

namespace SecuEdge.Store.Facts;

/// <summary>Facts of the mail of the last days, so that rules can be tried on them. Never a body.</summary>
public interface IFactsLog
{
    /// <summary>Returns at once; none of it can fail a mail.</summary>
    void Note(PolicyFacts facts);

    /// <summary>Oldest first.</summary>
    /// <param name="tenants">Null = all.</param>
    IAsyncEnumerable<PolicyFacts> ReadAsync(IReadOnlySet<string>? tenants, DateTimeOffset since, DateTimeOffset until, CancellationToken cancellationToken);

    /// <summary>Forgets what is older.</summary>
    Task ExpireAsync(string tenant, DateTimeOffset before, CancellationToken cancellationToken);
}
