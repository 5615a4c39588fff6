using System.Text;

namespace SecuEdge.Appliance.Yara;

/// <summary>
/// Rule files on disk: <c>DATA/yara/*.yar</c> are the administrator's, <c>DATA/yara/fetched/*.yar</c> came from the sources. A file appears by
/// rename; one that cannot be used is renamed to <c>.refused</c>, never deleted.
/// </summary>
internal sealed class RuleFolder(string folder, long maxFileBytes)
{
    private const string Extension = ".yar";
    private const string Refused = ".refused";

    public string FetchedFolder => Path.Combine(folder, "fetched");

    /// <summary>Letters, digits, dot, dash and underscore: a name is never a path.</summary>
    public static bool IsName(string name) =>
        name.Length is > 0 and <= 64 && char.IsAsciiLetterOrDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_');

    /// <summary>All files that can be read, and a sentence for each that cannot.</summary>
    public (List<RuleFile> Files, List<string> Notes) Read()
    {
        Directory.CreateDirectory(FetchedFolder);
        List<RuleFile> files = [];
        List<string> notes = [];
        foreach (var (origin, place) in new[] { (RuleOrigin.Fetched, FetchedFolder), (RuleOrigin.Own, folder) })
        {
            foreach (var file in new DirectoryInfo(place).EnumerateFiles("*" + Extension).OrderBy(f => f.Name, StringComparer.Ordinal))
            {
                var name = Path.GetFileNameWithoutExtension(file.Name);
                if (!IsName(name))
                {
                    notes.Add($"rule file {file.Name}: rename it; names have letters, digits, dots, dashes and underscores only");
                }
                else if (file.Length > maxFileBytes)
                {
                    notes.Add($"rule file {file.Name}: is larger than {maxFileBytes} bytes (Yara:MaxRuleBytes)");
                }
                else if (TryRead(file.FullName) is { } text)
                {
                    files.Add(new RuleFile(origin, name, text, new DateTimeOffset(file.LastWriteTimeUtc, TimeSpan.Zero)));
                }
                else
                {
                    notes.Add($"rule file {file.Name}: cannot be read");
                }
            }

            notes.AddRange(Directory.GetFiles(place, "*" + Extension + Refused).Order(StringComparer.Ordinal).Select(path =>
                $"rule file {Path.GetFileNameWithoutExtension(path)} is not in force: correct it and take {Refused} from its name, or delete it"));
        }

        return (files, notes);
    }

    /// <summary>Changes whenever a file does, by whatever way.</summary>
    public string Fingerprint() => string.Join('\n', new DirectoryInfo(folder).EnumerateFiles("*" + Extension, SearchOption.AllDirectories)
        .OrderBy(file => file.FullName, StringComparer.Ordinal)
        .Select(file => $"{file.FullName} {file.Length} {file.LastWriteTimeUtc.Ticks}"));

    public void Save(string name, string text)
    {
        Directory.CreateDirectory(folder);
        var path = PathOf(RuleOrigin.Own, name);
        using (var file = new FileStream(path + ".new", FileMode.Create, FileAccess.Write))
        {
            file.Write(Encoding.UTF8.GetBytes(text));
            file.Flush(flushToDisk: true);
        }

        File.Move(path + ".new", path, overwrite: true);
    }

    public void Delete(string name) => File.Delete(PathOf(RuleOrigin.Own, name));

    public void SetAside(RuleFile file)
    {
        var path = PathOf(file.Origin, file.Name);
        File.Move(path, path + Refused, overwrite: true);
    }

    public string PathOf(RuleOrigin origin, string name) => Path.Combine(origin == RuleOrigin.Fetched ? FetchedFolder : folder, name + Extension);

    private static string? TryRead(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
