using System.Globalization;

namespace SecuEdge.Store.Files;

/// <summary>
/// Messages as pairs of files, <c>NAME.eml</c> with the bytes and <c>NAME.json</c> beside it, in 256 folders by a hash of the name: creating
/// files in one folder queues on the folder's lock. The sidecar is the commit point: it appears after the bytes and goes before them.
/// </summary>
internal sealed class HashedFiles(IFileSystem files, string root)
{
    private const string BodyEnding = ".eml";
    private const string SidecarEnding = ".json";

    private readonly bool[] _isFolderThere = new bool[256];

    /// <summary>Removes what a crash left half-written.</summary>
    public void Prepare()
    {
        DurableFile.CreateFolder(files, root);
        for (var i = 0; i < 256; i++)
        {
            foreach (var path in files.List(FolderPath((byte)i)))
            {
                if (path.EndsWith(DurableFile.Unfinished, StringComparison.Ordinal))
                {
                    files.Delete(path);
                }
            }
        }
    }

    public string BodyPath(string name) => Path.Combine(Folder(name), name + BodyEnding);

    public string SidecarPath(string name) => Path.Combine(Folder(name), name + SidecarEnding);

    public bool HasSidecar(string name) => files.Exists(SidecarPath(name));

    public void WriteBody(string name, ReadOnlySpan<byte> bytes)
    {
        EnsureFolder(name);
        DurableFile.WriteWithoutFolder(files, BodyPath(name), bytes);
    }

    /// <summary>Copies a long source in pieces, flushed like <see cref="WriteBody"/>.</summary>
    public void CopyBody(string name, Stream source)
    {
        EnsureFolder(name);
        var unfinished = BodyPath(name) + DurableFile.Unfinished;
        files.Delete(unfinished);
        try
        {
            using (var file = files.Create(unfinished))
            {
                var buffer = new byte[64 * 1024];
                var offset = 0L;
                for (int count; (count = source.Read(buffer)) > 0; offset += count)
                {
                    file.Write(buffer.AsSpan(0, count), offset);
                }

                file.Sync();
            }

            files.Rename(unfinished, BodyPath(name));
        }
        catch (Exception e) when (DurableFile.IsDiskTrouble(e))
        {
            DurableFile.TryDelete(files, unfinished);
            throw;
        }
    }

    /// <summary>Takes over a file of the same file system that is already flushed.</summary>
    public void AdoptBody(string path, string name)
    {
        EnsureFolder(name);
        files.Rename(path, BodyPath(name));
    }

    public void WriteSidecar(string name, ReadOnlySpan<byte> json) => DurableFile.WriteWithoutFolder(files, SidecarPath(name), json);

    /// <summary>Makes the appearance of body and sidecar durable.</summary>
    public void SyncFolderOf(string name) => files.SyncFolder(Folder(name));

    public byte[] ReadSidecar(string name) => files.ReadAll(SidecarPath(name));

    public byte[] ReadBody(string name) => files.ReadAll(BodyPath(name));

    public void Delete(string name)
    {
        files.Delete(SidecarPath(name));
        files.Delete(BodyPath(name));
    }

    public IEnumerable<HashedFile> List()
    {
        for (var i = 0; i < 256; i++)
        {
            var found = new Dictionary<string, HashedFile>(StringComparer.Ordinal);
            foreach (var path in files.List(FolderPath((byte)i)))
            {
                var name = Path.GetFileNameWithoutExtension(path);
                var known = found.GetValueOrDefault(name, new HashedFile(name, false, false));
                found[name] = Path.GetExtension(path) switch
                {
                    BodyEnding => known with { HasBody = true },
                    SidecarEnding => known with { HasSidecar = true },
                    _ => known,
                };
            }

            foreach (var file in found.Values)
            {
                if (file.HasBody || file.HasSidecar)
                {
                    yield return file;
                }
            }
        }
    }

    /// <summary>A folder is made at its first use; making it twice at once does no harm.</summary>
    private void EnsureFolder(string name)
    {
        var number = Hash(name);
        if (!Volatile.Read(ref _isFolderThere[number]))
        {
            DurableFile.CreateFolder(files, FolderPath(number));
            Volatile.Write(ref _isFolderThere[number], true);
        }
    }

    private string Folder(string name) => FolderPath(Hash(name));

    private static byte Hash(string name) => (byte)Checksum.Of(System.Text.Encoding.ASCII.GetBytes(name));

    private string FolderPath(byte number) => Path.Combine(root, number.ToString("x2", CultureInfo.InvariantCulture));
}

/// <summary>What is on disk under one name.</summary>
internal readonly record struct HashedFile(string Name, bool HasBody, bool HasSidecar);
