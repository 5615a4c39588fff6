using SecuEdge.Appliance.Settings;
using SecuEdge.Filter.Policy.Rules;

namespace SecuEdge.Appliance.Tests.Settings;

/// <summary>Limits that came later than what is stored: it is loaded, and only what grows beyond them is refused.</summary>
public sealed class RuleGrowthTests
{
    [Theory]
    [InlineData(11, 12, true)]
    [InlineData(10, 11, true)]
    [InlineData(12, 11, false)]
    [InlineData(9, 10, false)]
    public void Only_a_change_that_adds_addresses_beyond_the_limit_is_refused(int groupsBefore, int groupsAfter, bool isRefused)
    {
        var (before, loading) = SiteValidation.TryCompile(SiteOf(groupsBefore), null);
        Assert.Empty(loading);

        var (_, errors) = SiteValidation.TryCompile(SiteOf(groupsAfter), before);

        Assert.Equal(isRefused, errors.Any(e => e.Contains("groups: 1", StringComparison.Ordinal) && e.Contains("are more than the 100000 that one node may have", StringComparison.Ordinal)));
        Assert.Equal(isRefused, errors.Count > 0);
    }

    private static Site SiteOf(int groups) => new()
    {
        Tenants = [new Tenant { Name = "acme", Groups = [.. Enumerable.Range(0, groups).Select(g => new Group { Name = $"g{g}", Members = [.. Enumerable.Range(0, 10_000).Select(i => $"{i}@a{g}.x")] })] }],
    };
}
