using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace SecuEdge.Store.Files;

/// <summary>The real disk. The few calls that .NET does not offer (fdatasync, fallocate, opening a folder) go to libc.</summary>
internal sealed partial class LinuxFileSystem : IFileSystem
{
    private const int ReadOnlyFolder = 0x10000; // O_RDONLY | O_DIRECTORY
    private const int CloseOnExec = 0x80000;
    private const int Interrupted = 4;
    private const FileShare ShareAll = FileShare.ReadWrite | FileShare.Delete;

    public static LinuxFileSystem Instance { get; } = new();

    public IFile Create(string path) => new LinuxFile(File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, ShareAll));

    public IFile Open(string path) => new LinuxFile(File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, ShareAll));

    public void Rename(string from, string to) => File.Move(from, to, overwrite: true);

    public void Delete(string path) => File.Delete(path);

    public void CreateFolder(string path) => Directory.CreateDirectory(path);

    public void SyncFolder(string path)
    {
        // File.OpenHandle refuses folders, so the descriptor is opened by hand.
        var descriptor = OpenNative(path, ReadOnlyFolder | CloseOnExec);
        if (descriptor < 0)
        {
            throw LastError($"cannot open folder {path}");
        }

        using var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        LinuxFile.SyncOrThrow(handle);
    }

    public bool Exists(string path) => File.Exists(path);

    public IReadOnlyList<string> List(string folder) => Directory.Exists(folder) ? Directory.GetFiles(folder) : [];

    public byte[] ReadAll(string path) => File.ReadAllBytes(path);

    public long FreeBytes(string folder) => new DriveInfo(folder).AvailableFreeSpace;

    private static IOException LastError(string what)
    {
        var error = Marshal.GetLastPInvokeError();
        return new IOException($"{what}: {Marshal.GetPInvokeErrorMessage(error)}", error);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenNative(string path, int flags);

    private sealed partial class LinuxFile(SafeFileHandle handle) : IFile
    {
        public long Length => RandomAccess.GetLength(handle);

        public int Read(Span<byte> buffer, long offset)
        {
            var total = 0;
            while (total < buffer.Length)
            {
                var count = RandomAccess.Read(handle, buffer[total..], offset + total);
                if (count == 0)
                {
                    break;
                }

                total += count;
            }

            return total;
        }

        public void Write(ReadOnlySpan<byte> bytes, long offset) => RandomAccess.Write(handle, bytes, offset);

        public void Write(IReadOnlyList<ReadOnlyMemory<byte>> buffers, long offset) => RandomAccess.Write(handle, buffers, offset);

        public void Allocate(long length)
        {
            int error;
            do
            {
                error = AllocateNative(handle, 0, length);
            }
            while (error == Interrupted);

            if (error != 0)
            {
                throw new IOException($"cannot reserve {length} bytes: {Marshal.GetPInvokeErrorMessage(error)}", error);
            }
        }

        public void Truncate(long length) => RandomAccess.SetLength(handle, length);

        public void SyncData()
        {
            while (SyncDataNative(handle) != 0)
            {
                if (Marshal.GetLastPInvokeError() != Interrupted)
                {
                    throw LastError("fdatasync failed");
                }
            }
        }

        public void Sync() => SyncOrThrow(handle);

        public void Dispose() => handle.Dispose();

        // RandomAccess.FlushToDisk is silent about some errors, and a sync whose failure nobody hears is worse than none.
        public static void SyncOrThrow(SafeFileHandle file)
        {
            while (SyncNative(file) != 0)
            {
                if (Marshal.GetLastPInvokeError() != Interrupted)
                {
                    throw LastError("fsync failed");
                }
            }
        }

        [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
        private static partial int SyncDataNative(SafeFileHandle file);

        [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
        private static partial int SyncNative(SafeFileHandle file);

        [LibraryImport("libc", EntryPoint = "posix_fallocate")]
        private static partial int AllocateNative(SafeFileHandle file, long offset, long length);
    }
}
