using SecuEdge.Store;
using SecuEdge.Store.Files;

namespace SecuEdge.TestKit;

/// <summary>How an operation of the disk goes wrong.</summary>
public enum DiskFault
{
    /// <summary>ENOSPC, after writing half of what was asked.</summary>
    NoSpace,

    /// <summary>EIO, without doing anything.</summary>
    InputOutput,

    /// <summary>EIO, although everything was done.</summary>
    FalseAlarm,
}

/// <summary>
/// The real disk with faults: every changing operation is counted, and the chosen ones fail. It also remembers what was not yet flushed, so
/// that <see cref="PowerCut"/> leaves the disk as a sudden loss of power may.
/// </summary>
public sealed class FailingFileSystem : IFileSystem
{
    private readonly LinuxFileSystem _disk = LinuxFileSystem.Instance;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, List<Action>> _unsyncedWrites = [];
    private readonly Dictionary<string, List<Action>> _unsyncedNames = [];
    private int _operations;

    /// <summary>Counted from 1; by default nothing fails.</summary>
    public Func<int, string, DiskFault?> Plan { get; set; } = (_, _) => null;

    /// <summary>What the disk claims to have free; null asks the real one.</summary>
    public long? FreeBytes { get; set; }

    /// <summary>Changing operations so far: write, sync, create, rename, delete, allocate, truncate, folder.</summary>
    public int Operations => Volatile.Read(ref _operations);

    public static FailingFileSystem FailingOnce(int operation, DiskFault fault) => new() { Plan = (n, _) => n == operation ? fault : null };

    public static FailingFileSystem FailingFrom(int operation, DiskFault fault) => new() { Plan = (n, _) => n >= operation ? fault : null };

    /// <summary>Options on this disk, without a floor for free space.</summary>
    public StoreOptions Options(string dataFolder, long segmentBytes = 1 << 20, int draftMemoryBytes = 256 << 10, int maxSegments = 8) => new()
    {
        DataFolder = dataFolder,
        SegmentBytes = segmentBytes,
        DraftMemoryBytes = draftMemoryBytes,
        MaxSegments = maxSegments,
        FreeSpaceFloorBytes = FreeBytes is null ? 0 : 256 << 20,
        Files = this,
    };

    /// <summary>Undoes what was never flushed, newest first, except what <paramref name="survives"/> says reached the disk by chance.</summary>
    public void PowerCut(Func<bool> survives)
    {
        lock (_gate)
        {
            foreach (var undo in _unsyncedWrites.Values.Concat(_unsyncedNames.Values).ToList())
            {
                undo.Reverse();
                foreach (var step in undo)
                {
                    if (!survives())
                    {
                        step();
                    }
                }
            }

            _unsyncedWrites.Clear();
            _unsyncedNames.Clear();
        }
    }

    IFile IFileSystem.Create(string path)
    {
        IFile? file = null;
        Do("create", () => file = _disk.Create(path));
        Remember(_unsyncedNames, Path.GetDirectoryName(path)!, () => File.Delete(path));
        return new FailingFile(this, path, file!);
    }

    IFile IFileSystem.Open(string path) => new FailingFile(this, path, _disk.Open(path));

    void IFileSystem.Rename(string from, string to)
    {
        var replaced = File.Exists(to) ? File.ReadAllBytes(to) : null;
        Do("rename", () => _disk.Rename(from, to));
        lock (_gate)
        {
            if (_unsyncedWrites.Remove(from, out var writes))
            {
                _unsyncedWrites[to] = writes;
            }
        }

        Remember(_unsyncedNames, Path.GetDirectoryName(to)!, () =>
        {
            if (File.Exists(to))
            {
                File.Move(to, from, overwrite: true);
            }

            if (replaced is not null)
            {
                File.WriteAllBytes(to, replaced);
            }
        });
    }

    void IFileSystem.Delete(string path)
    {
        if (File.Exists(path))
        {
            Do("delete", () => _disk.Delete(path));
        }
    }

    void IFileSystem.CreateFolder(string path)
    {
        if (!Directory.Exists(path))
        {
            Do("folder", () => _disk.CreateFolder(path));
        }
    }

    void IFileSystem.SyncFolder(string path)
    {
        Do("sync folder", () => _disk.SyncFolder(path));
        Forget(_unsyncedNames, path);
    }

    bool IFileSystem.Exists(string path) => _disk.Exists(path);

    IReadOnlyList<string> IFileSystem.List(string folder) => _disk.List(folder);

    byte[] IFileSystem.ReadAll(string path) => _disk.ReadAll(path);

    long IFileSystem.FreeBytes(string folder) => FreeBytes ?? _disk.FreeBytes(folder);

    private void Do(string name, Action operation, Action? half = null)
    {
        switch (Plan(Interlocked.Increment(ref _operations), name))
        {
            case null:
                operation();
                break;
            case DiskFault.NoSpace:
                half?.Invoke();
                throw new IOException($"No space left on device ({name})", 28);
            case DiskFault.InputOutput:
                throw new IOException($"Input/output error ({name})", 5);
            case DiskFault.FalseAlarm:
                operation();
                throw new IOException($"Input/output error ({name})", 5);
            default:
                throw new InvalidOperationException("unknown fault");
        }
    }

    private void Remember(Dictionary<string, List<Action>> where, string key, Action undo)
    {
        lock (_gate)
        {
            if (!where.TryGetValue(key, out var list))
            {
                where[key] = list = [];
            }

            list.Add(undo);
        }
    }

    private void Forget(Dictionary<string, List<Action>> where, string key)
    {
        lock (_gate)
        {
            where.Remove(key);
        }
    }

    private sealed class FailingFile(FailingFileSystem owner, string path, IFile file) : IFile
    {
        public long Length => file.Length;

        public int Read(Span<byte> buffer, long offset) => file.Read(buffer, offset);

        public void Write(ReadOnlySpan<byte> bytes, long offset) => Write([bytes.ToArray()], offset);

        public void Write(IReadOnlyList<ReadOnlyMemory<byte>> buffers, long offset)
        {
            var length = buffers.Sum(b => b.Length);
            var before = new byte[length];
            var had = file.Read(before, offset);
            owner.Remember(owner._unsyncedWrites, path, () => Undo(before.AsSpan(0, had), offset));
            owner.Do("write", () => file.Write(buffers, offset), () =>
            {
                var all = new byte[length];
                var position = 0;
                foreach (var buffer in buffers)
                {
                    buffer.CopyTo(all.AsMemory(position));
                    position += buffer.Length;
                }

                file.Write(all.AsSpan(0, length / 2), offset);
            });
        }

        public void Allocate(long length) => owner.Do("allocate", () => file.Allocate(length));

        public void Truncate(long length) => owner.Do("truncate", () => file.Truncate(length));

        public void SyncData()
        {
            owner.Do("sync", file.SyncData);
            owner.Forget(owner._unsyncedWrites, path);
        }

        public void Sync()
        {
            owner.Do("sync", file.Sync);
            owner.Forget(owner._unsyncedWrites, path);
        }

        public void Dispose() => file.Dispose();

        private void Undo(ReadOnlySpan<byte> before, long offset)
        {
            if (!File.Exists(path))
            {
                return;
            }

            using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            RandomAccess.Write(handle, before, offset);
        }
    }
}
