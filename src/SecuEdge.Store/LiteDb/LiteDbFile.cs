using System.Buffers.Binary;
using System.Globalization;
using LiteDB;
using SecuEdge.Store.Files;

namespace SecuEdge.Store.LiteDb;

/// <summary>
/// Opens one database file, whatever state it is in: mail must flow. A file that is broken is moved aside, a file that another process
/// holds is left alone and another name is used until the next start.
/// </summary>
internal static class LiteDbFile
{
    private const int MaxAlternates = 9;
    private const int PageBytes = 8192;
    private const int LastPageField = 64;

    public sealed record Opened(LiteDatabase Database, string Path, IReadOnlyList<string> Notes);

    /// <param name="probe">Makes the indexes and reads a little, so that a broken file shows at once.</param>
    /// <exception cref="IOException">The disk does not allow even an empty database.</exception>
    public static Opened Open(string path, Action<LiteDatabase> probe, DateTimeOffset now)
    {
        var notes = new List<string>();
        for (var i = 0; ; i++)
        {
            var candidate = i == 0 ? path : Alternate(path, i);
            if (i > 0)
            {
                Delete(candidate);
            }

            try
            {
                return OpenOne(candidate, probe, now, notes);
            }
            catch (IOException e) when (IsLocked(candidate) && i < MaxAlternates)
            {
                notes.Add($"{Path.GetFileName(candidate)} is held by another process ({e.Message}); {Path.GetFileName(Alternate(path, i + 1))} is used until the next start.");
            }
        }
    }

    /// <summary>Files that stood in for a locked one in an earlier run.</summary>
    public static IEnumerable<string> Alternates(string path)
    {
        for (var i = 1; i <= MaxAlternates; i++)
        {
            if (File.Exists(Alternate(path, i)))
            {
                yield return Alternate(path, i);
            }
        }
    }

    /// <summary>The database and its log file.</summary>
    public static void Delete(string path)
    {
        File.Delete(path);
        File.Delete(LogOf(path));
    }

    /// <summary>Keeps the broken files for a person and makes the name free.</summary>
    public static string MoveAside(string path, DateTimeOffset now)
    {
        var aside = $"{path}.broken-{now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss", CultureInfo.InvariantCulture)}";
        for (var i = 2; File.Exists(aside); i++)
        {
            aside = $"{path}.broken-{now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss", CultureInfo.InvariantCulture)}-{i}";
        }

        File.Move(path, aside);
        if (File.Exists(LogOf(path)))
        {
            File.Move(LogOf(path), aside + "-log");
        }

        return aside;
    }

    private static Opened OpenOne(string path, Action<LiteDatabase> probe, DateTimeOffset now, List<string> notes)
    {
        if (!File.Exists(path))
        {
            // A log without its database would be replayed into the new one.
            File.Delete(LogOf(path));
            return new Opened(OpenAndProbe(path, probe), path, notes);
        }

        try
        {
            RequireWhole(path);
            return new Opened(OpenAndProbe(path, probe), path, notes);
        }
        catch (Exception e) when (!IsLocked(path) && !DurableFile.IsDiskFull(e))
        {
            // LiteDB meets broken pages with exceptions of any kind.
            var aside = MoveAside(path, now);
            notes.Add($"{Path.GetFileName(path)} could not be opened ({e.Message.TrimEnd('.')}); it was kept as {Path.GetFileName(aside)} and started anew.");
            return new Opened(OpenAndProbe(path, probe), path, notes);
        }
    }

    private static LiteDatabase OpenAndProbe(string path, Action<LiteDatabase> probe)
    {
        var database = new LiteDatabase(new ConnectionString
        {
            Filename = path,
            Connection = ConnectionType.Direct,
            // Else the collation of the machine decides, and a container with another culture cannot read the file.
            Collation = new Collation("en-US/Ordinal"),
        });
        try
        {
            database.UtcDate = true;
            probe(database);
            return database;
        }
        catch
        {
            Close(database);
            throw;
        }
    }

    /// <summary>Closing a broken database may fail as well; then the file handle goes with the collector.</summary>
    public static void Close(LiteDatabase database)
    {
        try
        {
            database.Dispose();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The reason for closing is already known to the caller.
        }
    }

    /// <summary>LiteDB opens a file cut at a page and stumbles later: the header names the last page, so look.</summary>
    private static void RequireWhole(string path)
    {
        Span<byte> header = stackalloc byte[LastPageField + sizeof(uint)];
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        if (file.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) < header.Length)
        {
            throw new InvalidDataException("the file is cut off");
        }

        var lastPage = BinaryPrimitives.ReadUInt32LittleEndian(header[LastPageField..]);
        if (file.Length % PageBytes != 0 || file.Length < (lastPage + 1L) * PageBytes)
        {
            throw new InvalidDataException("the file is cut off");
        }
    }

    private static bool IsLocked(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            return false;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    private static string Alternate(string path, int number) => $"{path[..^".db".Length]}.{number}.db";

    private static string LogOf(string path) => $"{path[..^".db".Length]}-log.db";
}
