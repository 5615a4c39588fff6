using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using SecuEdge.Store.Files;

namespace SecuEdge.Store.Spool;

/// <summary>
/// One preallocated file of records. It starts with a head of 64 bytes: magic, checksum, number, salt, and the first sequence that was free
/// when it was made, so that sequences never go back.
/// </summary>
internal sealed class Segment : IDisposable
{
    public const int HeadBytes = 64;
    private const ulong Magic = 0x31474D5347444553; // "SEDGMSG1"
    private const string Prefix = "segment-";
    private const string Ending = ".log";

    private readonly HashSet<SpoolEntry> _live = [];

    private Segment(string path, IFile file, ulong number, ulong salt, ulong firstSequence, long capacity, DateTimeOffset startedAt)
    {
        Path = path;
        File = file;
        Number = number;
        Salt = salt;
        FirstSequence = firstSequence;
        Capacity = capacity;
        StartedAt = startedAt;
        Tail = HeadBytes;
    }

    public string Path { get; }

    public IFile File { get; }

    public ulong Number { get; }

    public ulong Salt { get; }

    public ulong FirstSequence { get; }

    public long Capacity { get; }

    public DateTimeOffset StartedAt { get; }

    /// <summary>Where the next record goes. Only the committer moves it.</summary>
    public long Tail { get; set; }

    public int LiveCount
    {
        get
        {
            lock (_live)
            {
                return _live.Count;
            }
        }
    }

    public static Segment Create(IFileSystem files, string folder, ulong number, ulong firstSequence, long capacity, DateTimeOffset now)
    {
        var path = System.IO.Path.Combine(folder, Prefix + number.ToString("d12", CultureInfo.InvariantCulture) + Ending);
        files.Delete(path);
        var file = files.Create(path);
        try
        {
            file.Allocate(capacity);
            Span<byte> head = stackalloc byte[HeadBytes];
            head.Clear();
            RandomNumberGenerator.Fill(head[24..32]);
            BinaryPrimitives.WriteUInt64LittleEndian(head, Magic);
            BinaryPrimitives.WriteUInt64LittleEndian(head[16..], number);
            BinaryPrimitives.WriteUInt64LittleEndian(head[32..], firstSequence);
            BinaryPrimitives.WriteUInt32LittleEndian(head[8..], Checksum.Of(head[16..]));
            file.Write(head, 0);
            file.Sync();
            files.SyncFolder(folder);
            return new Segment(path, file, number, BinaryPrimitives.ReadUInt64LittleEndian(head[24..]), firstSequence, capacity, now);
        }
        catch (Exception e) when (DurableFile.IsDiskTrouble(e))
        {
            file.Dispose();
            DurableFile.TryDelete(files, path);
            throw;
        }
    }

    /// <summary>Segments of an earlier run, oldest first, by the number in their name.</summary>
    public static IReadOnlyList<(string Path, ulong Number)> List(IFileSystem files, string folder)
    {
        var found = new List<(string Path, ulong Number)>();
        foreach (var path in files.List(folder))
        {
            var name = System.IO.Path.GetFileName(path.AsSpan());
            if (name.StartsWith(Prefix, StringComparison.Ordinal) && name.EndsWith(Ending, StringComparison.Ordinal)
                && ulong.TryParse(name[Prefix.Length..^Ending.Length], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                found.Add((path, number));
            }
        }

        found.Sort((a, b) => a.Number.CompareTo(b.Number));
        return found;
    }

    /// <summary>Opens a segment of an earlier run for reading. With a damaged head the salt is taken from the first record; null when that fails too.</summary>
    public static Segment? Open(IFileSystem files, string path, ulong number, DateTimeOffset now)
    {
        var file = files.Open(path);
        Span<byte> head = stackalloc byte[HeadBytes + SegmentRecord.HeaderBytes];
        var read = file.Read(head, 0);
        var whole = read >= HeadBytes
            && BinaryPrimitives.ReadUInt64LittleEndian(head) == Magic
            && BinaryPrimitives.ReadUInt32LittleEndian(head[8..]) == Checksum.Of(head[16..HeadBytes])
            && BinaryPrimitives.ReadUInt64LittleEndian(head[16..]) == number;
        if (whole)
        {
            var firstSequence = BinaryPrimitives.ReadUInt64LittleEndian(head[32..]);
            return new Segment(path, file, number, BinaryPrimitives.ReadUInt64LittleEndian(head[24..]), firstSequence, file.Length, now);
        }

        var first = head[HeadBytes..];
        if (read == head.Length && SegmentRecord.TryRead(first, SegmentRecord.SaltOf(first), out _))
        {
            return new Segment(path, file, number, SegmentRecord.SaltOf(first), 0, file.Length, now);
        }

        file.Dispose();
        return null;
    }

    public void Add(SpoolEntry entry)
    {
        lock (_live)
        {
            _live.Add(entry);
        }
    }

    public void Remove(SpoolEntry entry)
    {
        lock (_live)
        {
            _live.Remove(entry);
        }
    }

    public SpoolEntry[] Live()
    {
        lock (_live)
        {
            return [.. _live];
        }
    }

    public void Dispose() => File.Dispose();
}
