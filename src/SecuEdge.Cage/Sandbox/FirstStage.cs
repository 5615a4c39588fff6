using System.Globalization;
using System.Text.Json;
using SecuEdge.Cage.Protocol;

namespace SecuEdge.Cage.Sandbox;

/// <summary>
/// The first life of a worker: it puts up every bar that binds one thread only, then executes itself anew, so that all threads of the
/// second life are born behind them.
/// <code>
/// gateway -> first stage: limits, namespaces, user, Landlock, descriptors -> execve -> second stage: seccomp, then jobs
/// </code>
/// </summary>
internal static class FirstStage
{
    public const string Word = "first";

    private const int NewIpcAndNetwork = 0x08000000 | 0x40000000; // CLONE_NEWIPC | CLONE_NEWNET
    private const int SetPipeSize = 1031; // F_SETPIPE_SZ
    private const int LargestPipe = 1024 * 1024; // what an ordinary user may have
    private const int CloseOnExecFlag = 4; // CLOSE_RANGE_CLOEXEC

    /// <summary>Only returns when it failed.</summary>
    public static int Run(WorkerSettings settings)
    {
        // A session of its own: Ctrl-C and a signal to the group reach the gateway only, which first finishes the mail at hand.
        Linux.NewSession();
        Linux.DieWithParent();
        if (!Linux.ForbidNewPrivileges())
        {
            return Fail("no_new_privs");
        }

        // Messages are larger than the usual 64 KB: fewer turns between the two processes.
        Linux.Control(0, SetPipeSize, LargestPipe);
        Linux.Control(1, SetPipeSize, LargestPipe);

        // The kernel's choice when memory runs out should be us, never the gateway.
        File.WriteAllText("/proc/self/oom_score_adj", "1000");
        var program = Environment.ProcessPath!; // set on Linux
        var runtime = RuntimeFolder();
        var limits = ResourceLimits.Set(settings);
        var namespaces = Linux.Unshare(NewIpcAndNetwork) == 0
            ? new Bar(Bar.Namespaces, true, "network and IPC of its own, both empty")
            : new Bar(Bar.Namespaces, false, Linux.LastError());
        string[] readable = [Path.GetDirectoryName(program)!, .. runtime is null ? (string[])[] : [runtime], .. settings.ReadableFolders];
        var rules = LandlockRules.Prepare(settings.Scratch, readable, out var reason);

        // Found through /proc/self/cwd from here on, whoever may enter the folders above it.
        if (Linux.ChangeFolder(settings.Scratch) != 0)
        {
            return Fail(settings.Scratch);
        }

        var user = OwnUser.Take(settings.Scratch, program);
        Linux.DieWithParent(); // another user clears it
        var landlock = rules?.Enforce() ?? new Bar(Bar.Landlock, false, reason);
        Linux.Call(SystemCallTable.CloseRange, 3, uint.MaxValue, CloseOnExecFlag);
        var told = JsonSerializer.Serialize(settings with { Bars = [limits, namespaces, user, landlock] }, CageJson.Default.WorkerSettings);
        Linux.Execute(program, [program, SecondStage.Word, told, null], [.. EnvironmentOf(settings, runtime), null]);
        return Fail(program);
    }

    /// <summary>Where the shared runtime is; null when the program brings its own.</summary>
    private static string? RuntimeFolder()
    {
        var folder = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        return Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory) == folder ? null : Path.GetFullPath(Path.Combine(folder, "..", "..", ".."));
    }

    private static IEnumerable<string> EnvironmentOf(WorkerSettings settings, string? runtime)
    {
        // The other part is for native libraries, thread stacks and the runtime's own memory.
        var heap = settings.MaxMemoryBytes / 8 * 5;
        yield return "DOTNET_GCHeapHardLimit=0x" + heap.ToString("x", CultureInfo.InvariantCulture);
        yield return "DOTNET_TieredPGO=0";
        yield return "DOTNET_EnableDiagnostics=0";

        // It needs memory shared under two addresses, which the bars forbid, and time at start.
        yield return "DOTNET_EnableWriteXorExecute=0";
        yield return "TMPDIR=" + SecondStage.ScratchFolder;
        yield return "LANG=C.UTF-8";
        if (runtime is not null)
        {
            yield return "DOTNET_ROOT=" + runtime;
        }
    }

    private static int Fail(string what)
    {
        Console.Error.WriteLine($"{what}: {Linux.LastError()}");
        return 1;
    }
}
