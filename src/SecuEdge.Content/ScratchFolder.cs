namespace SecuEdge.Content;

/// <summary>
/// Our disk is the trouble, not the message: unlike everything that decoders throw this reaches the caller, who answers 451.
/// </summary>
internal sealed class ScratchException(string message, Exception cause) : Exception(message, cause);

/// <summary>
/// The large parts of one message as files with random names: a name out of the mail never reaches the file system. The folder is made
/// with the first file, so ordinary mail touches no disk; disposing deletes what was made. It never throws: by then the message may be
/// accepted, and what stays behind goes with the next start, which empties the scratch folder.
/// </summary>
internal sealed class ScratchFolder(string parent) : IDisposable
{
    private string? _folder;

    public FileStream Create()
    {
        try
        {
            return CreateFile();
        }
        catch (IOException exception)
        {
            throw new ScratchException("No scratch file can be made.", exception);
        }
    }

    public void Dispose()
    {
        if (_folder is { } folder)
        {
            _folder = null;
            try
            {
                Directory.Delete(folder, recursive: true);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // Nothing to do about it here, and the verdict stands whether or not the files are gone.
            }
        }
    }

    private FileStream CreateFile()
    {
        if (_folder is null)
        {
            var folder = Path.Combine(parent, Path.GetRandomFileName());
            Directory.CreateDirectory(folder);
            _folder = folder;
        }

        var path = Path.Combine(_folder, Path.GetRandomFileName());
        return new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read | FileShare.Delete, 64 * 1024);
    }
}
