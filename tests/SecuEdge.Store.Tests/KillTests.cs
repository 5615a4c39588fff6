using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using SecuEdge.Store.MessageLog;
using SecuEdge.TestKit;

namespace SecuEdge.Store.Tests;

/// <summary>The promise of the product: kill -9 under load, again and again, and count the mails.</summary>
public sealed class KillTests
{
    private const int Kills = 20;

    [Fact]
    public async Task Twenty_kills_under_load_lose_and_corrupt_nothing()
    {
        using var folder = new TempFolder();
        var random = new Random(11);
        var live = new HashSet<string>();
        var finished = new HashSet<string>();
        for (var run = 0; run < Kills; run++)
        {
            // Short lives hit the start, long ones the deletion of segments.
            var before = finished.ToHashSet();
            await RunVictimAsync(folder.Path, run, run % 6 == 3 ? 3000 : random.Next(1, 300), live, finished);
            await CheckAsync(folder.Path, run, live, finished, run == Kills - 1 ? finished : finished.Except(before));
        }

        Assert.True(finished.Count > Kills * 20, $"Only {finished.Count} mails: the victim hardly worked.");
    }

    /// <summary>Kills the victim after so many promises and reads the rest of them.</summary>
    private static async Task RunVictimAsync(string folder, int run, int promises, HashSet<string> live, HashSet<string> finished)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "SecuEdge.Store.CrashVictim.dll"));
        start.ArgumentList.Add(folder);
        start.ArgumentList.Add(run.ToString(CultureInfo.InvariantCulture));
        using var victim = Process.Start(start)!;
        var errors = victim.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var count = 0;
        while (await victim.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            var reference = line[2..];
            if (line[0] == 'F')
            {
                live.Remove(reference);
                finished.Add(reference);
            }
            else if (!finished.Contains(reference))
            {
                live.Add(reference);
            }

            if (++count == promises)
            {
                victim.Kill();
            }
        }

        await victim.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(count >= promises, $"run {run}: the victim ended by itself: {await errors}");
    }

    private static async Task CheckAsync(string folder, int run, HashSet<string> live, HashSet<string> finished, IEnumerable<string> toFindInLog)
    {
        var options = new StoreOptions { DataFolder = folder, FreeSpaceFloorBytes = 0 };
        await using var log = await MessageLog.MessageLog.OpenAsync(options, TimeProvider.System, NullLogger.Instance, CancellationToken.None);
        var (spool, recovery) = await Spool.Spool.OpenAsync(options, TimeProvider.System, NullLogger.Instance, log.FlushAsync, CancellationToken.None);
        await using var closing = spool;
        await log.RestoreAsync(recovery.Finished, CancellationToken.None);
        var found = recovery.Live.ToDictionary(e => e.Reference);
        foreach (var (reference, entry) in found)
        {
            Assert.False(finished.Contains(reference), $"run {run}: {reference} would be delivered twice");
            Assert.True(SampleRecords.AreBytesOf(reference, SpoolFixture.Read(entry)), $"run {run}: {reference} is corrupt");
            Assert.Equal(reference, entry.ReadRecord().Reference);
        }

        foreach (var reference in live)
        {
            // Killed between finishing and saying so: then the log says that it was delivered.
            if (!found.ContainsKey(reference))
            {
                Assert.True((await log.FindAsync(reference, CancellationToken.None))?.State == MessageState.Delivered, $"run {run}: {reference} is lost");
            }
        }

        foreach (var reference in toFindInLog)
        {
            Assert.True((await log.FindAsync(reference, CancellationToken.None))?.State == MessageState.Delivered, $"run {run}: the log does not know {reference}");
        }

        if (run % 6 == 3 || run == Kills - 1)
        {
            await CheckCountsAsync(log, run);
        }

        live.Clear();
        live.UnionWith(found.Keys);
        Assert.Empty(log.Notes);
    }

    /// <summary>Story and count are one transaction: whatever the kill took or the start wrote again, they agree.</summary>
    private static async Task CheckCountsAsync(MessageLog.MessageLog log, int run)
    {
        var (stories, delivered) = (0, 0);
        string? cursor = null;
        do
        {
            var page = await log.SearchAsync(new MessageQuery { Tenant = "acme", Limit = 200, Cursor = cursor }, CancellationToken.None);
            stories += page.Items.Count;
            delivered += page.Items.Count(r => r.State == MessageState.Delivered);
            cursor = page.Next;
        }
        while (cursor is not null);

        await log.FlushAsync(CancellationToken.None);
        var days = (await log.Usage.FindAsync(MonthlyFiles.MonthOf(SampleRecords.Start), CancellationToken.None)).Days;
        Assert.True(
            (days.Sum(d => d.Messages), days.Sum(d => d.Delivered), days.Sum(d => d.Deliveries)) == (stories, delivered, 2 * delivered),
            $"run {run}: {stories} stories, {delivered} delivered, but counted {string.Join(", ", days)}");
    }
}
