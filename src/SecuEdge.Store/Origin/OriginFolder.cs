using System.IO.Compression;
using System.Net;
using SecuEdge.Filter.Policy.Rules;

namespace SecuEdge.Store.Origin;

/// <summary>
/// The tables of networks that the administrator put into <c>origin/</c> of the data folder, <c>*.tsv</c> or <c>*.tsv.gz</c>. Without one
/// nobody knows where an address is.
/// </summary>
public sealed class OriginFolder(StoreOptions options)
{
    /// <summary>Unpacked; the public tables have some 40 MB, and a folder of films is a mistake.</summary>
    private const long MaxBytes = 512L << 20;

    private readonly string _folder = Path.Combine(options.DataFolder, "origin");
    private string _loaded = "";
    private volatile OriginTable? _table;

    /// <summary>Null without a table.</summary>
    public OriginTable? Table => _table;

    /// <summary>Why the files there are not in force; empty when they are.</summary>
    public string Trouble { get; private set; } = "";

    public NetworkOrigin? Find(IPAddress address) => _table?.Find(address);

    /// <summary>Reads the files when they are others than last time. Called by one at a time.</summary>
    /// <returns>Whether they were read.</returns>
    public bool Refresh()
    {
        try
        {
            List<FileInfo> files = Directory.Exists(_folder)
                ? [.. new DirectoryInfo(_folder).EnumerateFiles().Where(f => IsTable(f.Name)).OrderBy(f => f.Name, StringComparer.Ordinal)]
                : [];
            var seen = string.Join('\n', files.Select(f => $"{f.Name} {f.Length} {f.LastWriteTimeUtc.Ticks}"));
            if (seen == _loaded)
            {
                return false;
            }

            // A file that is wrong is not read again and again; the table before it stays in force.
            _loaded = seen;
            _table = files.Count == 0 ? null : OriginTable.Read(Open(files));
            Trouble = "";
            return true;
        }
        catch (Exception e) when (e is FormatException or IOException or InvalidDataException or UnauthorizedAccessException)
        {
            Trouble = $"the table of networks in {_folder} cannot be used: {e.Message}";
            return false;
        }
    }

    private static bool IsTable(string name) =>
        name.EndsWith(".tsv", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".tsv.gz", StringComparison.OrdinalIgnoreCase);

    private static IEnumerable<TextReader> Open(List<FileInfo> files)
    {
        foreach (var file in files)
        {
            using var bytes = file.OpenRead();
            using Stream text = file.Name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(bytes, CompressionMode.Decompress) : bytes;
            using var reader = new StreamReader(new BoundedStream(text, MaxBytes));
            yield return reader;
        }
    }
}
