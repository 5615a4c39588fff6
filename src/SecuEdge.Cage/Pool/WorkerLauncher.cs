using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using SecuEdge.Cage.Protocol;
using SecuEdge.Cage.Sandbox;

namespace SecuEdge.Cage.Pool;

/// <summary>
/// Starts workers from one thread that lives as long as the gateway: the kernel ends a child with the <em>thread</em> that started it
/// (PR_SET_PDEATHSIG), and threads of the pool come and go.
/// </summary>
internal sealed class WorkerLauncher : IDisposable
{
    private readonly CageOptions _options;
    private readonly string _program;
    private readonly string _scratchFolder;
    private readonly TimeProvider _timeProvider;
    private readonly BlockingCollection<Action> _starts = [];

    public WorkerLauncher(CageOptions options, string scratchFolder, TimeProvider timeProvider)
    {
        _options = options;
        _program = options.Program.Length > 0 ? options.Program : Path.Combine(AppContext.BaseDirectory, "secuedge-cage");
        _scratchFolder = scratchFolder;
        _timeProvider = timeProvider;
        new Thread(Work) { IsBackground = true, Name = "cage launcher" }.Start();
    }

    /// <summary>Null and the reason when it cannot be started.</summary>
    public Task<(WorkerProcess? Worker, string Reason)> StartAsync()
    {
        var started = new TaskCompletionSource<(WorkerProcess?, string)>(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            _starts.Add(() => started.SetResult(Start()));
        }
        catch (InvalidOperationException)
        {
            started.SetResult((null, "the cage is closed"));
        }

        return started.Task;
    }

    public void Dispose() => _starts.CompleteAdding();

    private (WorkerProcess?, string) Start()
    {
        try
        {
            var folder = Directory.CreateDirectory(
                Path.Combine(_scratchFolder, "worker-" + Path.GetRandomFileName()), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).FullName;
            var settings = new WorkerSettings
            {
                Scratch = folder,
                ReadableFolders = [.. _options.ReadableFolders],
                MaxMemoryBytes = _options.MaxMemoryBytes,
                MaxScratchBytes = _options.MaxScratchBytes,
                Parent = Environment.ProcessId,
            };
            var start = new ProcessStartInfo(_program, [FirstStage.Word, JsonSerializer.Serialize(settings, CageJson.Default.WorkerSettings)])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                UseShellExecute = false,
                WorkingDirectory = "/",
            };
            Strip(start.Environment);
            return (new WorkerProcess(Process.Start(start)!, folder, _options, _timeProvider), ""); // null only with UseShellExecute
        }
        catch (Exception exception) when (exception is Win32Exception or IOException or UnauthorizedAccessException)
        {
            return (null, $"{_program} cannot be started: {exception.Message}");
        }
    }

    /// <summary>Settings and secrets of the gateway are none of its business; where the runtime is, is.</summary>
    private static void Strip(IDictionary<string, string?> environment)
    {
        foreach (var name in environment.Keys.Where(name => name is not ("DOTNET_ROOT" or "PATH")).ToList())
        {
            environment.Remove(name);
        }

        environment["DOTNET_EnableDiagnostics"] = "0";
        environment["DOTNET_TieredPGO"] = "0";
    }

    private void Work()
    {
        foreach (var start in _starts.GetConsumingEnumerable())
        {
            start();
        }
    }
}
