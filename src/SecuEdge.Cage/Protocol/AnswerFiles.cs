namespace SecuEdge.Cage.Protocol;

/// <summary>The gateway's disk is the trouble, neither worker nor message.</summary>
internal sealed class DiskTroubleException(string message, Exception cause) : IOException(message, cause);

/// <summary>Large attachments of one answer as files with random names; the folder is made with the first. Disposing deletes them.</summary>
internal sealed class AnswerFiles(string parent) : IDisposable
{
    private string? _folder;

    public FileStream Create()
    {
        try
        {
            _folder ??= Directory.CreateDirectory(Path.Combine(parent, "answer-" + Path.GetRandomFileName()), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).FullName;
            return new FileStream(Path.Combine(_folder, Path.GetRandomFileName()), FileMode.CreateNew, FileAccess.Write, FileShare.Read | FileShare.Delete, bufferSize: 0);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DiskTroubleException("No scratch file can be made.", exception);
        }
    }

    public static void Write(FileStream file, ReadOnlySpan<byte> bytes)
    {
        try
        {
            file.Write(bytes);
        }
        catch (IOException exception)
        {
            throw new DiskTroubleException("A scratch file cannot be written.", exception);
        }
    }

    /// <summary>Never throws: what stays behind goes with the next start, which empties the scratch folder.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _folder, null) is { } folder)
        {
            try
            {
                Directory.Delete(folder, recursive: true);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // Nothing to do about it here.
            }
        }
    }
}
