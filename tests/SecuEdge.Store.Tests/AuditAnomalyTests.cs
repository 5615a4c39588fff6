using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using SecuEdge.Store.Audit;
using SecuEdge.TestKit;

namespace SecuEdge.Store.Tests;

/// <summary>Disks that fail and processes that are killed: what was promised is there, and the chain is whole.</summary>
public sealed class AuditAnomalyTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 11, 30, 23, 59, 0, TimeSpan.Zero);

    private readonly TempFolder _folder = new(inMemory: true);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private StoreOptions Options => new() { DataFolder = _folder.Path };

    [Theory]
    [InlineData(DiskFault.NoSpace)]
    [InlineData(DiskFault.InputOutput)]
    [InlineData(DiskFault.FalseAlarm)]
    public async Task Each_operation_failing_once_costs_no_promised_entry(DiskFault fault)
    {
        var failed = 0;
        for (var operation = 1; operation < 60; operation++)
        {
            using var folder = new TempFolder(inMemory: true);
            var promised = new List<AuditEntry>();
            failed += await WriteAsync(FailingFileSystem.FailingOnce(operation, fault).Options(folder.Path), promised);
            await CheckAsync(folder.Path, promised, $"{fault} at operation {operation}");
        }

        Assert.InRange(failed, 10, 200);
    }

    [Theory]
    [InlineData(DiskFault.NoSpace)]
    [InlineData(DiskFault.InputOutput)]
    public async Task A_disk_that_fails_for_good_refuses_everything_after(DiskFault fault)
    {
        for (var operation = 1; operation < 60; operation += 3)
        {
            using var folder = new TempFolder(inMemory: true);
            var promised = new List<AuditEntry>();
            await WriteAsync(FailingFileSystem.FailingFrom(operation, fault).Options(folder.Path), promised);
            await CheckAsync(folder.Path, promised, $"{fault} from operation {operation}");
        }
    }

    [Fact]
    public async Task A_power_cut_takes_nothing_that_was_promised()
    {
        for (var seed = 0; seed < 30; seed++)
        {
            using var folder = new TempFolder(inMemory: true);
            var random = new Random(seed);
            var cut = random.Next(5, 60);
            var disk = FailingFileSystem.FailingFrom(cut, DiskFault.InputOutput);
            var promised = new List<AuditEntry>();
            await WriteAsync(disk.Options(folder.Path), promised);
            disk.PowerCut(() => random.Next(2) == 0);
            await CheckAsync(folder.Path, promised, $"power cut {seed}", mayBeZero: true);
        }
    }

    [Fact]
    public async Task A_full_disk_refuses_and_goes_on_when_there_is_room()
    {
        var isFull = false;
        var disk = new FailingFileSystem { Plan = (_, name) => isFull && name == "write" ? DiskFault.NoSpace : null };
        await using var log = await AuditLog.OpenAsync(disk.Options(_folder.Path), TimeProvider.System, NullLogger.Instance, Cancellation);
        isFull = true;
        await Assert.ThrowsAsync<AuditUnavailableException>(() => log.AppendAsync(Entry(1), Cancellation));
        Assert.Contains("nothing that must be audited is done", log.Trouble, StringComparison.Ordinal);
        isFull = false;
        Assert.Equal(1, (await log.AppendAsync(Entry(2), Cancellation)).Number);
        Assert.Equal("", log.Trouble);
    }

    [Fact]
    public async Task A_torn_line_is_moved_into_a_note_and_the_complete_ones_stay()
    {
        var promised = new List<AuditEntry>();
        await WriteAsync(Options, promised);
        var path = Path.Combine(_folder.Path, "audit", "audit-202612.jsonl");
        var whole = await File.ReadAllBytesAsync(path, Cancellation);
        await File.AppendAllTextAsync(path, "{\"number\":99,\"at\":\"20", Cancellation);
        await using (var log = await AuditLog.OpenAsync(Options, TimeProvider.System, NullLogger.Instance, Cancellation))
        {
            Assert.Contains("unfinished entry", Assert.Single(log.Notes), StringComparison.Ordinal);
        }

        Assert.Equal(whole, await File.ReadAllBytesAsync(path, Cancellation));
        Assert.Equal("{\"number\":99,\"at\":\"20", await File.ReadAllTextAsync(Directory.GetFiles(Path.Combine(_folder.Path, "audit"), "torn-*").Single(), Cancellation));
        await CheckAsync(_folder.Path, promised, "torn");
    }

    [Fact]
    public async Task Ten_kills_under_load_lose_no_promised_entry()
    {
        var promised = new Dictionary<long, string>();
        for (var run = 0; run < 10; run++)
        {
            await RunVictimAsync(200 + (run * 100), promised);
            await using (await AuditLog.OpenAsync(Options, TimeProvider.System, NullLogger.Instance, Cancellation))
            {
                // Opening mends the end.
            }

            var verification = AuditVerifier.Run(Options, [.. promised.Select(p => new AuditHead(p.Key, p.Value))], Cancellation);
            Assert.True(verification.IsWhole, $"run {run}: {verification.Break}");
            promised.Clear();
        }
    }

    public void Dispose() => _folder.Dispose();

    private static AuditEntry Entry(int number) => new()
    {
        At = Start.AddSeconds(number * 10),
        Actor = "user",
        Action = "token.create",
        Target = $"thing-{number}",
    };

    /// <summary>Fourteen entries, the first ones in November.</summary>
    /// <returns>How many failed.</returns>
    private static async Task<int> WriteAsync(StoreOptions options, List<AuditEntry> promised)
    {
        var failed = 0;
        AuditLog log;
        try
        {
            log = await AuditLog.OpenAsync(options, TimeProvider.System, NullLogger.Instance, Cancellation);
        }
        catch (IOException)
        {
            return 1;
        }

        await using var closing = log;
        for (var i = 1; i <= 14; i++)
        {
            try
            {
                promised.Add(await log.AppendAsync(Entry(i), Cancellation));
            }
            catch (AuditUnavailableException)
            {
                failed++;
            }
        }

        return failed;
    }

    private static async Task CheckAsync(string folder, List<AuditEntry> promised, string what, bool mayBeZero = false)
    {
        var options = new StoreOptions { DataFolder = folder };
        await using (var log = await AuditLog.OpenAsync(options, TimeProvider.System, NullLogger.Instance, Cancellation))
        {
            await log.AppendAsync(Entry(15), Cancellation);
            var found = (await log.SearchAsync(new AuditQuery { Limit = 200 }, Cancellation)).Items.ToDictionary(e => e.Number);
            foreach (var entry in promised)
            {
                Assert.True(found.TryGetValue(entry.Number, out var there) && there == entry, $"{what}: entry {entry.Number} is lost");
            }
        }

        var verification = AuditVerifier.Run(options, [], Cancellation);
        Assert.True(verification.IsWhole, $"{what}: {verification.Break} {string.Join(", ", verification.Recorded)}");
        Assert.True(mayBeZero || promised.Count <= verification.Entries, what);
    }

    /// <summary>Kills the victim after so many promises and reads the rest of them.</summary>
    private async Task RunVictimAsync(int promises, Dictionary<long, string> promised)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])[Path.Combine(AppContext.BaseDirectory, "SecuEdge.Store.CrashVictim.dll"), _folder.Path, "0", "audit"])
        {
            start.ArgumentList.Add(argument);
        }

        using var victim = Process.Start(start)!;
        var errors = victim.StandardError.ReadToEndAsync(Cancellation);
        var count = 0;
        while (await victim.StandardOutput.ReadLineAsync(Cancellation) is { } line)
        {
            if (AuditHead.TryParse(line, out var head))
            {
                promised[head.Number] = head.Hash;
            }

            if (++count == promises)
            {
                victim.Kill();
            }
        }

        await victim.WaitForExitAsync(Cancellation);
        Assert.True(count >= promises, $"the victim ended by itself: {await errors}");
    }
}
