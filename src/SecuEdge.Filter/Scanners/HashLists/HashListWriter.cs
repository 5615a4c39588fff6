using System.Buffers.Binary;
using System.Text.Json;

namespace SecuEdge.Filter.Scanners.HashLists;

/// <summary>
/// Makes a list's file of any number of entries in any order with bounded memory: sorted runs on disk, merged at the end. The file appears
/// at its place by rename when it is complete.
/// </summary>
internal sealed class HashListWriter : IDisposable
{
    // A few thousand entries are found as fast without it, and it has 256 KB.
    private const int MinIndexedEntries = 65_536;

    // More different comments than this are no names of malware: the rest goes without.
    private const int MaxComments = ushort.MaxValue;

    private readonly string _folder;
    private readonly HashSorter _sha256;
    private readonly HashSorter _md5;
    private readonly Dictionary<string, ushort> _comments = new() { [""] = 0 };

    /// <param name="folder">For temporary files; on the disk of the list, so that the rename is one.</param>
    public HashListWriter(string folder)
    {
        _folder = Path.Combine(folder, $".import-{Guid.NewGuid():N}");
        Directory.CreateDirectory(_folder);
        _sha256 = new HashSorter(32, _folder);
        _md5 = new HashSorter(16, _folder);
    }

    public void Add(HashListEntry entry)
    {
        var sorter = entry.Hash.Length == 32 ? _sha256 : _md5;
        sorter.Add(entry.Hash, entry.ExpiryDay, CommentNumber(entry.Comment));
    }

    /// <returns>The list as it is now, with its figures.</returns>
    public HashListInfo Finish(HashListInfo info, string path)
    {
        var draft = Path.Combine(_folder, "list");
        using (var file = new FileStream(draft, FileMode.Create, FileAccess.ReadWrite, FileShare.None, 256 * 1024))
        {
            file.Position = HashListFile.HeaderBytes;
            List<HashListTable> tables = [.. new[] { _sha256, _md5 }.Where(sorter => sorter.Count > 0).Select(sorter => WriteTable(sorter, file))];
            var commentsAt = file.Position;
            JsonSerializer.Serialize(file, _comments.OrderBy(pair => pair.Value).Select(pair => pair.Key));
            info = info with
            {
                Sha256Entries = tables.Where(table => table.HashBytes == 32).Sum(table => table.Count),
                Md5Entries = tables.Where(table => table.HashBytes == 16).Sum(table => table.Count),
            };
            WriteHeader(file, new HashListHeader(info, tables, commentsAt, file.Position));
            file.Flush(flushToDisk: true);
        }

        File.Move(draft, path, overwrite: true);
        return info;
    }

    public void Dispose()
    {
        _sha256.Dispose();
        _md5.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private ushort CommentNumber(string comment)
    {
        if (_comments.TryGetValue(comment, out var number))
        {
            return number;
        }

        if (_comments.Count > MaxComments)
        {
            return 0;
        }

        number = (ushort)_comments.Count;
        _comments.Add(comment, number);
        return number;
    }

    private HashListTable WriteTable(HashSorter sorter, FileStream file)
    {
        var hasIndex = sorter.Count >= MinIndexedEntries;
        var skipped = hasIndex ? 2 : 0;
        var index = new uint[HashListFile.Prefixes + 1];
        var hashesAt = file.Position;
        long count = 0;
        var (expires, isCommented) = (false, false);
        using var expiries = new FileStream(Path.Combine(_folder, "expiries"), FileMode.Create, FileAccess.ReadWrite, FileShare.None, 64 * 1024);
        using var comments = new FileStream(Path.Combine(_folder, "comments"), FileMode.Create, FileAccess.ReadWrite, FileShare.None, 64 * 1024);
        Span<byte> two = stackalloc byte[2];
        foreach (var record in sorter.Sorted())
        {
            var hash = record.AsSpan(0, sorter.HashBytes);
            file.Write(hash[skipped..]);
            index[BinaryPrimitives.ReadUInt16BigEndian(hash) + 1]++;
            var (expiry, comment) = HashSorter.Tail(record);
            expires |= expiry != 0;
            isCommented |= comment != 0;
            BinaryPrimitives.WriteUInt16LittleEndian(two, expiry);
            expiries.Write(two);
            BinaryPrimitives.WriteUInt16LittleEndian(two, comment);
            comments.Write(two);
            count++;
        }

        var indexAt = hasIndex ? WriteIndex(file, index) : 0;
        return new HashListTable(sorter.HashBytes, count, hashesAt, indexAt, Append(file, expiries, expires), Append(file, comments, isCommented));
    }

    private static long WriteIndex(FileStream file, uint[] counts)
    {
        var at = Align(file);
        var bytes = new byte[4 * counts.Length];
        uint sum = 0;
        for (var i = 0; i < counts.Length; i++)
        {
            sum += counts[i];
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4 * i), sum);
        }

        file.Write(bytes);
        return at;
    }

    private static long Append(FileStream file, FileStream column, bool isNeeded)
    {
        if (!isNeeded)
        {
            return 0;
        }

        var at = Align(file);
        column.Position = 0;
        column.CopyTo(file);
        return at;
    }

    private static long Align(FileStream file)
    {
        file.Position = (file.Position + 3) & ~3L;
        return file.Position;
    }

    private static void WriteHeader(FileStream file, HashListHeader header)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(header);
        if (json.Length > HashListFile.HeaderBytes - 12)
        {
            throw new InvalidDataException("the list's addresses are too long");
        }

        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, json.Length);
        file.Position = 0;
        file.Write(HashListFile.Magic);
        file.Write(length);
        file.Write(json);
    }
}
