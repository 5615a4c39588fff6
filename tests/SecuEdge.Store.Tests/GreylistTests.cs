using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SecuEdge.TestKit;

namespace SecuEdge.Store.Tests;

public sealed class GreylistTests : IDisposable
{
    private static readonly TimeSpan Wait = TimeSpan.FromMinutes(3);

    private readonly TempFolder _folder = new(inMemory: true);
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    /// <summary>Steps: minutes that pass, and what is left to wait then; -1 passes.</summary>
    [Theory]
    [InlineData("0:3")]
    [InlineData("0:3 1:2 1:1 1:-1 0:-1")]
    [InlineData("0:3 1440:-1")]
    [InlineData("0:3 1441:3 3:-1")]
    [InlineData("0:3 3:-1 51840:-1 51840:-1")]
    [InlineData("0:3 3:-1 51841:3 3:-1")]
    public async Task Who_comes_back_in_time_is_known_for_36_days(string steps)
    {
        await using var greylist = Open();
        foreach (var step in steps.Split(' ').Select(s => s.Split(':').Select(n => int.Parse(n, System.Globalization.CultureInfo.InvariantCulture)).ToArray()))
        {
            _time.Advance(TimeSpan.FromMinutes(step[0]));
            Assert.Equal(step[1] < 0 ? null : TimeSpan.FromMinutes(step[1]), greylist.Ask(1, Wait));
        }
    }

    [Fact]
    public async Task A_restart_forgets_nobody()
    {
        await using (var greylist = Open())
        {
            greylist.Ask(1, Wait);
            greylist.Ask(2, Wait);
            _time.Advance(Wait);
            Assert.Null(greylist.Ask(1, Wait));
        }

        await using var again = Open();
        Assert.Null(again.Ask(1, Wait));
        Assert.Null(again.Ask(2, Wait));
        Assert.Equal(Wait, again.Ask(3, Wait));
    }

    [Fact]
    public async Task A_flood_of_strangers_pushes_out_strangers()
    {
        await using (var greylist = Open(capacity: 100))
        {
            greylist.Ask(1, Wait);
            _time.Advance(Wait);
            Assert.Null(greylist.Ask(1, Wait));
            for (var i = 2; i < 5_000; i++)
            {
                greylist.Ask((UInt128)i, Wait);
                Assert.True(greylist.Count <= 100);
            }

            Assert.Null(greylist.Ask(1, Wait));
        }

        await using var again = Open(capacity: 100);
        Assert.True(again.Count <= 100);
        Assert.Null(again.Ask(1, Wait));
    }

    [Fact]
    public async Task A_clock_set_back_makes_nobody_wait_longer_than_a_stranger()
    {
        await using var greylist = Open();
        greylist.Ask(1, Wait);
        _time.AutoAdvanceAmount = TimeSpan.Zero;
        var earlier = new FakeTimeProvider(_time.GetUtcNow() - TimeSpan.FromDays(2));
        await greylist.FlushAsync(TestContext.Current.CancellationToken);
        await using var back = Greylist.Greylist.Open(new StoreOptions { DataFolder = _folder.Path }, earlier, NullLogger.Instance);
        Assert.Equal(Wait, back.Ask(1, Wait));
        earlier.Advance(Wait);
        Assert.Null(back.Ask(1, Wait));
    }

    public void Dispose() => _folder.Dispose();

    private Greylist.Greylist Open(int capacity = 1000) => Greylist.Greylist.Open(new StoreOptions { DataFolder = _folder.Path }, _time, NullLogger.Instance, capacity);
}
