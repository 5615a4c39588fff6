using System.Diagnostics;
using System.Globalization;
using System.Net;
using SecuEdge.TestKit;

namespace SecuEdge.Appliance.Tests.EndToEnd;

/// <summary>The real program as a process of its own, to be killed, stopped and started again over the same data.</summary>
internal sealed class GatewayProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    /// <summary>The next hop of these tests is back within a second; the usual minutes would only be waited for.</summary>
    private static readonly IReadOnlyDictionary<string, string> Impatience = new Dictionary<string, string>
    {
        ["SECUEDGE__Queue__RetryDelays__0"] = "00:00:02",
        ["SECUEDGE__Queue__HopBackoff"] = "00:00:01",
    };

    private readonly string _output;
    private Process? _process;

    public GatewayProcess(GatewayLaunch launch)
    {
        Launch = launch;
        Api = new GatewayApi(launch);
        _output = launch.DataFolder + ".log";
    }

    public GatewayLaunch Launch { get; }

    public GatewayApi Api { get; }

    /// <summary>What the gateway wrote to its output so far, all starts together.</summary>
    public string Output => File.Exists(_output) ? File.ReadAllText(_output) : "";

    /// <summary>Of the process that was started last.</summary>
    public int ProcessId => _process!.Id;

    public bool IsRunning => _process is { HasExited: false };

    /// <summary>A gateway with a folder of its own below <paramref name="folder"/>; skips the test when the program was not built.</summary>
    public static GatewayProcess Create(string folder, IPEndPoint nextHop, string? clamd = null, IReadOnlyDictionary<string, string>? settings = null, string policy = "{}")
    {
        Assert.SkipUnless(GatewayLaunch.FindLibrary() is not null, "The gateway was not built: no secuedge.dll");
        return new GatewayProcess(new GatewayLaunch
        {
            DataFolder = Path.Combine(folder, "data"),
            NextHop = nextHop,
            Clamd = clamd,
            Policy = policy,
            Settings = new Dictionary<string, string>(Impatience.Concat(settings ?? new Dictionary<string, string>())),
        });
    }

    /// <summary>Returns when it greets at its outbound listener.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("/bin/sh") { UseShellExecute = false };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add($"exec dotnet '{GatewayLaunch.FindLibrary()}' run >>'{_output}' 2>&1 </dev/null");
        foreach (var (key, value) in Launch.PrepareEnvironment())
        {
            start.Environment[key] = value;
        }

        _process = Process.Start(start)!;
        var began = TimeProvider.System.GetTimestamp();
        while (!await GreetsAsync(cancellationToken))
        {
            Assert.False(_process.HasExited, $"The gateway ended at start:\n{Tail()}");
            Assert.True(TimeProvider.System.GetElapsedTime(began) < StartLimit, $"The gateway did not start in time:\n{Tail()}");
            // A process seen from outside gives no event: it is asked again after a moment.
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>SIGKILL: no chance to write anything more.</summary>
    public async Task KillAsync(CancellationToken cancellationToken)
    {
        _process!.Kill();
        await _process.WaitForExitAsync(cancellationToken);
    }

    /// <summary>SIGTERM; the exit code.</summary>
    public async Task<int> TerminateAsync(CancellationToken cancellationToken)
    {
        await SignalAsync(_process!.Id, "TERM", cancellationToken);
        await _process.WaitForExitAsync(cancellationToken);
        return _process.ExitCode;
    }

    /// <summary>Sends a signal to one process.</summary>
    public static async Task SignalAsync(int processId, string signal, CancellationToken cancellationToken)
    {
        using var kill = Process.Start("/bin/kill", ["-" + signal, processId.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(cancellationToken);
    }

    /// <summary>The last lines of the output, for a failing test.</summary>
    public string Tail() => string.Join('\n', Output.Split('\n').TakeLast(40));

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        _process?.Dispose();
        Api.Dispose();
    }

    private async Task<bool> GreetsAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var session = await MailSession.OpenAsync(Launch.Outbound, cancellationToken);
            await session.QuitAsync(cancellationToken);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
