namespace SecuEdge.Content.Containers.Native;

/// <summary>Compiled HTML help (.chm): pages with script that run as a program would, and any file beside them.</summary>
internal sealed class ChmContainer : IContainer
{
    public IReadOnlyList<string> MediaTypes => ["application/x-ms-help"];

    public void Open(IByteSource bytes, ContainerVisit visit)
    {
        try
        {
            Read(bytes, visit);
        }
        catch (Exception exception) when (exception is DllNotFoundException or EntryPointNotFoundException)
        {
            visit.Flag(AnatomyFlags.UnknownContainer);
            visit.Meter.Note(AnatomyFlags.UnknownContainer, "Compiled help needs libmspack, which is not installed.");
        }
    }

    private static void Read(IByteSource bytes, ContainerVisit visit)
    {
        using var archive = new ChmArchive(bytes, visit.Meter);
        foreach (var entry in archive.Entries(visit.Meter.Budget.MaxEntries + 1))
        {
            if (entry.Length <= 0)
            {
                continue;
            }

            var isWhole = false;
            var content = visit.Keep(sink => isWhole = archive.Extract(entry, sink), expectedBytes: 0);
            if (!isWhole)
            {
                visit.Broken("A file of compiled help is damaged.");
            }

            if (!visit.Add(new EntryDraft { Name = entry.Name.TrimStart('/'), DeclaredSize = entry.Length }, content.OpenRead))
            {
                return;
            }
        }
    }
}
