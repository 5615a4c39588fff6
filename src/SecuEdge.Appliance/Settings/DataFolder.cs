namespace SecuEdge.Appliance.Settings;

/// <summary>The layout of the one folder that survives, and the lock that keeps a second appliance out of it.</summary>
internal sealed class DataFolder : IDisposable
{
    /// <summary>Longest path a Unix socket may have, sun_path of Linux less its end.</summary>
    private const int MaxSocketPath = 107;

    private readonly FileStream _lock;

    private DataFolder(string root, FileStream lockFile)
    {
        Root = root;
        _lock = lockFile;
    }

    public string Root { get; }

    /// <summary>Parts of messages being taken apart; emptied at start.</summary>
    public string Scratch => Path.Combine(Root, "scratch");

    public string HashLists => Path.Combine(Root, "hashlists");

    /// <summary>Exports of deleted tenants, kept for some weeks.</summary>
    public string Exports => Path.Combine(Root, "exports");

    public string SetupToken => Path.Combine(Root, "keys", "setup-token");

    /// <summary>Signs what this appliance exports; made at the first signed export.</summary>
    public static string ExportKey(string root) => Path.Combine(Path.GetFullPath(root), "keys", "export-key.pem");

    /// <summary>Where the appliance listens for its own verbs.</summary>
    public static string ControlSocket(string root) => Path.Combine(Path.GetFullPath(root), "run", "control.sock");

    public static bool FitsSocket(string path) => System.Text.Encoding.UTF8.GetByteCount(path) <= MaxSocketPath;

    /// <returns>The folder, or why it cannot be used.</returns>
    public static (DataFolder? Folder, string Error) Open(string path)
    {
        var root = Path.GetFullPath(path);
        try
        {
            foreach (var name in (string[])["", "keys", "run", "exports"])
            {
                MakePrivate(Path.Combine(root, name));
            }

            var lockFile = new FileStream(Path.Combine(root, "run", "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            var scratch = Path.Combine(root, "scratch");
            if (Directory.Exists(scratch))
            {
                // Decoded parts of messages that a crash interrupted: nobody's any more (R8).
                Directory.Delete(scratch, recursive: true);
            }

            MakePrivate(scratch);
            return (new DataFolder(root, lockFile), "");
        }
        catch (IOException e) when (File.Exists(Path.Combine(root, "run", "lock")))
        {
            return (null, $"SECUEDGE__Data = '{root}': is in use by another running appliance ({e.Message})");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (null, $"SECUEDGE__Data = '{root}': cannot be written: {e.Message}");
        }
    }

    public void Dispose() => _lock.Dispose();

    /// <summary>An existing folder is closed to others, too: it holds mail and keys.</summary>
    private static void MakePrivate(string path)
    {
        const UnixFileMode owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        Directory.CreateDirectory(path, owner);
        File.SetUnixFileMode(path, owner);
    }
}
