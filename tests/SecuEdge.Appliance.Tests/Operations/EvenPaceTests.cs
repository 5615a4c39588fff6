using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Operations;

namespace SecuEdge.Appliance.Tests.Operations;

/// <summary>Lower bounds only: how even it is, tests/load/timing measures.</summary>
public sealed class EvenPaceTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0, 6)]
    [InlineData(5, 6)]
    [InlineData(7, 12)]
    [InlineData(130, 132)]
    public async Task An_answer_takes_full_steps(int takenMilliseconds, int wholeMilliseconds)
    {
        var started = TimeProvider.System.GetTimestamp() - (takenMilliseconds * TimeProvider.System.TimestampFrequency / 1000);
        await EvenPace.KeepAsync(started, Cancelled);
        Assert.InRange(TimeProvider.System.GetElapsedTime(started).TotalMilliseconds, wholeMilliseconds, double.MaxValue);
    }

    [Fact]
    public async Task Who_goes_away_is_not_waited_for() =>
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => EvenPace.KeepAsync(TimeProvider.System.GetTimestamp(), new CancellationToken(true)));

    [Theory]
    [InlineData("A-MESSAGE-OF-ANOTHER")]
    [InlineData("NO-MESSAGE")]
    public async Task A_message_that_is_not_there_for_somebody_is_not_told_from_none(string reference)
    {
        using var walls = new MailWalls();
        await walls.KeepAsync("bolt", "A-MESSAGE-OF-ANOTHER", "eva@bolt.example");
        // The first time the runtime compiles, which takes as long.
        for (var i = 0; i < 10; i++)
        {
            var started = TimeProvider.System.GetTimestamp();
            var outcome = await walls.Messages.FindAsync(MailWalls.Of("acme", Permission.MessagesRead), reference, Cancelled);
            Assert.Equal(OperationFailure.NotFound, outcome.Problem?.Failure);
            Assert.True(TimeProvider.System.GetElapsedTime(started) >= EvenPace.Step);
            started = TimeProvider.System.GetTimestamp();
            outcome = await walls.Quarantine.ReleaseAsync(MailWalls.Of("acme", Permission.QuarantineRelease), reference, null, Cancelled);
            Assert.Equal(OperationFailure.NotFound, outcome.Problem?.Failure);
            Assert.True(TimeProvider.System.GetElapsedTime(started) >= EvenPace.Step);
        }
    }
}
