using SharpCompress.Archives;
using SharpCompress.Common;
using SharpCompress.Readers;

namespace SecuEdge.Content.Containers;

/// <summary>Walks a SharpCompress reader. The library has no limits of its own; the visit has them.</summary>
internal static class SharpReading
{
    public static void AddAll(IReader reader, ContainerVisit visit)
    {
        while (visit.Meter.HasTime() && reader.MoveToNextEntry())
        {
            var entry = reader.Entry;
            if (entry.IsDirectory)
            {
                continue;
            }

            if (!Add(entry, visit, reader.OpenEntryStream))
            {
                return;
            }
        }
    }

    public static bool Add(IEntry entry, ContainerVisit visit, Func<Stream> open)
    {
        var draft = new EntryDraft { Name = entry.Key, DeclaredSize = entry.Size > 0 ? entry.Size : null };
        if (entry.IsEncrypted)
        {
            visit.AddUnreadable(draft with { Flags = AnatomyFlags.EncryptedArchive });
            return !visit.MustStop;
        }

        return visit.Add(draft, open);
    }

    /// <summary>Encrypted headers are an exception of the library; here they are a fact.</summary>
    public static void Guard(ContainerVisit visit, Action open)
    {
        try
        {
            open();
        }
        catch (CryptographicException)
        {
            visit.Flag(AnatomyFlags.EncryptedArchive);
        }
    }
}
