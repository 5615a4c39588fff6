using SecuEdge.Appliance.MailFlow;

namespace SecuEdge.Appliance.Tests.MailFlow;

public sealed class RetryScheduleTests
{
    private static readonly DateTimeOffset Received = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 5)]
    [InlineData(3, 15)]
    [InlineData(4, 30)]
    [InlineData(5, 60)]
    [InlineData(6, 120)]
    [InlineData(7, 120)]
    [InlineData(60, 120)]
    public void Waits_grow_and_then_repeat(int attempts, int minutes)
    {
        var schedule = new RetrySchedule(new QueueOptions());
        var now = Received.AddHours(1);
        var waits = Enumerable.Range(0, 500).Select(i => schedule.Next($"ref-{i}", Received, attempts, now)!.Value - now).ToList();

        Assert.All(waits, w => Assert.InRange(w, TimeSpan.FromMinutes(minutes * 0.9), TimeSpan.FromMinutes(minutes * 1.1)));
        Assert.True(waits.Distinct().Count() > 100, "messages deferred together should not all come back together");
    }

    [Fact]
    public void The_last_attempt_comes_at_the_end_of_the_lifetime_and_then_it_is_over()
    {
        var schedule = new RetrySchedule(new QueueOptions());
        var end = Received.AddDays(5);

        Assert.Equal(end, schedule.Next("r", Received, 60, end.AddMinutes(-1)));
        Assert.Null(schedule.Next("r", Received, 61, end));
        Assert.Null(schedule.Next("r", Received, 61, end.AddDays(1)));
    }

    [Fact]
    public void Configured_waits_replace_the_default_ones()
    {
        var schedule = new RetrySchedule(new QueueOptions { RetryDelays = [TimeSpan.FromHours(10)] });

        Assert.InRange(schedule.Next("r", Received, 1, Received)!.Value - Received, TimeSpan.FromHours(9), TimeSpan.FromHours(11));
    }
}
