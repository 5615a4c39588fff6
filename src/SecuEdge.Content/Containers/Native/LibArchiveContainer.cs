namespace SecuEdge.Content.Containers.Native;

/// <summary>A format that is read by libarchive.</summary>
/// <param name="formats">What the library is allowed to take it for.</param>
internal sealed class LibArchiveContainer(string mediaType, params Func<ArchiveHandle, int>[] formats) : IContainer
{
    /// <summary>One compressed file without names: the library makes one up.</summary>
    public bool IsSingle { get; init; }

    public IReadOnlyList<string> MediaTypes => [mediaType];

    public static IEnumerable<IContainer> All() =>
    [
        new LibArchiveContainer("application/vnd.ms-cab-compressed", LibArchive.SupportCab),
        new LibArchiveContainer("application/x-lha", LibArchive.SupportLha),
        new LibArchiveContainer("application/x-cpio", LibArchive.SupportCpio),
        new LibArchiveContainer("application/x-archive", LibArchive.SupportAr),
        new LibArchiveContainer("application/vnd.debian.binary-package", LibArchive.SupportAr),
        new LibArchiveContainer("application/x-xar", LibArchive.SupportXar),
        new LibArchiveContainer("application/warc", LibArchive.SupportWarc),
        new LibArchiveContainer("application/x-lz4", LibArchive.SupportRaw, LibArchive.SupportLz4) { IsSingle = true },
    ];

    public void Open(IByteSource bytes, ContainerVisit visit)
    {
        try
        {
            Read(bytes, visit);
        }
        catch (Exception exception) when (exception is DllNotFoundException or EntryPointNotFoundException)
        {
            visit.Flag(AnatomyFlags.UnknownContainer);
            visit.Meter.Note(AnatomyFlags.UnknownContainer, $"{mediaType} needs libarchive, which is not installed.");
        }
    }

    private void Read(IByteSource bytes, ContainerVisit visit)
    {
        using var archive = new NativeArchive(bytes, visit.Meter, formats);
        var isEmpty = true;
        while (visit.Meter.HasTime() && archive.MoveNext())
        {
            isEmpty = false;
            if (archive.IsDirectory || archive.IsLink)
            {
                continue;
            }

            var draft = new EntryDraft { Name = IsSingle ? null : archive.Name, DeclaredSize = archive.DeclaredSize };
            if (!visit.Add(draft, archive.OpenEntry))
            {
                return;
            }
        }

        if (isEmpty)
        {
            visit.Broken($"Nothing was found in {mediaType}.");
        }
    }
}
