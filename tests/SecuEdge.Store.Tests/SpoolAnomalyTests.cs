using SecuEdge.Store.MessageLog;
using SecuEdge.Store.Spool;
using SecuEdge.TestKit;
using static SecuEdge.Store.Tests.SampleRecords;

namespace SecuEdge.Store.Tests;

/// <summary>The disk fails at every point in turn; then a fresh start on a sound disk counts the mails.</summary>
public sealed class SpoolAnomalyTests
{
    private const int MaxOperations = 400;

    private enum Fate
    {
        Acknowledged,
        Refused,
        Finished,
        FinishFailed,
    }

    [Theory]
    [InlineData(DiskFault.NoSpace)]
    [InlineData(DiskFault.InputOutput)]
    [InlineData(DiskFault.FalseAlarm)]
    public async Task No_acknowledged_message_is_lost_when_one_operation_fails(DiskFault fault) =>
        await FailEachInTurnAsync(n => FailingFileSystem.FailingOnce(n, fault), mayRepeat: false);

    [Theory]
    [InlineData(DiskFault.NoSpace)]
    [InlineData(DiskFault.InputOutput)]
    public async Task No_acknowledged_message_is_lost_when_everything_fails_from_some_point_on(DiskFault fault) =>
        await FailEachInTurnAsync(n => FailingFileSystem.FailingFrom(n, fault), mayRepeat: true);

    [Fact]
    public async Task No_acknowledged_message_is_lost_in_a_power_cut_at_any_point() =>
        await FailEachInTurnAsync(n => FailingFileSystem.FailingFrom(n, DiskFault.InputOutput), mayRepeat: true, powerCut: true);

    /// <summary>Runs the same small day with the n-th operation failing, until n is larger than what the day needs.</summary>
    private static async Task FailEachInTurnAsync(Func<int, FailingFileSystem> diskFailingAt, bool mayRepeat, bool powerCut = false)
    {
        for (var n = 1; n < MaxOperations; n++)
        {
            using var fixture = new SpoolFixture(inMemory: true);
            var disk = diskFailingAt(n);
            var fates = new Dictionary<string, Fate>();
            var isOpen = await RunDayAsync(fixture, disk, fates);
            var total = disk.Operations;
            if (powerCut)
            {
                var random = new Random(n);
                disk.PowerCut(() => random.Next(2) == 0);
            }

            if (isOpen)
            {
                await CheckAsync(fixture, fates, $"operation {n}", mayRepeat, powerCut);
            }

            if (total < n)
            {
                return;
            }
        }

        Assert.Fail($"The day has more than {MaxOperations} operations.");
    }

    private static async Task<bool> RunDayAsync(SpoolFixture fixture, FailingFileSystem disk, Dictionary<string, Fate> fates)
    {
        Spool.Spool spool;
        try
        {
            (spool, _) = await fixture.OpenAsync(disk.Options(fixture.Folder, segmentBytes: 64 << 10, draftMemoryBytes: 16 << 10, maxSegments: 2));
        }
        catch (IOException)
        {
            return false;
        }

        await using (spool)
        {
            for (var i = 0; i < 8; i++)
            {
                var reference = Reference(i);
                var entry = await TryCommitAsync(spool, reference, i % 4 == 3 ? 20_000 : 9_000, fates);
                if (entry is null)
                {
                    continue;
                }

                // Every third is deferred once, every other is delivered.
                if (i % 3 == 0)
                {
                    await TryAsync(() => spool.SaveAsync(entry, Record(reference, MessageState.Deferred), CancellationToken.None));
                }

                if (i % 2 == 0)
                {
                    var isWritten = await TryAsync(() => spool.FinishAsync(entry, Record(reference, MessageState.Delivered), CancellationToken.None));
                    fates[reference] = isWritten ? Fate.Finished : Fate.FinishFailed;
                }
            }
        }

        return true;
    }

    private static async Task<ISpoolEntry?> TryCommitAsync(ISpool spool, string reference, int length, Dictionary<string, Fate> fates)
    {
        try
        {
            var entry = await SpoolFixture.CommitAsync(spool, reference, length);
            fates[reference] = Fate.Acknowledged;
            return entry;
        }
        catch (IOException)
        {
            fates[reference] = Fate.Refused;
            return null;
        }
    }

    private static async Task<bool> TryAsync(Func<Task> step)
    {
        try
        {
            await step();
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static async Task CheckAsync(SpoolFixture fixture, Dictionary<string, Fate> fates, string when, bool mayRepeat, bool powerCut)
    {
        var (spool, recovery) = await fixture.OpenAsync();
        await using var closing = spool;
        var live = recovery.Live.ToDictionary(e => e.Reference);
        foreach (var entry in recovery.Live)
        {
            Assert.True(AreBytesOf(entry.Reference, SpoolFixture.Read(entry)), $"{when}: {entry.Reference} is corrupt");
            Assert.Equal(entry.Reference, entry.ReadRecord().Reference);
        }

        var finished = recovery.Finished.Select(r => r.Reference).ToHashSet();
        foreach (var (reference, fate) in fates)
        {
            if (fate == Fate.Acknowledged)
            {
                Assert.True(live.ContainsKey(reference), $"{when}: {reference} is lost");
            }

            // A process that dies keeps its marks; only a power cut may repeat a delivery.
            if (fate == Fate.Finished && !powerCut)
            {
                Assert.False(live.ContainsKey(reference), $"{when}: {reference} would be delivered twice");
            }

            // Where not even the mark could be written that a commit failed, a mail may come again, as from its sender.
            if (fate == Fate.Refused && !mayRepeat)
            {
                Assert.False(live.ContainsKey(reference), $"{when}: {reference} was refused and is there");
            }
        }

        Assert.DoesNotContain(finished, live.ContainsKey);
    }
}
