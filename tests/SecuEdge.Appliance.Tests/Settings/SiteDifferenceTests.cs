using System.Text.Json.Nodes;
using SecuEdge.Appliance.Settings;

namespace SecuEdge.Appliance.Tests.Settings;

public sealed class SiteDifferenceTests
{
    [Fact]
    public void A_change_is_told_as_data_with_whole_values()
    {
        var reason = new string('x', 5000);
        var changes = Between(
            """{"rules":[{"name":"six","reason":"LONG","when":{"addresses":["a@x.example"]}}]}""".Replace("LONG", reason, StringComparison.Ordinal),
            """{"rules":[{"name":"six","when":{"addresses":["b@x.example"]}},{"name":"seven","priority":5}]}""");
        Assert.Equal(
            [
                (SettingChangeKind.Removed, "t.rules[six].reason"), (SettingChangeKind.Removed, "t.rules[six].when.addresses[\"a@x.example\"]"),
                (SettingChangeKind.Added, "t.rules[six].when.addresses[\"b@x.example\"]"), (SettingChangeKind.Added, "t.rules[seven]"),
            ],
            changes.Select(c => (c.Kind, c.Path)));
        Assert.Equal((reason, false), ((string?)changes[0].Before, changes[0].IsCut));
        Assert.Equal(5, (int?)changes[3].After!["priority"]);
        Assert.Equal("- t.rules[six].when.addresses[\"a@x.example\"]: \"a@x.example\"", SiteDifference.Lines(changes)[1]);
    }

    [Fact]
    public void Another_order_is_told_with_both()
    {
        var change = Assert.Single(Between("""{"l":[{"name":"a"},{"name":"b"}]}""", """{"l":[{"name":"b"},{"name":"a"}]}"""));
        Assert.Equal((SettingChangeKind.Reordered, """["a","b"]""", """["b","a"]"""), (change.Kind, change.Before!.ToJsonString(), change.After!.ToJsonString()));
    }

    [Theory]
    [InlineData("""{"policy":{"archivePasswords":["geheim-1"]}}""", """{"policy":{"archivePasswords":["geheim-2"]}}""")]
    [InlineData("""{"policy":{"archivePasswords":null}}""", """{"policy":{"archivePasswords":["geheim-2"]}}""")]
    [InlineData("{}", """{"policy":{"archivePasswords":["geheim-2"]}}""")]
    [InlineData("""{"list":[]}""", """{"list":[{"name":"a","deep":{"clientSecret":"geheim-2"}}]}""")]
    public void Passwords_and_secrets_are_hidden_wherever_they_change(string before, string after)
    {
        var changes = Between(before, after);
        var text = string.Join('\n', SiteDifference.Lines(changes).Concat(changes.Select(c => $"{c.Before?.ToJsonString()} {c.After?.ToJsonString()}")));
        Assert.NotEmpty(changes);
        Assert.DoesNotContain("geheim", text, StringComparison.Ordinal);
        Assert.Contains("(hidden)", text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_too_long_is_cut_and_says_so()
    {
        var changes = SiteDifference.Bounded(Between("{}", $$"""{"short":"a","long":"{{new string('x', 100_000)}}"}"""));
        Assert.Equal([false, true], changes.Select(c => c.IsCut));
        Assert.InRange(((string)changes[1].After!).Length, 1000, 20_000);

        var many = SiteDifference.Bounded(Between("{}", "{" + string.Join(',', Enumerable.Range(0, 100).Select(i => $"\"p{i}\":\"{new string('x', 60_000)}\"")) + "}"));
        Assert.InRange(many.Sum(c => c.After!.ToJsonString().Length), 1 << 20, 5 << 20);
        Assert.True(many[^1].IsCut);
    }

    private static IReadOnlyList<SettingChange> Between(string before, string after) => SiteDifference.Changes("t", JsonNode.Parse(before), JsonNode.Parse(after));
}
