using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using SecuEdge.Store.Files;

namespace SecuEdge.Store.Settings;

/// <summary>
/// The append-only journal of settings: files <c>settings/journal-000001.jsonl</c>, of which each begins with everything in force and goes on
/// with the revisions since. A new one is begun at the first change after a start, after trouble with the disk, and when the last has grown.
/// What was written is never changed, but for documents that must be forgotten (<see cref="Forget"/>), and the last file alone tells what is in force.
/// </summary>
/// <remarks>One writer at a time; reading is safe meanwhile.</remarks>
internal sealed class Journal : IDisposable
{
    // 8 MB: thousands of changes of an ordinary tenant; read in some 50 ms at start.
    private const long GrownBytes = 8L << 20;

    // 1 GB: years of changes even of the largest site.
    private const long KeptBytes = 1L << 30;

    private readonly IFileSystem _files;
    private readonly string _folder;
    private volatile string[] _paths;
    private IFile? _open;
    private long _startBytes;
    private long _endBytes;

    private Journal(IFileSystem files, string folder, string[] paths)
    {
        _files = files;
        _folder = folder;
        _paths = paths;
    }

    /// <summary>Files, oldest first; safe to read at any time.</summary>
    public IReadOnlyList<string> Paths => _paths;

    public static Journal Find(IFileSystem files, string folder)
    {
        foreach (var leftover in files.List(folder).Where(p => p.EndsWith(DurableFile.Unfinished, StringComparison.Ordinal)))
        {
            DurableFile.TryDelete(files, leftover);
        }

        return new Journal(files, folder, [.. files.List(folder).Where(p => JournalFile.SequenceOf(p) is not null).OrderBy(p => JournalFile.SequenceOf(p))]);
    }

    /// <summary>What is in force by the newest file, completed from those before it where a disk damaged it.</summary>
    public JournalFile ReadNewest(List<string> notes)
    {
        JournalFile? known = null;
        var read = new Stack<string>(Paths);
        var newest = new JournalFile();
        if (read.TryPop(out var path))
        {
            newest = JournalFile.Read(_files.ReadAll(path));
            Describe(path, newest, notes);
        }

        if (newest.IsStartDamaged && read.Count > 0)
        {
            foreach (var earlier in read.Reverse())
            {
                known = JournalFile.Read(_files.ReadAll(earlier), known);
            }

            newest = JournalFile.Read(_files.ReadAll(path!), known);
        }

        return newest;
    }

    /// <summary>False when the file was old and is gone.</summary>
    public bool TryRead(string path, [NotNullWhen(true)] out JournalFile? file)
    {
        file = _files.Exists(path) ? JournalFile.Read(_files.ReadAll(path)) : null;
        return file is not null;
    }

    /// <summary>Durable when it returns.</summary>
    /// <param name="state">In force before the revision.</param>
    public void Append(ImmutableDictionary<string, SettingsDocument> state, int revision, RevisionHeader header, IReadOnlyList<DocumentWrite> changes)
    {
        using var line = new PooledBuffer(4096);
        JournalLine.WriteRevision(line, header, changes);
        if (_open is null || _endBytes - _startBytes > Math.Max(GrownBytes, 2 * _startBytes))
        {
            Begin(state, revision);
        }

        try
        {
            _open!.Write(line.Written.Span, _endBytes);
            _open.Sync();
            _endBytes += line.Written.Length;
        }
        catch (Exception e) when (DurableFile.IsDiskTrouble(e))
        {
            GiveUp();
            throw;
        }
    }

    /// <summary>A file with a history of its own, all at once: what an older version left.</summary>
    public void Adopt(int startRevision, IReadOnlyList<(RevisionHeader Header, IReadOnlyList<DocumentWrite> Writes)> revisions)
    {
        using var buffer = new PooledBuffer(64 << 10);
        JournalLine.WriteHead(buffer, startRevision, 0);
        foreach (var (header, writes) in revisions)
        {
            JournalLine.WriteRevision(buffer, header, writes);
        }

        Create(buffer);
    }

    /// <summary>Writes the files anew in which there is something of the documents. They must not be in force.</summary>
    public void Forget(Func<string, bool> isToGo)
    {
        // The next change begins a file of its own: the open one may be replaced.
        _open?.Dispose();
        _open = null;
        foreach (var path in _paths)
        {
            using var kept = JournalEraser.Without(_files.ReadAll(path), isToGo);
            if (kept is not null)
            {
                DurableFile.Write(_files, path, kept.Written.Span);
            }
        }
    }

    public void Dispose() => _open?.Dispose();

    private void Begin(ImmutableDictionary<string, SettingsDocument> state, int revision)
    {
        using var buffer = new PooledBuffer(64 << 10);
        JournalLine.WriteHead(buffer, revision, state.Count);
        foreach (var (name, document) in state.OrderBy(d => d.Key, StringComparer.Ordinal))
        {
            JournalLine.WriteDocument(buffer, name, document);
        }

        _open?.Dispose();
        _open = null;
        _open = _files.Open(Create(buffer));
        _startBytes = _endBytes = buffer.Written.Length;
        DropOldest();
    }

    private string Create(PooledBuffer content)
    {
        var path = Path.Combine(_folder, JournalFile.NameOf((_paths.Length == 0 ? 0 : JournalFile.SequenceOf(_paths[^1])!.Value) + 1));
        DurableFile.Write(_files, path, content.Written.Span);
        _paths = [.. _paths, path];
        return path;
    }

    /// <summary>What was not acknowledged is taken back where the disk lets us; the next change begins a new file in any case.</summary>
    private void GiveUp()
    {
        try
        {
            _open!.Truncate(_endBytes);
            _open.Sync();
        }
        catch (Exception e) when (DurableFile.IsDiskTrouble(e))
        {
            // A revision that nobody was promised may come back at the next start; a half line is passed over.
        }

        _open!.Dispose();
        _open = null;
    }

    private void DropOldest()
    {
        var total = 0L;
        var kept = _paths.Reverse().TakeWhile((path, i) => (total += LengthOf(path)) <= KeptBytes || i < 2).Reverse().ToArray();
        foreach (var path in _paths.Except(kept).ToList())
        {
            DurableFile.TryDelete(_files, path);
        }

        _paths = kept;
    }

    private long LengthOf(string path)
    {
        using var file = _files.Open(path);
        return file.Length;
    }

    private static void Describe(string path, JournalFile file, List<string> notes)
    {
        if (file.DamagedLines > 0)
        {
            notes.Add($"Settings: {file.DamagedLines} lines of {Path.GetFileName(path)} are damaged; the last sound state of their documents is in force.");
        }

        if (file.IsStartDamaged)
        {
            notes.Add($"Settings: {Path.GetFileName(path)} does not say everything any more; what is missing was taken from the files before.");
        }
    }
}
