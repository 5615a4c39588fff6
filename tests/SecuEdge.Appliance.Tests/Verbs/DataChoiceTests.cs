using SecuEdge.Appliance.Verbs;

namespace SecuEdge.Appliance.Tests.Verbs;

public sealed class DataChoiceTests
{
    [Fact]
    public void A_named_folder_is_taken_whatever_runs()
    {
        var choice = Choose(named: "/srv/mail", running: ["/srv/other"], used: ["/srv/mail"]);

        Assert.Equal("/srv/mail", choice.Folder);
        Assert.Empty(choice.Note);
    }

    [Fact]
    public void A_named_folder_that_nobody_used_is_an_error_for_who_only_reads()
    {
        var choice = Choose(named: "elsewhere", running: ["/srv/other"], used: []);

        Assert.Null(choice.Folder);
        Assert.Contains("'/home/me/elsewhere' is no appliance's data folder", choice.Note, StringComparison.Ordinal);
        Assert.Contains("--data DIR", choice.Note, StringComparison.Ordinal);
    }

    [Fact]
    public void Who_writes_may_make_the_folder_he_named_and_is_told_so()
    {
        var choice = Choose(named: "/srv/new", running: [], used: [], mayBeNew: true);

        Assert.Equal("/srv/new", choice.Folder);
        Assert.Contains("it is made now", choice.Note, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_name_the_appliance_that_runs_is_meant_and_named()
    {
        var choice = Choose(named: null, running: ["/srv/mail"], used: ["/srv/mail", "/home/me/data"]);

        Assert.Equal("/srv/mail", choice.Folder);
        Assert.Contains("/srv/mail", choice.Note, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_several_that_run_the_one_in_the_usual_folder_is_meant()
    {
        var choice = Choose(named: null, running: ["/home/me/data", "/srv/mail"], used: ["/srv/mail", "/home/me/data"]);

        Assert.Equal("/home/me/data", choice.Folder);
    }

    [Fact]
    public void Several_that_run_elsewhere_are_named_and_none_is_guessed()
    {
        var choice = Choose(named: null, running: ["/srv/a", "/srv/b"], used: ["/srv/a", "/srv/b", "/home/me/data"]);

        Assert.Null(choice.Folder);
        Assert.Contains("/srv/a, /srv/b", choice.Note, StringComparison.Ordinal);
    }

    [Fact]
    public void With_nothing_running_the_usual_folder_is_read_when_it_was_used()
    {
        var choice = Choose(named: null, running: [], used: ["/home/me/data"]);

        Assert.Equal("/home/me/data", choice.Folder);
        Assert.Contains("no appliance runs", choice.Note, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void With_nothing_at_all_nobody_makes_a_folder_by_himself(bool mayBeNew) =>
        Assert.Null(Choose(named: null, running: [], used: [], mayBeNew).Folder);

    private static DataChoice Choose(string? named, IReadOnlyList<string> running, IReadOnlyList<string> used, bool mayBeNew = false) =>
        DataChoice.Choose(named, "/home/me", () => running, used.Contains, mayBeNew);
}
