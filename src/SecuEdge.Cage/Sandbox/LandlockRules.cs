using System.Runtime.InteropServices;

namespace SecuEdge.Cage.Sandbox;

/// <summary>
/// Which files a worker may see (Documentation/userspace-api/landlock.rst): its program and the system libraries to read, its scratch
/// folder to write plain files, nothing else; and no TCP, no signals to and no abstract sockets of others. It binds this thread and what
/// it executes, so it is set before the worker becomes a program of many threads.
/// </summary>
internal sealed unsafe class LandlockRules
{
    private const ulong Execute = 1 << 0;
    private const ulong WriteFile = 1 << 1;
    private const ulong ReadFile = 1 << 2;
    private const ulong ReadFolder = 1 << 3;
    private const ulong RemoveFolder = 1 << 4;
    private const ulong RemoveFile = 1 << 5;
    private const ulong MakeFolder = 1 << 7;
    private const ulong MakeFile = 1 << 8;
    private const ulong Truncate = 1 << 14;
    private const ulong OfFiles = Execute | WriteFile | ReadFile | Truncate;

    private const ulong TcpBindAndConnect = 3;
    private const ulong AbstractSocketsAndSignals = 3;
    private const long AskVersion = 1;
    private const long PathBeneath = 1;

    /// <summary>Libraries and what the runtime asks of the machine at start. Absent ones are left out.</summary>
    private static readonly string[] SystemPaths =
    [
        "/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache", "/etc/ssl/openssl.cnf", "/usr/share/zoneinfo", "/etc/localtime",
        "/proc/self", "/proc/meminfo", "/proc/cpuinfo", "/proc/stat", "/sys/fs/cgroup", "/sys/devices/system/cpu", "/sys/devices/system/node",
        "/dev/urandom", "/dev/null",
    ];

    private readonly int _ruleset;
    private readonly long _version;
    private readonly ulong _handled;

    private LandlockRules(int ruleset, long version, ulong handled)
    {
        _ruleset = ruleset;
        _version = version;
        _handled = handled;
    }

    /// <summary>Rules for a worker; null and the reason where the kernel has none.</summary>
    public static LandlockRules? Prepare(string scratch, IEnumerable<string> readable, out string reason)
    {
        reason = "";
        var version = Linux.Call(SystemCallTable.LandlockCreate, 0, 0, AskVersion);
        if (version < 1)
        {
            reason = Linux.LastError();
            return null;
        }

        // Rights by version: 1 has 13, 2 adds moving between folders, 3 truncation, 5 device control.
        var handled = (1UL << (version switch { 1 => 13, 2 => 14, < 5 => 15, _ => 16 })) - 1;
        var attributes = new Attributes
        {
            Files = handled,
            Network = version >= 4 ? TcpBindAndConnect : 0,
            Scoped = version >= 6 ? AbstractSocketsAndSignals : 0,
        };
        var size = version switch { < 4 => 8, < 6 => 16, _ => 24 };
        var ruleset = Linux.Call(SystemCallTable.LandlockCreate, (long)&attributes, size);
        if (ruleset < 0)
        {
            reason = Linux.LastError();
            return null;
        }

        var rules = new LandlockRules((int)ruleset, version, handled);
        foreach (var path in SystemPaths.Concat(readable))
        {
            rules.Allow(path, Execute | ReadFile | ReadFolder);
        }

        // No links, sockets, pipes or devices: the gateway deletes what is left there.
        rules.Allow(scratch, WriteFile | ReadFile | ReadFolder | RemoveFolder | RemoveFile | MakeFolder | MakeFile | Truncate);
        return rules;
    }

    /// <summary>From here on they bind this thread.</summary>
    public Bar Enforce()
    {
        var network = _version >= 4 ? ", no TCP" : "";
        var scoped = _version >= 6 ? ", no signals to others" : "";
        return Linux.Call(SystemCallTable.LandlockRestrict, _ruleset) == 0
            ? new Bar(Bar.Landlock, true, $"ABI {_version}: own files only{network}{scoped}")
            : new Bar(Bar.Landlock, false, Linux.LastError());
    }

    private void Allow(string path, ulong rights)
    {
        var descriptor = Linux.OpenPath(path);
        if (descriptor < 0)
        {
            return;
        }

        // Rights on folders are an error on a file.
        rights = _handled & (Directory.Exists(path) ? rights : rights & OfFiles);
        var rule = new Rule { Rights = rights, Parent = descriptor };
        Linux.Call(SystemCallTable.LandlockAdd, _ruleset, PathBeneath, &rule);
        Linux.Close(descriptor);
    }

    // struct landlock_ruleset_attr
    [StructLayout(LayoutKind.Sequential)]
    private struct Attributes
    {
        public ulong Files;
        public ulong Network;
        public ulong Scoped;
    }

    // struct landlock_path_beneath_attr, which is packed
    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private struct Rule
    {
        public ulong Rights;
        public int Parent;
    }
}
