using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace SecuEdge.Filter.Scanners.HashLists;

/// <summary>
/// A list in force: its file, and the few entries that were added since it was written. An added entry counts instead of the file's, so
/// that one added as expired takes the file's back.
/// </summary>
internal sealed class ActiveHashList : IDisposable
{
    private readonly ConcurrentDictionary<string, (ushort ExpiryDay, string Comment)> _added = new(StringComparer.Ordinal);
    private readonly string _addedPath;

    private ActiveHashList(HashListInfo info, HashListFile? file, string addedPath)
    {
        Info = info;
        File = file;
        _addedPath = addedPath;
    }

    public HashListInfo Info { get; private set; }

    /// <summary>Null when it could not be read.</summary>
    public HashListFile? File { get; }

    public int AddedEntries => _added.Count;

    public bool HasMd5 { get; private set; }

    /// <summary>A damaged file is a list with a trouble and no entries: others convict on, but nothing is clean.</summary>
    public static ActiveHashList Open(string path)
    {
        var addedPath = Path.ChangeExtension(path, ".added");
        try
        {
            var file = HashListFile.Open(path);
            if (file.Info.Name != Path.GetFileNameWithoutExtension(path))
            {
                file.Dispose();
                throw new InvalidDataException("the list's file is another list's or damaged");
            }

            var list = new ActiveHashList(file.Info, file, addedPath);
            list.ReadAdded();
            return list;
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            return new ActiveHashList(new HashListInfo { Name = Path.GetFileNameWithoutExtension(path), Trouble = exception.Message }, null, addedPath);
        }
    }

    public bool IsFor(string tenant) => Info.Tenant.Length == 0 || Info.Tenant == tenant;

    /// <returns>The comment of the entry; null when the hash is not listed, or not any more.</returns>
    public string? Find(ReadOnlySpan<byte> hash, ushort today)
    {
        var entry = _added.TryGetValue(Convert.ToHexStringLower(hash), out var added) ? added : File?.Find(hash);
        return entry is { } found && !HashListDays.IsOver(found.ExpiryDay, today) ? found.Comment : null;
    }

    /// <summary>Durable when it returns.</summary>
    public void Add(IReadOnlyList<HashListEntry> entries)
    {
        using (var file = new FileStream(_addedPath, FileMode.Append, FileAccess.Write, FileShare.Read))
        {
            foreach (var entry in entries)
            {
                file.Write(Encoding.UTF8.GetBytes(Line(entry)));
            }

            file.Flush(flushToDisk: true);
        }

        Take(entries);
    }

    /// <summary>All of it, for writing it anew.</summary>
    public IEnumerable<HashListEntry> Entries(ushort today)
    {
        var fromFile = File is null ? [] : File.Entries(32).Concat(File.Entries(16));
        var added = _added.Select(pair => new HashListEntry(Convert.FromHexString(pair.Key), pair.Value.ExpiryDay, pair.Value.Comment));
        return fromFile.Where(entry => !_added.ContainsKey(Convert.ToHexStringLower(entry.Hash))).Concat(added)
            .Where(entry => !HashListDays.IsOver(entry.ExpiryDay, today));
    }

    public void SetTrouble(string trouble) => Info = Info with { Trouble = trouble };

    public void Dispose() => File?.Dispose();

    private void ReadAdded()
    {
        if (System.IO.File.Exists(_addedPath))
        {
            List<HashListEntry> entries = [];
            foreach (var line in System.IO.File.ReadLines(_addedPath))
            {
                // The last line may be cut off by a crash: then nobody was told that it was added.
                if (TryReadLine(line) is { } entry)
                {
                    entries.Add(entry);
                }
            }

            Take(entries);
        }

        HasMd5 |= Info.Md5Entries > 0;
    }

    private void Take(IReadOnlyList<HashListEntry> entries)
    {
        foreach (var entry in entries)
        {
            _added[Convert.ToHexStringLower(entry.Hash)] = (entry.ExpiryDay, entry.Comment);
            HasMd5 |= entry.Hash.Length == 16;
        }
    }

    private static string Line(HashListEntry entry) =>
        string.Create(CultureInfo.InvariantCulture, $"{Convert.ToHexStringLower(entry.Hash)};{entry.ExpiryDay};{entry.Comment}\n");

    private static HashListEntry? TryReadLine(string line)
    {
        var fields = line.Split(';', 3);
        return fields.Length == 3 && fields[0].Length is 32 or 64 && fields[0].All(char.IsAsciiHexDigitLower)
            && ushort.TryParse(fields[1], NumberStyles.None, CultureInfo.InvariantCulture, out var day)
            ? new HashListEntry(Convert.FromHexString(fields[0]), day, fields[2])
            : null;
    }
}
