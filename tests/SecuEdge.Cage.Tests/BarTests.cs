using SecuEdge.Cage.Pool;
using SecuEdge.Cage.Sandbox;

namespace SecuEdge.Cage.Tests;

/// <summary>A worker that is taken over tries everything; all of it fails, and the gateway hears of it.</summary>
public sealed class BarTests(BarTests.OneCage cage) : IClassFixture<BarTests.OneCage>
{
    [Theory]
    [InlineData("socket")]
    [InlineData("unix-socket")]
    [InlineData("fork")]
    [InlineData("list", "/")]
    [InlineData("list", "/etc")]
    [InlineData("read", "/etc/passwd")]
    [InlineData("read", "SECRET")]
    [InlineData("list", "OUTSIDE")]
    [InlineData("write", "OUTSIDE/made")]
    [InlineData("write", "SECRET")]
    [InlineData("write", "/tmp/secuedge-cage-was-here")]
    [InlineData("link", "/etc")]
    [InlineData("kill", "", -1)]
    [InlineData("environment", "", -1)]
    [InlineData("allocate-managed", "", 4L << 30)]
    [InlineData("allocate-native", "", 4L << 30)]
    [InlineData("allocate-shared", "", 4L << 30)]
    public async Task It_cannot(string attempt, string path = "", long count = 0)
    {
        RequireBars();
        var (result, failed) = await cage.Cages.TryAsync(attempt, cage.Place(path), count == -1 ? Environment.ProcessId : count);
        if (failed is not null)
        {
            // Native code that gets no memory may end the process: held, too.
            Assert.Equal("allocate-native", attempt);
            return;
        }

        Assert.False(result!.Succeeded, $"{attempt} {path}: {result.Detail}");
        Assert.Equal("kept", await File.ReadAllTextAsync(cage.Secret, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("execute", "/bin/sh")]
    [InlineData("ptrace")]
    public async Task Trying_it_is_deadly(string attempt, string path = "")
    {
        RequireBars();
        var (_, failed) = await cage.Cages.TryAsync(attempt, path, Environment.ProcessId);
        Assert.Equal(CageFailure.Crashed, failed?.Kind);
        Assert.Contains("signal 31", failed!.Why); // SIGSYS
    }

    [Fact]
    public async Task A_loop_ends_with_its_time()
    {
        var (_, failed) = await cage.Cages.TryAsync("loop", limit: TimeSpan.FromMilliseconds(300));
        Assert.Equal(CageFailure.TimedOut, failed?.Kind);
    }

    [Theory]
    [InlineData("crash")]
    [InlineData("overflow")]
    public async Task A_crash_is_reported(string attempt)
    {
        var (result, failed) = await cage.Cages.TryAsync(attempt);
        Assert.True(failed is { Kind: CageFailure.Crashed } || result is { Succeeded: false }, $"{failed} {result}");
    }

    [Fact]
    public async Task Garbage_in_its_output_is_no_answer()
    {
        var (_, failed) = await cage.Cages.TryAsync("flood");
        Assert.Equal(CageFailure.Refused, failed?.Kind);
    }

    [Fact]
    public async Task A_job_that_throws_is_refused_with_its_sentence()
    {
        var (_, failed) = await cage.Cages.TryAsync("throw");
        Assert.Equal((CageFailure.Refused, "InvalidDataException: thrown on demand"), (failed!.Kind, failed.Why));
    }

    [Fact]
    public async Task An_unknown_job_is_refused()
    {
        var failed = Assert.IsType<CageOutcome.Failed>(await cage.Cages.RunAsync("no-such-job", "{}"));
        Assert.Equal(CageFailure.Refused, failed.Kind);
    }

    [Fact]
    public async Task It_cannot_fill_the_disk()
    {
        await using var small = new Cages(options => options.MaxScratchBytes = 16 * 1024 * 1024);
        var (result, failed) = await small.TryAsync("fill-disk", count: 100L << 30);
        Assert.True(failed is { Kind: CageFailure.Refused }, $"{failed} {result}");
        Assert.Contains("files", failed.Why);
        Assert.True((await small.TryAsync("nothing")).Result!.Succeeded);
    }

    [Fact]
    public async Task Every_bar_of_this_kernel_holds_and_is_reported()
    {
        RequireBars();
        Assert.True((await cage.Cages.TryAsync("nothing")).Result!.Succeeded);
        var bars = cage.Cages.Pool.Status.Bars;
        Assert.Equal(Bar.Names, bars.Select(bar => bar.Name));
        foreach (var name in (string[])[Bar.Limits, Bar.Landlock, Bar.Seccomp])
        {
            Assert.True(bars.Single(bar => bar.Name == name).Holds, string.Join('\n', bars));
        }
    }

    [Fact]
    public async Task A_bar_that_is_required_and_missing_keeps_the_cage_shut()
    {
        var options = new CageOptions { Require = "seccomp, dungeon" };
        Assert.Contains(options.Validate(new(options)), wrong => wrong.ErrorMessage!.Contains("dungeon"));
        await using var shut = new Cages(o => o.Require = "dungeon");
        var (_, failed) = await shut.TryAsync("nothing");
        Assert.Equal((CageFailure.Unavailable, "required, but not there: dungeon"), (failed!.Kind, failed.Why));
        Assert.Contains("dungeon", shut.Pool.Status.Trouble);
    }

    private static void RequireBars()
    {
        if (Linux.Calls is null || Linux.Call(SystemCallTable.LandlockCreate, 0, 0, 1) < 6)
        {
            Assert.Skip("This kernel has no Landlock 6: what holds then depends on the machine.");
        }
    }

    /// <summary>One pool for the class, and a folder as <c>/data</c> is one.</summary>
    public sealed class OneCage : IAsyncLifetime
    {
        private readonly DirectoryInfo _outside = Directory.CreateTempSubdirectory("secuedge-outside-");

        internal Cages Cages { get; } = new();

        internal string Secret => Path.Combine(_outside.FullName, "secret");

        internal string Place(string path) => path.Replace("SECRET", Secret, StringComparison.Ordinal).Replace("OUTSIDE", _outside.FullName, StringComparison.Ordinal);

        public async ValueTask InitializeAsync() => await File.WriteAllTextAsync(Secret, "kept");

        public async ValueTask DisposeAsync()
        {
            await Cages.DisposeAsync();
            _outside.Delete(recursive: true);
        }
    }
}
