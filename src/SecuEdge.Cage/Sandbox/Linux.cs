using System.Runtime.InteropServices;

namespace SecuEdge.Cage.Sandbox;

/// <summary>
/// System calls without a managed counterpart. They go through <c>syscall</c> because libc's wrappers of some change all threads at once
/// or do not exist in older versions.
/// </summary>
internal static unsafe partial class Linux
{
    public const int PermissionDenied = 1; // EPERM
    public const int NotImplemented = 38; // ENOSYS

    private const int SetParentDeathSignal = 1;
    private const int SetNoNewPrivileges = 38;
    private const int SignalKill = 9;
    private const int OpenPathOnly = 0x200000;
    private const int CloseOnExec = 0x80000;

    /// <summary>Numbers of this machine's architecture; null where the bars that need them are not built.</summary>
    public static SystemCallTable? Calls { get; } = SystemCallTable.ForThisMachine();

    public static long Call(int number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0) => SystemCall(number, a, b, c, d, e);

    public static long Call(int number, long a, long b, void* c, long d = 0) => SystemCall(number, a, b, (long)c, d, 0);

    public static string LastError() => Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError());

    /// <summary>The kernel ends us with the thread that started us: no worker outlives its gateway.</summary>
    public static bool DieWithParent() => Prctl(SetParentDeathSignal, SignalKill, 0, 0, 0) == 0;

    public static bool ForbidNewPrivileges() => Prctl(SetNoNewPrivileges, 1, 0, 0, 0) == 0;

    /// <summary>A descriptor that only names the path; negative when it is not there or not ours to see.</summary>
    public static int OpenPath(string path) => Open(path, OpenPathOnly | CloseOnExec, 0);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial long SystemCall(long number, long a, long b, long c, long d, long e);

    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Prctl(int option, ulong a, ulong b, ulong c, ulong d);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int Open(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "chdir", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int ChangeFolder(string path);

    [LibraryImport("libc", EntryPoint = "chown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int ChangeOwner(string path, uint user, uint group);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial uint EffectiveUser();

    [LibraryImport("libc", EntryPoint = "getppid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int ParentProcess();

    [LibraryImport("libc", EntryPoint = "setsid", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int NewSession();

    [LibraryImport("libc", EntryPoint = "unshare", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int Unshare(int flags);

    [LibraryImport("libc", EntryPoint = "setrlimit", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int SetLimit(int resource, ulong* softAndHard);

    [LibraryImport("libc", EntryPoint = "signal", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial nint Signal(int number, nint handler);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int Control(int descriptor, int command, long argument);

    [LibraryImport("libc", EntryPoint = "execve", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int Execute(string path, string?[] arguments, string?[] environment);
}
