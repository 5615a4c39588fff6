using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;
using System.Text;
using System.Text.Json;

namespace SecuEdge.Filter.Scanners.HashLists;

/// <summary>
/// A list on disk, mapped into memory: only the pages that look-ups touch are ever read.
/// <code>
/// 0      magic, length of the header, header as JSON                  4096 bytes
/// then for SHA-256 and for MD5, where there are entries:
///        hashes   sorted, without their first two bytes in large lists
///        index    where the hashes with each two first bytes begin    large lists only
///        expiry   two bytes each                                      only when one entry expires
///        comment  number of its comment, two bytes each               only when one entry has one
/// end    comments, as JSON
/// </code>
/// </summary>
internal sealed class HashListFile : IDisposable
{
    public const int HeaderBytes = 4096;
    public const int Prefixes = 65536;

    private const int MaxCommentBytes = 64 * 1024 * 1024;

    public static readonly byte[] Magic = "SEHASH1\n"u8.ToArray();

    private readonly MemoryMappedFile _map;
    private readonly MemoryMappedViewAccessor _view;
    private readonly HashListHeader _header;
    private readonly string[] _comments;

    private HashListFile(MemoryMappedFile map, MemoryMappedViewAccessor view, HashListHeader header, string[] comments)
    {
        _map = map;
        _view = view;
        _header = header;
        _comments = comments;
    }

    public HashListInfo Info => _header.Info;

    /// <exception cref="InvalidDataException">It is damaged or of another version.</exception>
    public static HashListFile Open(string path)
    {
        var map = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
        MemoryMappedViewAccessor? view = null;
        try
        {
            var length = new FileInfo(path).Length;
            view = map.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
            var header = ReadHeader(view, length);
            var comments = ReadComments(view, header, length);
            foreach (var table in header.Tables)
            {
                CheckTable(view, table, length);
            }

            return new HashListFile(map, view, header, comments);
        }
        catch (Exception exception)
        {
            view?.Dispose();
            map.Dispose();
            if (exception is JsonException or ArgumentException or OverflowException)
            {
                throw new InvalidDataException("the list's file is damaged", exception);
            }

            throw;
        }
    }

    /// <returns>Its expiry and comment; null when the hash is not listed.</returns>
    public (ushort ExpiryDay, string Comment)? Find(ReadOnlySpan<byte> hash)
    {
        foreach (var table in _header.Tables)
        {
            if (table.HashBytes == hash.Length && IndexOf(table, hash) is var index and >= 0)
            {
                var expiry = table.ExpiryAt == 0 ? (ushort)0 : _view.ReadUInt16(table.ExpiryAt + (2 * index));
                var comment = table.CommentAt == 0 ? 0 : _view.ReadUInt16(table.CommentAt + (2 * index));
                return (expiry, comment < _comments.Length ? _comments[comment] : "");
            }
        }

        return null;
    }

    /// <summary>Every entry of one kind of hash, in order.</summary>
    public IEnumerable<HashListEntry> Entries(int hashBytes)
    {
        foreach (var table in _header.Tables.Where(table => table.HashBytes == hashBytes))
        {
            for (var prefix = 0; prefix < (table.IndexAt == 0 ? 1 : Prefixes); prefix++)
            {
                var (from, to) = Range(table, prefix);
                for (var index = from; index < to; index++)
                {
                    var hash = new byte[hashBytes];
                    if (table.IndexAt != 0)
                    {
                        BinaryPrimitives.WriteUInt16BigEndian(hash, (ushort)prefix);
                    }

                    Read(table.HashesAt + (index * table.Stride), hash.AsSpan(hashBytes - table.Stride));
                    var expiry = table.ExpiryAt == 0 ? (ushort)0 : _view.ReadUInt16(table.ExpiryAt + (2 * index));
                    var comment = table.CommentAt == 0 ? 0 : _view.ReadUInt16(table.CommentAt + (2 * index));
                    yield return new HashListEntry(hash, expiry, comment < _comments.Length ? _comments[comment] : "");
                }
            }
        }
    }

    public void Dispose()
    {
        _view.Dispose();
        _map.Dispose();
    }

    private long IndexOf(HashListTable table, ReadOnlySpan<byte> hash)
    {
        var (low, high) = Range(table, BinaryPrimitives.ReadUInt16BigEndian(hash));
        var wanted = hash[(hash.Length - table.Stride)..];
        // Seventy million hashes that all begin alike are no list of hashes.
        var length = checked((int)((high - low) * table.Stride));
        var place = IndexAt(table.HashesAt + (low * table.Stride), length, wanted);
        return place < 0 ? -1 : low + place;
    }

    // Searched in place: the runtime's guarded reads copy byte by byte. The mapping cannot end while the pointer is held.
    private unsafe int IndexAt(long position, int length, ReadOnlySpan<byte> wanted)
    {
        byte* start = null;
        try
        {
            _view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
            return IndexIn(new ReadOnlySpan<byte>(start + position, length), wanted);
        }
        finally
        {
            if (start is not null)
            {
                _view.SafeMemoryMappedViewHandle.ReleasePointer();
            }
        }
    }

    private static int IndexIn(ReadOnlySpan<byte> sorted, ReadOnlySpan<byte> wanted)
    {
        var (low, high) = (0, sorted.Length / wanted.Length);
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            var order = sorted.Slice(middle * wanted.Length, wanted.Length).SequenceCompareTo(wanted);
            if (order == 0)
            {
                return middle;
            }

            (low, high) = order < 0 ? (middle + 1, high) : (low, middle);
        }

        return -1;
    }

    private (long From, long To) Range(HashListTable table, int prefix) =>
        table.IndexAt == 0
            ? (0, table.Count)
            : (_view.ReadUInt32(table.IndexAt + (4L * prefix)), _view.ReadUInt32(table.IndexAt + (4L * (prefix + 1))));

    private void Read(long position, Span<byte> target) => _view.SafeMemoryMappedViewHandle.ReadSpan((ulong)position, target);

    private static HashListHeader ReadHeader(MemoryMappedViewAccessor view, long length)
    {
        if (length < HeaderBytes)
        {
            throw new InvalidDataException("the list's file is cut off");
        }

        var block = new byte[HeaderBytes];
        view.SafeMemoryMappedViewHandle.ReadSpan<byte>(0, block);
        var jsonLength = BinaryPrimitives.ReadInt32LittleEndian(block.AsSpan(Magic.Length));
        if (!block.AsSpan().StartsWith(Magic) || jsonLength is <= 0 or > HeaderBytes - 12)
        {
            throw new InvalidDataException("the list's file is of another version or damaged");
        }

        var header = JsonSerializer.Deserialize<HashListHeader>(block.AsSpan(12, jsonLength));
        // A damaged name of a property leaves its value out.
        return header is { Info: { Name: not null, Tenant: not null, SourceSha256: not null, Trouble: not null }, Tables: { } tables }
            && header.Length == length && tables.All(table => table is not null) ? header : throw new InvalidDataException("the list's file is cut off");
    }

    private static string[] ReadComments(MemoryMappedViewAccessor view, HashListHeader header, long length)
    {
        if (header.CommentsAt < HeaderBytes || header.CommentsAt > length || length - header.CommentsAt > MaxCommentBytes)
        {
            throw new InvalidDataException("the list's file is damaged");
        }

        var bytes = new byte[length - header.CommentsAt];
        view.SafeMemoryMappedViewHandle.ReadSpan<byte>((ulong)header.CommentsAt, bytes);
        var comments = JsonSerializer.Deserialize<string[]>(Encoding.UTF8.GetString(bytes)) ?? [];
        return comments.All(comment => comment is not null) ? comments : throw new InvalidDataException("the list's file is damaged");
    }

    // A damaged index would lead look-ups out of the table: checked once, so that they need not.
    private static void CheckTable(MemoryMappedViewAccessor view, HashListTable table, long length)
    {
        bool Fits(long position, long size) => position == 0 || (position >= HeaderBytes && size >= 0 && position + size <= length);
        var isSound = table.HashBytes is 16 or 32
            && table.Count is >= 0 and <= uint.MaxValue
            && table.HashesAt >= HeaderBytes
            && Fits(table.HashesAt, table.Count * table.Stride)
            && Fits(table.IndexAt, 4L * (Prefixes + 1))
            && Fits(table.ExpiryAt, 2 * table.Count)
            && Fits(table.CommentAt, 2 * table.Count);
        if (isSound && table.IndexAt != 0)
        {
            var index = new uint[Prefixes + 1];
            view.ReadArray(table.IndexAt, index, 0, index.Length);
            isSound = index[0] == 0 && index[^1] == table.Count;
            for (var i = 0; i < Prefixes && isSound; i++)
            {
                isSound = index[i] <= index[i + 1];
            }
        }

        if (!isSound)
        {
            throw new InvalidDataException("the list's file is damaged");
        }
    }
}

/// <summary>The JSON at the head of the file.</summary>
internal sealed record HashListHeader(HashListInfo Info, IReadOnlyList<HashListTable> Tables, long CommentsAt, long Length);

/// <summary>Where the columns of one kind of hash are; 0 = there is none.</summary>
internal sealed record HashListTable(int HashBytes, long Count, long HashesAt, long IndexAt, long ExpiryAt, long CommentAt)
{
    /// <summary>Bytes of a hash in the file: the index tells the first two.</summary>
    public int Stride => IndexAt == 0 ? HashBytes : HashBytes - 2;
}
