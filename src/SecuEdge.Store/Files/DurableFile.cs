namespace SecuEdge.Store.Files;

/// <summary>The one way a whole file is committed: write beside it, flush, rename over it, flush the folder. A reader finds the old or the new, never a part.</summary>
internal static class DurableFile
{
    /// <summary>Ending of files that were being written; leftovers of a crash are removed at start.</summary>
    public const string Unfinished = ".new";

    private const int NoSpaceLeft = 28;
    private const int QuotaExceeded = 122;

    public static void Write(IFileSystem files, string path, ReadOnlySpan<byte> bytes)
    {
        WriteWithoutFolder(files, path, bytes);
        files.SyncFolder(Path.GetDirectoryName(path)!);
    }

    /// <summary>The caller flushes the folder, once for several files.</summary>
    public static void WriteWithoutFolder(IFileSystem files, string path, ReadOnlySpan<byte> bytes)
    {
        var unfinished = path + Unfinished;
        files.Delete(unfinished);
        try
        {
            using (var file = files.Create(unfinished))
            {
                file.Write(bytes, 0);
                file.Sync();
            }

            files.Rename(unfinished, path);
        }
        catch (Exception e) when (IsDiskTrouble(e))
        {
            TryDelete(files, unfinished);
            throw;
        }
    }

    /// <summary>The folder's own name must reach the disk too, or all below it goes with a power cut.</summary>
    public static void CreateFolder(IFileSystem files, string path)
    {
        files.CreateFolder(path);
        if (Path.GetDirectoryName(path) is { } parent)
        {
            files.SyncFolder(parent);
        }
    }

    /// <summary>For cleaning up behind a failure that is already on its way to the caller.</summary>
    public static void TryDelete(IFileSystem files, string path)
    {
        try
        {
            files.Delete(path);
        }
        catch (Exception e) when (IsDiskTrouble(e))
        {
            // The next start removes it; the first failure is the one to report.
        }
    }

    /// <summary>What the disk can do to us, as opposed to bugs.</summary>
    public static bool IsDiskTrouble(Exception exception) => exception is IOException or UnauthorizedAccessException;

    public static bool IsDiskFull(Exception exception) => exception is IOException { HResult: NoSpaceLeft or QuotaExceeded };
}
