using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;

namespace SecuEdge.Appliance.Supervision;

/// <summary>
/// Starts child processes that do not outlive us, not even after a kill -9: the kernel signals them when their parent ends
/// (<c>PR_SET_PDEATHSIG</c>, set by util-linux's <c>setpriv</c>).
/// </summary>
/// <remarks>
/// The kernel means the parent <em>thread</em>. A child started on a thread of the pool would be ended whenever the pool retires that thread,
/// so one thread of our own starts all children and lives as long as the process.
/// </remarks>
internal sealed class ChildLauncher : IDisposable
{
    private const string SetPrivileges = "/usr/bin/setpriv";
    private const string SetSession = "/usr/bin/setsid";

    private readonly BlockingCollection<Action> _starts = [];

    public ChildLauncher() => new Thread(Work) { IsBackground = true, Name = "child launcher" }.Start();

    /// <summary>Starts the program; null and the reason when it cannot be started.</summary>
    public Task<(RunningChild? Child, string Reason)> StartAsync(ChildCommand command, Action<string> line, CancellationToken cancellationToken)
    {
        if (!File.Exists(command.Program))
        {
            return Task.FromResult<(RunningChild?, string)>((null, $"{command.Program} is not installed"));
        }

        var started = new TaskCompletionSource<(RunningChild?, string)>(TaskCreationOptions.RunContinuationsAsynchronously);
        _starts.Add(() => started.SetResult(Start(command, line)), cancellationToken);
        return started.Task;
    }

    public void Dispose() => _starts.CompleteAdding();

    internal static IReadOnlyList<string> CommandLine(ChildCommand command, Func<string, bool> isInstalled)
    {
        var words = new List<string>();
        if (isInstalled(SetPrivileges))
        {
            words.AddRange([SetPrivileges, "--pdeathsig", "TERM", "--no-new-privs"]);
        }

        // A session of its own: Ctrl-C in a terminal and tini's group signal reach the gateway only, which first finishes the mail at hand
        // and then stops its children. setsid forks only for a leader of a process group, which a child of ours never is.
        if (isInstalled(SetSession))
        {
            words.Add(SetSession);
        }

        words.Add(command.Program);
        words.AddRange(command.Arguments);
        return words;
    }

    private static (RunningChild?, string) Start(ChildCommand command, Action<string> line)
    {
        var words = CommandLine(command, File.Exists);
        var start = new ProcessStartInfo(words[0], words.Skip(1))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
            WorkingDirectory = "/",
        };
        try
        {
            var process = Process.Start(start)!; // null only with UseShellExecute
            process.StandardInput.Close();
            return (new RunningChild(process, line), "");
        }
        catch (Win32Exception failure)
        {
            return (null, $"{command.Program} cannot be started: {failure.Message}");
        }
    }

    private void Work()
    {
        foreach (var start in _starts.GetConsumingEnumerable())
        {
            start();
        }
    }
}
