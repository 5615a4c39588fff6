using System.Text.RegularExpressions;
using SecuEdge.Appliance.Audit;
using SecuEdge.TestKit;

namespace SecuEdge.Appliance.Tests.Audit;

public sealed partial class AuditActionsTests
{
    /// <summary>Words of the same form that are fields or entries of an archive.</summary>
    private static readonly string[] Others = ["facts.at", "outbound.networks", "policy.profile", "settings.name", "tenant.json", "trial.end"];

    [Fact]
    public void Every_action_that_is_written_down_can_be_searched_for()
    {
        var known = AuditActions.All.Concat(Others).ToHashSet(StringComparer.Ordinal);
        var folder = Path.Combine(TestData.RepositoryRoot, "src", "SecuEdge.Appliance");
        List<string> unknown =
        [
            .. Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
                .Where(f => !f.Contains("/obj/", StringComparison.Ordinal))
                .Select(File.ReadAllText)
                .Where(s => s.Contains("Deed(", StringComparison.Ordinal) || s.Contains("RecordAsync(", StringComparison.Ordinal))
                .SelectMany(s => Literal().Matches(s).Select(m => m.Groups[1].Value))
                .Where(a => !known.Contains(a)).Distinct(),
        ];
        Assert.True(unknown.Count == 0, $"add to AuditActions: {string.Join(", ", unknown)}");
    }

    [Theory]
    [InlineData("rule.put")]
    [InlineData("RULE.put")]
    [InlineData("rule.")]
    [InlineData("rule.*")]
    public void A_known_action_and_a_known_beginning_are_taken(string word) => Assert.Null(AuditActions.Refusal(word));

    [Theory]
    [InlineData("nonsense", "rule.")]
    [InlineData("rule", "'rule.'")]
    [InlineData("rule.putt", "rule.put")]
    [InlineData("", "rule.")]
    public void Another_one_names_those_there_are(string word, string named) => Assert.Contains(named, AuditActions.Refusal(word), StringComparison.Ordinal);

    [GeneratedRegex("\"([a-z][A-Za-z-]*\\.[a-z][a-z-]*)\"")]
    private static partial Regex Literal();
}
