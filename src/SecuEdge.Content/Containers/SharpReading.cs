using SecuEdge.Content.Containers.Passwords;
using SharpCompress.Common;
using SharpCompress.Readers;

namespace SecuEdge.Content.Containers;

/// <summary>
/// Reads an archive through SharpCompress. The library has no limits of its own; the visit has them. First what is open is read; if
/// something is locked, a password is looked for and the locked rest is read with it.
/// </summary>
internal static class SharpReading
{
    /// <param name="list">Names of the entries, where the reader stops at the first that is locked.</param>
    public static void ReadAll(IByteSource bytes, ContainerVisit visit, Func<Stream, ReaderOptions, IReader> open, Func<Stream, IEnumerable<IEntry>>? list = null)
    {
        var added = new HashSet<string>(StringComparer.Ordinal);
        var locked = new List<EntryDraft>();
        var isHidden = false;
        try
        {
            using var stream = bytes.OpenRead();
            using var reader = open(stream, new ReaderOptions { LeaveStreamOpen = true });
            AddOpen(reader, visit, added, locked);
        }
        catch (CryptographicException)
        {
            // The names are locked too, or the library will not go on without a password.
            isHidden = true;
        }
        catch (MultiVolumeExtractionException)
        {
            visit.Flag(AnatomyFlags.Partial);
            throw;
        }

        if (!visit.MustStop && (isHidden || locked.Count > 0))
        {
            Unlock(bytes, visit, open, added, list is null ? locked : List(bytes, list, locked));
        }
    }

    private static void AddOpen(IReader reader, ContainerVisit visit, HashSet<string> added, List<EntryDraft> locked)
    {
        while (visit.Meter.HasTime() && reader.MoveToNextEntry())
        {
            var entry = reader.Entry;
            if (entry.IsDirectory)
            {
                continue;
            }

            if (entry.IsEncrypted)
            {
                if (locked.Count < visit.Meter.Budget.MaxEntries)
                {
                    locked.Add(DraftOf(entry));
                }

                continue;
            }

            added.Add(entry.Key ?? "");
            if (!visit.Add(DraftOf(entry), reader.OpenEntryStream))
            {
                return;
            }
        }
    }

    private static void Unlock(IByteSource bytes, ContainerVisit visit, Func<Stream, ReaderOptions, IReader> open, HashSet<string> added, List<EntryDraft> locked)
    {
        if (ArchiveUnlocker.Find(bytes, visit, open) is not { } password)
        {
            visit.Flag(AnatomyFlags.EncryptedArchive);
            foreach (var draft in locked)
            {
                visit.AddUnreadable(draft with { Flags = AnatomyFlags.EncryptedArchive });
            }

            return;
        }

        using var stream = bytes.OpenRead();
        using var reader = open(stream, new ReaderOptions { LeaveStreamOpen = true, Password = password });
        while (visit.Meter.HasTime() && reader.MoveToNextEntry())
        {
            var entry = reader.Entry;
            if (!entry.IsDirectory && (entry.IsEncrypted || !added.Contains(entry.Key ?? "")) && !visit.Add(DraftOf(entry), reader.OpenEntryStream))
            {
                return;
            }
        }
    }

    private static List<EntryDraft> List(IByteSource bytes, Func<Stream, IEnumerable<IEntry>> list, List<EntryDraft> known)
    {
        using var stream = bytes.OpenRead();
        try
        {
            return [.. list(stream).Where(entry => entry.IsEncrypted && !entry.IsDirectory).Select(DraftOf)];
        }
        catch (CryptographicException)
        {
            return known;
        }
    }

    private static EntryDraft DraftOf(IEntry entry) => new() { Name = entry.Key, DeclaredSize = entry.Size > 0 ? entry.Size : null };
}
