using System.Diagnostics;
using Microsoft.Extensions.Logging;
using SecuEdge.Appliance.Supervision;

namespace SecuEdge.Appliance.Tests.Supervision;

public sealed class ChildProcessTests : IDisposable
{
    private static readonly RestartPolicy Quick = new()
    {
        FirstPause = TimeSpan.FromMilliseconds(10),
        LongestPause = TimeSpan.FromMilliseconds(40),
        GateInterval = TimeSpan.FromMilliseconds(10),
        StopGrace = TimeSpan.FromMilliseconds(500),
    };

    /// <summary>What is said of its first end stays as it is.</summary>
    private static readonly RestartPolicy OneStart = Quick with { FirstPause = TimeSpan.FromHours(1), LongestPause = TimeSpan.FromHours(1) };

    private readonly TemporaryFolder _folder = new();
    private readonly ChildLauncher _launcher = new();
    private readonly LinesLogger<ChildProcess> _log = new();
    private readonly CancellationTokenSource _stop = new();

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
        _launcher.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_child_that_ends_is_started_again_and_counted()
    {
        var (child, run) = Start("echo run >> runs; [ $(wc -l < runs) -lt 3 ] && exit 7; sleep 60");

        await Eventually.IsTrue(() => child.Status is { State: ChildState.Running, Restarts: 2 }, "third start");
        Assert.Contains(_log.Lines, line => line.Level == LogLevel.Error && line.Text.Contains("ended with code 7", StringComparison.Ordinal));

        await StopAsync(run);
        Assert.Equal(ChildState.Stopped, child.Status.State);
    }

    [Fact]
    public async Task A_killed_child_is_started_again()
    {
        var (child, run) = Start("exec sleep 60");
        await Eventually.IsTrue(() => child.Status.State == ChildState.Running, "start");
        var first = child.Status.ProcessId!.Value;

        Process.GetProcessById(first).Kill();

        await Eventually.IsTrue(() => child.Status is { State: ChildState.Running, Restarts: 1 }, "restart");
        Assert.NotEqual(first, child.Status.ProcessId);
        await StopAsync(run);
    }

    [Fact]
    public async Task A_closed_gate_holds_the_child_back_and_says_why()
    {
        var missing = "no signatures yet";
        var (child, run) = Start("exec sleep 60", () => missing);
        await Eventually.IsTrue(() => child.Status.State == ChildState.Waiting, "waiting");
        Assert.Equal("no signatures yet", child.Status.Reason);

        missing = "";

        await Eventually.IsTrue(() => child.Status.State == ChildState.Running, "start");
        Assert.Equal(0, child.Status.Restarts);
        await StopAsync(run);
    }

    [Fact]
    public async Task Restarting_on_request_takes_no_pause_and_is_no_failure()
    {
        var (child, run) = Start("exec sleep 60", policy: OneStart);
        await Eventually.IsTrue(() => child.Status.State == ChildState.Running, "start");

        child.Restart();

        await Eventually.IsTrue(() => child.Status is { State: ChildState.Running, Restarts: 1 }, "restart");
        Assert.DoesNotContain(_log.Lines, line => line.Level >= LogLevel.Error);
        await StopAsync(run);
    }

    [Fact]
    public async Task A_child_that_ignores_SIGTERM_is_killed()
    {
        var (child, run) = Start("trap '' TERM; echo up; while :; do sleep 0.1; done");
        await Eventually.IsTrue(() => _log.Lines.Any(line => line.Text == "sh: up"), "first line");
        var id = child.Status.ProcessId!.Value;

        await StopAsync(run);

        Assert.False(IsAlive(id));
    }

    [Fact]
    public async Task Complaints_are_warnings_and_explain_the_end()
    {
        var (child, run) = Start("echo loading; echo 'LibClamAV ERROR: Malformed database' >&2; exit 1", policy: OneStart);

        await Eventually.IsTrue(() => child.Status.State == ChildState.BackingOff, "back-off");

        Assert.Equal("ended with code 1: LibClamAV ERROR: Malformed database", child.Status.Reason);
        Assert.Contains((LogLevel.Debug, "sh: loading"), _log.Lines);
        Assert.Contains((LogLevel.Warning, "sh: LibClamAV ERROR: Malformed database"), _log.Lines);
        await StopAsync(run);
    }

    [Fact]
    public async Task A_program_that_is_not_installed_is_said_so()
    {
        var command = new ChildCommand("clamd", "/nonexistent/clamd", []);
        var child = new ChildProcess(command, OneStart, _launcher, TimeProvider.System, _log);
        var run = child.RunAsync(() => "", _stop.Token);

        await Eventually.IsTrue(() => child.Status.State == ChildState.BackingOff, "back-off");

        Assert.Equal("/nonexistent/clamd is not installed", child.Status.Reason);
        await StopAsync(run);
    }

    [Fact]
    public async Task Children_survive_the_thread_that_asked_for_them()
    {
        // The parent-death signal follows the thread that forked: a child must not die with a thread of the pool.
        RunningChild? child = null;
        var thread = new Thread(() =>
        {
            child = _launcher.StartAsync(new ChildCommand("sleep", "/bin/sleep", ["60"]), _ => { }, CancellationToken.None)
                .GetAwaiter().GetResult().Child;
        });
        thread.Start();
        thread.Join();

        using (child)
        {
            await Task.Delay(100, TestContext.Current.CancellationToken);
            Assert.True(IsAlive(child!.ProcessId));
            await child.StopAsync(TimeSpan.FromSeconds(5), TimeProvider.System);
        }
    }

    [Fact]
    public void Children_get_a_death_signal_and_a_session_of_their_own_where_the_tools_are_installed()
    {
        var command = new ChildCommand("clamd", "/usr/sbin/clamd", ["--config-file=/x"]);

        Assert.Equal(
            "/usr/bin/setpriv --pdeathsig TERM --no-new-privs /usr/bin/setsid /usr/sbin/clamd --config-file=/x",
            string.Join(' ', ChildLauncher.CommandLine(command, _ => true)));
        Assert.Equal("/usr/sbin/clamd --config-file=/x", string.Join(' ', ChildLauncher.CommandLine(command, _ => false)));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(5, 16)]
    [InlineData(6, 30)]
    [InlineData(10_000, 30)]
    public void Pauses_double_up_to_half_a_minute(int failures, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), new RestartPolicy().PauseAfter(failures));

    private static bool IsAlive(int id) => Directory.Exists($"/proc/{id}");

    private (ChildProcess Child, Task Run) Start(string script, Func<string>? gate = null, RestartPolicy? policy = null)
    {
        var program = _folder.Program("program", $"cd {_folder.Path}\n{script}");
        var child = new ChildProcess(new ChildCommand("sh", program, []), policy ?? Quick, _launcher, TimeProvider.System, _log);
        return (child, child.RunAsync(gate ?? (() => ""), _stop.Token));
    }

    private async Task StopAsync(Task run)
    {
        await _stop.CancelAsync();
        await run.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
    }
}
