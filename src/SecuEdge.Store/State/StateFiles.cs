using SecuEdge.Store.Files;

namespace SecuEdge.Store.State;

/// <summary>One file a document, below <c>state/</c>.</summary>
public sealed class StateFiles : IStateFiles
{
    private readonly IFileSystem _files;
    private readonly string _folder;

    public StateFiles(StoreOptions options)
    {
        _files = options.Files;
        _folder = Path.Combine(options.DataFolder, "state");
        DurableFile.CreateFolder(_files, _folder);
    }

    public byte[]? Read(string name) => _files.Exists(PathOf(name)) ? _files.ReadAll(PathOf(name)) : null;

    public void Write(string name, ReadOnlySpan<byte> bytes) => DurableFile.Write(_files, PathOf(name), bytes);

    public void Delete(string name) => _files.Delete(PathOf(name));

    private string PathOf(string name) => Path.Combine(_folder, SafeName.Require(name) + ".json");
}
