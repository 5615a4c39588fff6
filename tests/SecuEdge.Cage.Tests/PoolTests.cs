using System.Diagnostics;
using System.Text.Json;
using SecuEdge.Cage.Jobs;
using SecuEdge.Cage.Pool;
using SecuEdge.Cage.Protocol;
using SecuEdge.Content;

namespace SecuEdge.Cage.Tests;

/// <summary>Workers die, hang and lie: every job ends, and the pool is whole again.</summary>
public sealed class PoolTests
{
    [Fact]
    public async Task A_worker_killed_from_outside_costs_the_job_nothing()
    {
        await using var cages = new Cages();
        await Ready(cages);
        var job = cages.TryAsync("loop", limit: TimeSpan.FromSeconds(1));
        await Until(() => cages.Pool.Status.Busy == 1);
        Kill(Assert.Single(cages.Workers()));

        // The second try of the loop runs into its limit: so there was one.
        Assert.Equal(CageFailure.TimedOut, (await job).Failed?.Kind);
        await Until(() => cages.Replaced.Count == 2);
        Assert.Equal([CageRestart.Crashed, CageRestart.TimedOut], cages.Replaced.Select(replaced => replaced.Reason));
    }

    [Fact]
    public async Task A_stopped_worker_ends_with_its_time_and_the_next_job_has_another()
    {
        await using var cages = new Cages();
        await Ready(cages);
        Signal("STOP", Assert.Single(cages.Workers()));
        Assert.Equal(CageFailure.TimedOut, (await cages.TryAsync("nothing", limit: TimeSpan.FromSeconds(1))).Failed?.Kind);
        Assert.True((await cages.TryAsync("nothing")).Result!.Succeeded);
        Assert.Equal([CageRestart.TimedOut], cages.Replaced.Select(replaced => replaced.Reason));
    }

    [Fact]
    public async Task A_job_alone_has_a_worker_that_ends_with_it()
    {
        await using var cages = new Cages();
        var parameters = JsonSerializer.Serialize(new ProbeParameters("nothing", "", 0), CageJson.Default.ProbeParameters);

        var outcome = await cages.Pool.RunAloneAsync(ProbeJob.Word, parameters, new MemoryBytes(default), Cages.Limit, TestContext.Current.CancellationToken);

        Assert.IsType<CageOutcome.Answered>(outcome).Dispose();
        Assert.Empty(cages.Workers());
        Assert.Equal((0, 0), (cages.Pool.Status.Ready, cages.Pool.Status.Busy));
    }

    [Fact]
    public async Task A_worker_that_dies_idle_is_replaced()
    {
        await using var cages = new Cages();
        await Ready(cages);
        Kill(Assert.Single(cages.Workers()));
        await Until(() => cages.Replaced.Count == 1 && cages.Pool.Status.Ready == 1);
        Assert.Equal(CageRestart.Idle, cages.Replaced[0].Reason);
        Assert.True((await cages.TryAsync("nothing")).Result!.Succeeded);
        Assert.Contains("signal 9", cages.Pool.Status.LastFailure);
    }

    [Fact]
    public async Task Fifty_jobs_end_though_all_workers_are_killed_among_them()
    {
        await using var cages = new Cages(options => options.Workers = 2);
        var jobs = Enumerable.Range(0, 50).Select(_ => cages.TryAsync("nothing")).ToList();
        for (var round = 0; round < 3; round++)
        {
            await Until(() => cages.Pool.Status.Ready == 2 || cages.Pool.Status.Waiting == 0);
            foreach (var worker in cages.Workers())
            {
                Kill(worker);
            }
        }

        var ends = await Task.WhenAll(jobs);
        Assert.All(ends, end => Assert.True(end.Result is { Succeeded: true } || end.Failed is { Kind: CageFailure.Crashed }, $"{end}"));
        await Until(() => cages.Pool.Status is { Ready: 2, Busy: 0, Waiting: 0 });
        Assert.True((await cages.TryAsync("nothing")).Result!.Succeeded);
    }

    [Fact]
    public async Task A_start_that_fails_once_is_not_the_end_of_the_job()
    {
        await using var fake = await FakeWorker.StartAsync("""
            if mkdir FOLDER/once; then kill -9 $$; fi
            cat FOLDER/greeting; head -c 1 >/dev/null; cat FOLDER/greeting; exec sleep 100
            """, greets: false);
        var outcome = await fake.Cages.RunAsync("any", "{}");
        Assert.IsType<CageOutcome.Answered>(outcome);
        Assert.Equal([CageRestart.Start], fake.Cages.Replaced.Select(replaced => replaced.Reason));
    }

    [Fact]
    public async Task Starts_that_are_killed_are_waited_for_while_the_program_has_worked_lately()
    {
        // The first one starts, has no job and dies; the next five die before they greet, then one works.
        await using var fake = await FakeWorker.StartAsync("""
            echo . >>FOLDER/starts
            starts=$(wc -l <FOLDER/starts)
            if [ $starts -gt 1 ] && [ $starts -lt 7 ]; then kill -9 $$; fi
            cat FOLDER/greeting
            if [ $starts = 1 ]; then exit 1; fi
            head -c 1 >/dev/null; cat FOLDER/greeting; exec sleep 100
            """, greets: false);
        fake.Cages.Pool.Start();
        await Until(() => fake.Cages.Replaced.Any(replaced => replaced.Reason == CageRestart.Start));
        Assert.IsType<CageOutcome.Answered>(await fake.Cages.RunAsync("any", "{}"));
        Assert.Equal(5, fake.Cages.Replaced.Count(replaced => replaced.Reason == CageRestart.Start));
    }

    [Fact]
    public async Task A_worker_is_replaced_in_turn_without_a_job_waiting_for_it()
    {
        await using var cages = new Cages(options => options.JobsPerWorker = 3);
        for (var i = 0; i < 10; i++)
        {
            Assert.True((await cages.TryAsync("nothing")).Result!.Succeeded);
        }

        await Until(() => cages.Replaced.Count > 0);
        Assert.All(cages.Replaced, replaced => Assert.Equal(CageRestart.Jobs, replaced.Reason));
        Assert.Equal("", cages.Pool.Status.LastFailure);
    }

    [Fact]
    public async Task A_full_line_is_told_at_once_and_a_long_wait_in_time()
    {
        await using var cages = new Cages(options => (options.MaxWaiting, options.MaxWait) = (1, TimeSpan.FromMilliseconds(200)));
        await Ready(cages);
        var loop = cages.TryAsync("loop", limit: TimeSpan.FromSeconds(1));
        await Until(() => cages.Pool.Status.Busy == 1);
        var waits = cages.TryAsync("nothing");
        Assert.Equal("1 jobs wait for the cage already", (await cages.TryAsync("nothing")).Failed!.Why);
        Assert.Equal((CageFailure.Unavailable, "no place in the cage within 0 s"), ((await waits).Failed!.Kind, (await waits).Failed!.Why));
        Assert.Equal(CageFailure.TimedOut, (await loop).Failed!.Kind);
        Assert.Equal(0, cages.Pool.Status.Waiting);
    }

    [Fact]
    public async Task A_caller_that_goes_away_frees_the_worker()
    {
        await using var cages = new Cages();
        await Ready(cages);
        using var gone = new CancellationTokenSource();
        var loop = cages.Pool.RunAsync("probe", """{"Try":"loop","Path":"","Count":0}""", new Content.MemoryBytes(default), Cages.Limit, gone.Token);
        await Until(() => cages.Pool.Status.Busy == 1);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => loop);
        Assert.True((await cages.TryAsync("nothing")).Result!.Succeeded);
        Assert.Equal([CageRestart.Abandoned], cages.Replaced.Select(replaced => replaced.Reason));
    }

    [Fact]
    public async Task Closing_ends_workers_and_jobs_and_leaves_no_file()
    {
        var cages = new Cages();
        await Ready(cages);
        var worker = Assert.Single(cages.Workers());
        var loop = cages.TryAsync("loop");
        await Until(() => cages.Pool.Status.Busy == 1);
        await cages.Pool.DisposeAsync();
        Assert.Equal(CageFailure.Unavailable, (await loop).Failed?.Kind);
        Assert.False(Directory.Exists($"/proc/{worker}"));
        Assert.Empty(Directory.GetFileSystemEntries(cages.Folder));
        Assert.Equal(CageFailure.Unavailable, (await cages.TryAsync("nothing")).Failed?.Kind);
        await cages.DisposeAsync();
    }

    [Theory]
    [InlineData("head -c 100000 /dev/urandom; sleep 100", "not an answer", CageFailure.Refused)]
    [InlineData("printf 'SEA1\\0\\0\\0\\0\\377\\377\\377\\377\\0\\0\\0\\0'; sleep 100", "not an answer", CageFailure.Refused)]
    [InlineData("printf 'SEA1\\0\\0\\0\\0\\0\\0\\0\\0\\377\\377\\377\\177'; sleep 100", "not an answer", CageFailure.Refused)]
    [InlineData("printf 'SEA1\\0\\0\\0\\0\\0\\0\\0\\0\\1\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\100'; sleep 100", "larger than allowed", CageFailure.Refused)]
    [InlineData("printf 'SEA1\\0\\0\\0\\0\\0\\0\\0\\0\\1\\0\\0\\0\\377\\377\\377\\377\\377\\377\\377\\377'; sleep 100", "larger than allowed", CageFailure.Refused)]
    [InlineData("printf 'SEA1\\7\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0'; sleep 100", "not an answer", CageFailure.Refused)]
    [InlineData("printf 'SEA1\\1\\0\\0\\0\\1\\20\\0\\0\\0\\0\\0\\0'; sleep 100", "not an answer", CageFailure.Refused)]
    [InlineData("printf 'SEA1\\1\\0\\0\\0\\5\\0\\0\\0\\0\\0\\0\\0a\\nb\\033c'; sleep 100", "a b c", CageFailure.Refused)]
    [InlineData("printf 'SEA1\\0\\0\\0\\0\\20\\0\\0\\0\\0\\0\\0\\0short'; exit 3", "code 3", CageFailure.Crashed)]
    [InlineData("printf 'SEA1'; exit 0", "code 0", CageFailure.Crashed)]
    [InlineData("echo last words >&2; exit 9", "last words", CageFailure.Crashed)]
    [InlineData("sleep 100", "no answer within 0.5 s", CageFailure.TimedOut)]
    public async Task What_a_worker_says_is_not_believed(string script, string why, CageFailure kind)
    {
        await using var fake = await FakeWorker.StartAsync($"head -c 1 >/dev/null; {script.Replace("sleep", "exec sleep", StringComparison.Ordinal)}");
        var (_, failed) = await fake.Cages.TryAsync("nothing", limit: kind == CageFailure.TimedOut ? TimeSpan.FromMilliseconds(500) : null);
        Assert.Equal(kind, failed?.Kind);
        Assert.Contains(why, failed!.Why);
    }

    [Theory]
    [InlineData("head -c 1000 /dev/zero; exec sleep 100", "no worker")]
    [InlineData("echo it is broken >&2; exit 4", "it is broken")]
    public async Task A_program_that_is_no_worker_makes_the_cage_unavailable(string script, string why)
    {
        await using var fake = await FakeWorker.StartAsync(script, greets: false);
        var (_, failed) = await fake.Cages.TryAsync("nothing");
        Assert.Equal(CageFailure.Unavailable, failed?.Kind);
        Assert.Contains(why, failed!.Why);

        // Told at once from now on, until a start succeeds.
        Assert.Contains(why, (await fake.Cages.TryAsync("nothing")).Failed!.Why);
    }

    private static async Task Ready(Cages cages)
    {
        cages.Pool.Start();
        await Until(() => cages.Pool.Status.Ready == cages.Pool.Status.Workers);
    }

    private static void Kill(int process)
    {
        try
        {
            using var found = Process.GetProcessById(process);
            found.Kill();
        }
        catch (ArgumentException)
        {
            // Gone already.
        }
    }

    private static void Signal(string name, int process)
    {
        using var kill = Process.Start("/bin/kill", [$"-{name}", $"{process}"]);
        kill.WaitForExit();
    }

    private static async Task Until(Func<bool> isTrue)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!isTrue())
        {
            await Task.Delay(5, limit.Token);
        }
    }
}
