using System.Collections.Frozen;

namespace SecuEdge.Filter.Policy.Lexical;

/// <summary>Numbers the characters of some phrases from 1, so that tables have a column for each; every other character is 0.</summary>
internal sealed class Alphabet
{
    // ASCII sorts first and has 128 characters, so that its numbers fit.
    private readonly byte[] _ascii = new byte[128];
    private readonly FrozenDictionary<char, int> _others;

    public Alphabet(IEnumerable<char> characters)
    {
        var all = characters.Distinct().Order().Select((c, i) => (c, Number: i + 1)).ToList();
        Count = all.Count + 1;
        _others = all.Where(p => p.c >= 128).ToFrozenDictionary(p => p.c, p => p.Number);
        foreach (var (c, number) in all.Where(p => p.c < 128))
        {
            _ascii[c] = (byte)number;
        }
    }

    /// <summary>With the 0.</summary>
    public int Count { get; }

    public int ClassOf(char c) => c < 128 ? _ascii[c] : _others.GetValueOrDefault(c);
}
