namespace SecuEdge.Content;

/// <summary>
/// The large parts of one message as files with random names: a name out of the mail never reaches the file system. The folder is made
/// with the first file, so ordinary mail touches no disk; disposing deletes what was made.
/// </summary>
internal sealed class ScratchFolder(string parent) : IDisposable
{
    private string? _folder;

    public FileStream Create()
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

    public void Dispose()
    {
        if (_folder is { } folder)
        {
            _folder = null;
            Directory.Delete(folder, recursive: true);
        }
    }
}
