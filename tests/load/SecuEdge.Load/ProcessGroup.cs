using System.Diagnostics;
using System.Globalization;

namespace SecuEdge.Load;

/// <summary>
/// All processes of one system under test, however short-lived, in a control group of their own: the kernel adds up their CPU time, also
/// of those that have ended. Where no group can be made, the process tree is walked and ended children come from their parents' books.
/// </summary>
internal sealed class ProcessGroup : IDisposable
{
    private static readonly string[] Roots = ["/sys/fs/cgroup/unified", "/sys/fs/cgroup"];
    private readonly string? _folder;
    private readonly List<Process> _started = [];

    public ProcessGroup(string name)
    {
        foreach (var root in Roots.Where(root => File.Exists(Path.Combine(root, "cgroup.procs")) && File.Exists(Path.Combine(root, "cpu.stat"))))
        {
            try
            {
                _folder = Directory.CreateDirectory(Path.Combine(root, $"secuedge-load-{Environment.ProcessId}-{name}")).FullName;
                return;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // Not ours to write: the process tree has to do.
            }
        }
    }

    /// <summary>How CPU time is found, for the report.</summary>
    public string Accounting => _folder is null ? "process tree" : "control group";

    /// <summary>CPU time of all processes so far, ended ones included.</summary>
    public TimeSpan CpuTime => _folder is null ? TreeCpuTime() : GroupCpuTime();

    /// <summary>CPU time by the other way of counting, to check one with the other.</summary>
    public TimeSpan TreeCpuTime() => _started.Where(process => !process.HasExited).Aggregate(TimeSpan.Zero, (sum, process) => sum + TreeCpuTime(process.Id));

    /// <summary>CPU time so far of the living processes of one program, by its name.</summary>
    public TimeSpan CpuTimeOf(string program) => ProcessIds()
        .Where(process => NameOf(process) == program)
        .Aggregate(TimeSpan.Zero, (sum, process) => sum + OwnCpuTime(process));

    /// <summary>Memory of all processes now, shared pages divided among those that share them.</summary>
    public long MemoryBytes() => ProcessIds().Sum(ProportionalMemory);

    /// <summary>Starts a program inside the group; its output goes to a file.</summary>
    public Process Start(string program, IEnumerable<string> arguments, string outputFile, IReadOnlyDictionary<string, string>? environment = null)
    {
        // The shell enters the group first, so that nothing of the program runs outside of it.
        var enter = _folder is null ? "" : $"echo $$ > '{_folder}/cgroup.procs'; ";
        var start = new ProcessStartInfo("/bin/sh") { UseShellExecute = false };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add($"{enter}exec \"$0\" \"$@\" >>'{outputFile}' 2>&1 </dev/null");
        start.ArgumentList.Add(program);
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (key, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[key] = value;
        }

        var process = Process.Start(start)!;
        _started.Add(process);
        return process;
    }

    /// <summary>Ends what is left of the group, and only that.</summary>
    public void Dispose()
    {
        foreach (var signal in new[] { "-TERM", "-KILL" })
        {
            for (var waited = 0; waited < 50 && ProcessIds().ToArray() is { Length: > 0 } left; waited++)
            {
                if (waited == 0)
                {
                    using var kill = Process.Start("/bin/kill", [signal, .. left.Select(id => id.ToString(CultureInfo.InvariantCulture))]);
                    kill.WaitForExit();
                }

                Pause.For(TimeSpan.FromMilliseconds(100));
            }
        }

        _started.ForEach(process => process.Dispose());
        for (var tries = 0; _folder is not null && Directory.Exists(_folder) && tries < 20; tries++)
        {
            try
            {
                Directory.Delete(_folder);
            }
            catch (IOException)
            {
                // Busy until the last process has been reaped.
                Pause.For(TimeSpan.FromMilliseconds(50));
            }
        }
    }

    private TimeSpan GroupCpuTime()
    {
        var line = File.ReadLines(Path.Combine(_folder!, "cpu.stat")).First(line => line.StartsWith("usage_usec ", StringComparison.Ordinal));
        return TimeSpan.FromMicroseconds(long.Parse(line.AsSpan("usage_usec ".Length), CultureInfo.InvariantCulture));
    }

    private IEnumerable<int> ProcessIds() => _folder is not null
        ? File.ReadAllLines(Path.Combine(_folder, "cgroup.procs")).Select(line => int.Parse(line, CultureInfo.InvariantCulture))
        : _started.Where(process => !process.HasExited).SelectMany(process => Tree(process.Id));

    private static IEnumerable<int> Tree(int process)
    {
        string children;
        try
        {
            children = File.ReadAllText($"/proc/{process}/task/{process}/children");
        }
        catch (IOException)
        {
            return [];
        }

        return children.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .SelectMany(child => Tree(int.Parse(child, CultureInfo.InvariantCulture))).Prepend(process);
    }

    private static TimeSpan TreeCpuTime(int root) => Tree(root).Aggregate(TimeSpan.Zero, (sum, process) => sum + OwnCpuTime(process));

    /// <summary>With that of its ended children.</summary>
    private static TimeSpan OwnCpuTime(int process)
    {
        try
        {
            // proc(5): utime, stime, cutime and cstime are the fields 14 to 17; the name in brackets may hold blanks.
            var stat = File.ReadAllText($"/proc/{process}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields.Skip(11).Take(4).Aggregate(TimeSpan.Zero, (ticks, field) => ticks + TimeSpan.FromMilliseconds(10 * long.Parse(field, CultureInfo.InvariantCulture)));
        }
        catch (IOException)
        {
            return TimeSpan.Zero;
        }
    }

    private static string NameOf(int process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/comm").TrimEnd();
        }
        catch (IOException)
        {
            return "";
        }
    }

    private static long ProportionalMemory(int process)
    {
        try
        {
            var line = File.ReadLines($"/proc/{process}/smaps_rollup").FirstOrDefault(line => line.StartsWith("Pss:", StringComparison.Ordinal));
            return line is null ? 0 : long.Parse(line.AsSpan(4).Trim().TrimEnd("kB").Trim(), CultureInfo.InvariantCulture) * 1024;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }
}
