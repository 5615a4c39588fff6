using SecuEdge.Filter.Policy.Rules;

namespace SecuEdge.Filter.Policy.Lexical;

/// <summary>Word lists that come with the product, found by name where no node of the tree has one of that name.</summary>
public static class StarterLists
{
    public static IReadOnlyList<WordList> All { get; } = [];

    public static WordList? Find(string name) => All.FirstOrDefault(list => list.Name.Equals(name, StringComparison.Ordinal));
}
