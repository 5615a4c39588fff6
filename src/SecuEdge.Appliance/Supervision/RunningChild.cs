using System.Diagnostics;
using System.Runtime.InteropServices;

namespace SecuEdge.Appliance.Supervision;

/// <summary>A started child: its output line by line, its end, and the two ways to end it.</summary>
internal sealed class RunningChild : IDisposable
{
    private const int SignalTerminate = 15;

    private readonly Process _process;
    private readonly Task _output;

    public RunningChild(Process process, Action<string> line)
    {
        _process = process;
        ProcessId = process.Id;
        _output = Task.WhenAll(ReadAsync(process.StandardOutput, line), ReadAsync(process.StandardError, line));
    }

    public int ProcessId { get; }

    /// <summary>Waits for its end and its last words; gives the exit code, 128 and the signal's number after a signal.</summary>
    public async Task<int> WaitForExitAsync(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken);

        // A process that it started may hold the pipe open for ever: its last words are worth a second, not a hang.
        await Task.WhenAny(_output, Task.Delay(TimeSpan.FromSeconds(1), cancellationToken));
        return _process.ExitCode;
    }

    /// <summary>Asks it to end (SIGTERM), then kills it.</summary>
    public async Task<int> StopAsync(TimeSpan grace, TimeProvider timeProvider)
    {
        using var limit = new CancellationTokenSource(grace, timeProvider);
        if (!_process.HasExited)
        {
            _ = Kill(ProcessId, SignalTerminate);
        }

        try
        {
            return await WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
            return await WaitForExitAsync(CancellationToken.None);
        }
    }

    public void Dispose() => _process.Dispose();

    private static async Task ReadAsync(StreamReader output, Action<string> line)
    {
        while (await output.ReadLineAsync() is { } text)
        {
            line(text);
        }
    }

    // .NET only knows SIGKILL for a process of another program.
    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int processId, int signal);
}
