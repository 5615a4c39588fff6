using SecuEdge.Store.Files;

namespace SecuEdge.Store.State;

/// <summary>Journals of parts of the appliance that remember much and change little of it at a time, below <c>state/</c>.</summary>
public sealed class JournalFolder
{
    private readonly IFileSystem _files;
    private readonly string _folder;

    public JournalFolder(StoreOptions options)
    {
        _files = options.Files;
        _folder = Path.Combine(options.DataFolder, "state");
        DurableFile.CreateFolder(_files, _folder);
    }

    /// <inheritdoc cref="LineJournal.Open"/>
    public LineJournal Open(string name, Func<ReadOnlySpan<byte>, bool> read) =>
        LineJournal.Open(_files, Path.Combine(_folder, SafeName.Require(name) + ".journal"), read);
}
