using System.Runtime.InteropServices;

namespace SecuEdge.Cage.Sandbox;

/// <summary>
/// System call numbers of one architecture: those the bars are built with, those a worker may make, and those only an attacker makes.
/// What is in no list is refused, so a call that the kernel learns tomorrow is refused too.
/// </summary>
internal sealed record SystemCallTable
{
    /// <summary>AUDIT_ARCH_* of linux/audit.h: a worker that speaks another architecture's numbers would pass the filter.</summary>
    public required uint AuditArchitecture { get; init; }

    public required int Seccomp { get; init; }

    public required int SetGroups { get; init; }

    public required int SetGroup { get; init; }

    public required int SetUser { get; init; }

    public required int SetFileUser { get; init; }

    public required int SetFileGroup { get; init; }

    public required int SetCapabilities { get; init; }

    public required int CloneProcess { get; init; }

    public required int MemoryMap { get; init; }

    public required int Ioctl { get; init; }

    public required int Prctl { get; init; }

    public required int ThreadKill { get; init; }

    public required int ThreadQueueSignal { get; init; }

    public required int ProcessLimit { get; init; }

    /// <summary>Reading and writing what is open, files (where Landlock allows), memory, threads, time: what the runtime itself needs.</summary>
    public required IReadOnlyList<int> Allowed { get; init; }

    /// <summary>Nothing here makes these by mistake: new programs, other processes' memory, mounts, modules, namespaces, keys.</summary>
    public required IReadOnlyList<int> Deadly { get; init; }

    /// <summary>The same on all architectures: calls since Linux 5.1 share their numbers.</summary>
    public static int LandlockCreate => 444;

    public static int LandlockAdd => 445;

    public static int LandlockRestrict => 446;

    public static int CloseRange => 436;

    public static int CloneThree => 435;

    public static SystemCallTable? ForThisMachine() => RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => Amd64,
        Architecture.Arm64 => Arm64,
        _ => null,
    };

    // Numbers by name, in the order of the table: arch/x86/entry/syscalls/syscall_64.tbl.
    internal static SystemCallTable Amd64 { get; } = new()
    {
        AuditArchitecture = 0xC000003E,
        Seccomp = 317,
        SetGroups = 116,
        SetGroup = 119,
        SetUser = 117,
        SetFileUser = 122,
        SetFileGroup = 123,
        SetCapabilities = 126,
        CloneProcess = 56,
        MemoryMap = 9,
        Ioctl = 16,
        Prctl = 157,
        ThreadKill = 234,
        ThreadQueueSignal = 297,
        ProcessLimit = 302,
        Allowed =
        [
            0, 1, 2, 3, 4, 5, 6, 7, 8, // read write open close stat fstat lstat poll lseek
            10, 11, 12, 13, 14, 15, 17, 18, 19, 20, 21, 22, // mprotect munmap brk sigaction sigprocmask sigreturn pread pwrite readv writev access pipe
            24, 25, 26, 27, 28, 32, 33, 35, 39, 40, // sched_yield mremap msync mincore madvise dup dup2 nanosleep getpid sendfile
            60, 63, 72, 73, 74, 75, 76, 77, 78, 79, // exit uname fcntl flock fsync fdatasync truncate ftruncate getdents getcwd
            82, 83, 84, 87, 89, 95, 96, 97, 98, 99, 100, // rename mkdir rmdir unlink readlink umask gettimeofday getrlimit getrusage sysinfo times
            102, 104, 107, 108, 110, 127, 128, 130, 131, // getuid getgid geteuid getegid getppid sigpending sigtimedwait sigsuspend sigaltstack
            137, 138, 143, 145, 146, 147, 149, 150, 158, // statfs fstatfs sched_getparam getscheduler get_priority_max/min mlock munlock arch_prctl
            186, 201, 202, 203, 204, 217, 218, 219, 221, // gettid time futex sched_set/getaffinity getdents64 set_tid_address restart_syscall fadvise
            228, 229, 230, 231, 232, 233, 239, // clock_gettime getres nanosleep exit_group epoll_wait epoll_ctl get_mempolicy
            257, 258, 262, 263, 264, 267, 269, 270, 271, // openat mkdirat newfstatat unlinkat renameat readlinkat faccessat pselect ppoll
            273, 274, 280, 281, 285, 290, 291, 292, 293, // set/get_robust_list utimensat epoll_pwait fallocate eventfd2 epoll_create1 dup3 pipe2
            295, 296, 309, 316, 318, 324, 326, 332, 334, // preadv pwritev getcpu renameat2 getrandom membarrier copy_file_range statx rseq
            436, 439, // close_range faccessat2
        ],
        Deadly =
        [
            59, 322, 101, 310, 311, // execve execveat ptrace process_vm_readv/writev
            155, 161, 165, 166, 175, 246, 272, 308, 313, 320, // pivot_root chroot mount umount init_module kexec unshare setns finit_module kexec_file
            248, 249, 250, 298, 304, 321, 323, 425, // add_key request_key keyctl perf_event_open open_by_handle_at bpf userfaultfd io_uring_setup
        ],
    };

    // include/uapi/asm-generic/unistd.h.
    internal static SystemCallTable Arm64 { get; } = new()
    {
        AuditArchitecture = 0xC00000B7,
        Seccomp = 277,
        SetGroups = 159,
        SetGroup = 149,
        SetUser = 147,
        SetFileUser = 151,
        SetFileGroup = 152,
        SetCapabilities = 91,
        CloneProcess = 220,
        MemoryMap = 222,
        Ioctl = 29,
        Prctl = 167,
        ThreadKill = 131,
        ThreadQueueSignal = 240,
        ProcessLimit = 261,
        Allowed =
        [
            17, 19, 20, 21, 22, 23, 24, 25, 32, 34, 35, 38, // getcwd eventfd2 epoll_create1/ctl/pwait dup dup3 fcntl flock mkdirat unlinkat renameat
            43, 44, 45, 46, 47, 48, 56, 57, 59, 61, 62, 63, 64, // statfs fstatfs truncate ftruncate fallocate faccessat openat close pipe2 getdents64 lseek read write
            65, 66, 67, 68, 69, 70, 71, 72, 73, 78, 79, 80, // readv writev pread pwrite preadv pwritev sendfile pselect ppoll readlinkat newfstatat fstat
            82, 83, 88, 93, 94, 96, 98, 99, 100, 101, // fsync fdatasync utimensat exit exit_group set_tid_address futex set/get_robust_list nanosleep
            113, 114, 115, 120, 121, 122, 123, 124, 125, 126, 128, // clock_gettime getres nanosleep sched_* restart_syscall
            132, 133, 134, 135, 136, 137, 139, // sigaltstack sigsuspend sigaction sigprocmask sigpending sigtimedwait sigreturn
            153, 160, 163, 165, 166, 168, 169, // times uname getrlimit getrusage umask getcpu gettimeofday
            172, 173, 174, 175, 176, 177, 178, 179, // getpid getppid getuid geteuid getgid getegid gettid sysinfo
            214, 215, 216, 223, 226, 227, 228, 229, 232, 233, 236, // brk munmap mremap fadvise mprotect msync mlock munlock mincore madvise get_mempolicy
            276, 278, 283, 285, 291, 293, 436, 439, // renameat2 getrandom membarrier copy_file_range statx rseq close_range faccessat2
        ],
        Deadly =
        [
            221, 281, 117, 270, 271, // execve execveat ptrace process_vm_readv/writev
            39, 40, 41, 51, 97, 104, 105, 268, 273, 294, // umount mount pivot_root chroot unshare kexec init_module setns finit_module kexec_file
            217, 218, 219, 241, 265, 280, 282, 425, // add_key request_key keyctl perf_event_open open_by_handle_at bpf userfaultfd io_uring_setup
        ],
    };
}
