using System.Globalization;
using SecuEdge.Filter.Policy.Rules;

namespace SecuEdge.Filter.Policy.Lexical;

/// <summary>
/// Word lists that we bring, French and English, to begin with: a tenant copies one and makes it his own. Each is a file in <c>Lists/</c> of
/// this folder: the first line says what it is for, then one line an entry, weight and words; <c>~</c> in front of the words finds them
/// inside longer ones, too.
/// </summary>
public static class StarterLists
{
    private const string Prefix = "Lexical.Lists.";

    /// <summary>By name: <c>insults-fr</c>, <c>confidential-en</c> … Found where no node of the tree has a list of that name.</summary>
    public static IReadOnlyList<WordList> All { get; } = [.. Load()];

    public static WordList? Find(string name) => All.FirstOrDefault(list => list.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    private static IEnumerable<WordList> Load()
    {
        var assembly = typeof(StarterLists).Assembly;
        foreach (var resource in assembly.GetManifestResourceNames().Where(n => n.StartsWith(Prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
            yield return Parse(Path.GetFileNameWithoutExtension(resource[Prefix.Length..]), reader.ReadToEnd());
        }
    }

    internal static WordList Parse(string name, string file)
    {
        var lines = file.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return new WordList { Name = name, Comment = lines[0].TrimStart('#', ' '), Words = [.. lines.Skip(1).Select(Entry)] };
    }

    private static WordEntry Entry(string line)
    {
        var blank = line.IndexOf(' ', StringComparison.Ordinal);
        var words = line[(blank + 1)..].Trim();
        var isInside = words[0] == '~';
        return new WordEntry
        {
            Text = isInside ? words[1..] : words,
            Weight = double.Parse(line.AsSpan(0, blank), CultureInfo.InvariantCulture),
            WholeWord = !isInside,
        };
    }
}
