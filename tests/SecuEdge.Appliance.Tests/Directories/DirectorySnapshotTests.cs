using System.Diagnostics;
using SecuEdge.Appliance.Directories;

namespace SecuEdge.Appliance.Tests.Directories;

public sealed class DirectorySnapshotTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 9, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Members_of_groups_in_groups_are_members()
    {
        var snapshot = Snapshot([Person("eva")], [Group("all", "g:staff"), Group("staff", "g:accounting"), Group("accounting", "p:eva"), Group("others")]);
        Assert.Equal(["accounting", "all", "staff"], GroupsOf(snapshot, "eva@corp.example"));
        Assert.Equal([("accounting", 1), ("all", 1), ("others", 0), ("staff", 1)], snapshot.Groups.Select(g => (g.Name, g.Members)));
    }

    [Fact]
    public void Groups_that_contain_each_other_end()
    {
        var snapshot = Snapshot([Person("eva")], [Group("a", "g:b", "p:eva"), Group("b", "g:c"), Group("c", "g:a", "g:c")]);
        Assert.Equal(["a", "b", "c"], GroupsOf(snapshot, "eva@corp.example"));
    }

    [Fact]
    public void Aliases_are_known_and_count_as_one_mailbox()
    {
        var snapshot = Snapshot([new("p:eva", "", ["eva@corp.example", "eva.meier@corp.example", "eva@other.example"], true), new("g:list", "", ["list@corp.example"], false)], [Group("list", "p:eva")]);
        Assert.True(snapshot.Knows("EVA.Meier@corp.example"));
        Assert.False(snapshot.Knows("adam@corp.example"));
        Assert.Equal((1, 0), (snapshot.MailboxesIn("corp.example"), snapshot.MailboxesIn("other.example")));
        Assert.Equal(["list"], GroupsOf(snapshot, "list@corp.example"));
    }

    [Fact]
    public void Short_names_are_members_too() =>
        Assert.Equal(["unix"], GroupsOf(Snapshot([new("p:eva", "eva", ["eva@corp.example"], true)], [new("g:unix", "unix", ["eva"])]), "eva@corp.example"));

    [Fact]
    public void What_is_written_is_read_again()
    {
        var before = Snapshot([Person("eva"), Person("adam")], [Group("staff", "p:eva")]);
        var after = DirectorySnapshot.Parse(before.Write())!;
        Assert.Equal((2, Now, 0), (after.EntryCount, after.ReadAt, after.Added(before)));
        Assert.Equal(["staff"], GroupsOf(after, "eva@corp.example"));
        Assert.Empty(after.GroupsOf("adam@corp.example"));
    }

    [Theory]
    [InlineData(10, 5, 0, false)]
    [InlineData(10, 4, 0, true)]
    [InlineData(10, 5, 50, false)]
    [InlineData(10, 0, 10, true)]
    [InlineData(0, 0, 0, false)]
    [InlineData(1, 0, 0, true)]
    public void More_than_half_gone_is_suspicious_whatever_came(int before, int kept, int added, bool expected)
    {
        var old = Snapshot([.. Enumerable.Range(0, before).Select(i => Person($"p{i}"))], []);
        var now = Snapshot([.. Enumerable.Range(0, kept).Select(i => Person($"p{i}")), .. Enumerable.Range(0, added).Select(i => Person($"new{i}"))], []);
        Assert.Equal(expected, now.HasLostTooMuch(old));
    }

    [Fact]
    public void A_filter_that_finds_no_groups_any_more_is_suspicious() =>
        Assert.True(Snapshot([Person("eva")], []).HasLostTooMuch(Snapshot([Person("eva")], [Group("staff", "p:eva")])));

    [Fact]
    public void A_large_directory_takes_seconds_and_some_megabytes()
    {
        // Trees of ten groups; each of 100,000 people in five groups at the bottom.
        var groups = Enumerable.Range(0, 10_000).Select(g => (Name: $"g:{g}", Members: new List<string>())).ToList();
        for (var g = 1; g < groups.Count; g++)
        {
            groups[g / 10 * 10].Members.Add(groups[g].Name);
        }

        for (var p = 0; p < 100_000; p++)
        {
            for (var i = 0; i < 5; i++)
            {
                groups[((p / 100 * 5) + (i * 2003)) % groups.Count].Members.Add($"p:{p}");
            }
        }

        var reading = new DirectoryReading(
            [.. Enumerable.Range(0, 100_000).Select(p => new DirectoryPerson($"p:{p}", "", [$"person{p}@corp.example", $"first.last{p}@corp.example"], true))],
            [.. groups.Select(g => new DirectoryGroupEntry(g.Name, $"Group {g.Name[2..]}", g.Members))],
            []);
        var started = Stopwatch.GetTimestamp();
        var snapshot = DirectorySnapshot.Of(reading, Now)!;
        var built = Stopwatch.GetElapsedTime(started);
        var file = snapshot.Write();
        started = Stopwatch.GetTimestamp();
        var loaded = DirectorySnapshot.Parse(file)!;
        var parsed = Stopwatch.GetElapsedTime(started);
        started = Stopwatch.GetTimestamp();
        for (var i = 0; i < 100_000; i++)
        {
            Assert.True(loaded.Knows($"person{i}@corp.example"));
        }

        var asked = Stopwatch.GetElapsedTime(started) / 100_000;
        TestContext.Current.TestOutputHelper?.WriteLine($"built in {built.TotalMilliseconds:0} ms, {file.Length / 1e6:0.0} MB on disk, loaded in {parsed.TotalMilliseconds:0} ms, asked in {asked.TotalNanoseconds:0} ns");
        Assert.Equal((100_000, 10_000), (loaded.EntryCount, loaded.Groups.Count));
        Assert.True(built < TimeSpan.FromSeconds(20) && parsed < TimeSpan.FromSeconds(20), $"{built} {parsed}");
        Assert.True(asked < TimeSpan.FromMicroseconds(50), $"{asked}");
        Assert.InRange(file.Length, 1, 30_000_000);
    }

    private static DirectorySnapshot Snapshot(DirectoryPerson[] people, DirectoryGroupEntry[] groups) => DirectorySnapshot.Of(new DirectoryReading(people, groups, []), Now)!;

    private static DirectoryPerson Person(string name) => new($"p:{name}", "", [$"{name}@corp.example"], true);

    private static DirectoryGroupEntry Group(string name, params string[] members) => new($"g:{name}", name, members);

    private static IEnumerable<string> GroupsOf(DirectorySnapshot snapshot, string address) => snapshot.GroupsOf(address).Select(g => snapshot.Groups[g].Name);
}
