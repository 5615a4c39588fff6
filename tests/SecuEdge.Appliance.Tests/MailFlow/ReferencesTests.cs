using Microsoft.Extensions.Time.Testing;
using SecuEdge.Appliance.MailFlow;

namespace SecuEdge.Appliance.Tests.MailFlow;

public sealed class ReferencesTests
{
    [Fact]
    public void A_reference_can_be_read_out()
    {
        var references = new References(TimeProvider.System);
        for (var i = 0; i < 1_000; i++)
        {
            Assert.Matches("^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$", references.Next());
        }
    }

    [Fact]
    public async Task References_are_unique_whoever_asks_and_sort_by_time()
    {
        var references = new References(new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero)));
        var made = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Enumerable.Range(0, 5_000).Select(_ => references.Next()).ToList())));

        Assert.Equal(20_000, made.SelectMany(m => m).Distinct().Count());
        Assert.All(made, m => Assert.Equal(m.Order(StringComparer.Ordinal), m));
    }

    [Fact]
    public void A_restart_does_not_repeat_references()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero));
        var before = new References(time);
        var made = Enumerable.Range(0, 4_000).Select(_ => before.Next()).ToHashSet();
        time.Advance(TimeSpan.FromSeconds(1));
        var after = new References(time);

        Assert.DoesNotContain(Enumerable.Range(0, 4_000).Select(_ => after.Next()), made.Contains);
    }

    [Fact]
    public void A_clock_that_is_set_back_does_not_repeat_references()
    {
        var ticking = new SettableClock(new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero));
        var references = new References(ticking);
        var first = references.Next();
        ticking.Now -= TimeSpan.FromHours(1);

        Assert.True(string.CompareOrdinal(first, references.Next()) < 0);
    }

    [Fact]
    public void A_clock_that_is_set_back_over_a_restart_does_not_repeat_references()
    {
        var ticking = new SettableClock(new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero));
        var before = new References(ticking);
        List<string> made = [.. Enumerable.Range(0, 100).Select(_ => before.Next())];
        ticking.Now -= TimeSpan.FromHours(1);
        var after = new References(ticking);
        foreach (var reference in made)
        {
            after.StartAfter(reference);
        }

        after.StartAfter(made[3]);
        Assert.True(string.CompareOrdinal(made[^1], after.Next()) < 0);
    }

    [Theory]
    [InlineData("")]
    [InlineData("ZZZZZZZZZ")]
    [InlineData("ZZZZ-ZZZU")]
    [InlineData("zzzz-zzzz")]
    [InlineData("ZZZZ-ZZZZ-ZZZZ")]
    public void What_is_no_reference_of_ours_does_not_move_the_next_one(string reference)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero));
        var references = new References(time);
        references.StartAfter(reference);

        Assert.Equal(new References(time).Next(), references.Next());
    }

    /// <summary>FakeTimeProvider refuses to go back, which clocks do not.</summary>
    private sealed class SettableClock(DateTimeOffset now) : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = now;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
