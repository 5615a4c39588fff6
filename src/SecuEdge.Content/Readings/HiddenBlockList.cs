using System.Collections;

namespace SecuEdge.Content.Readings;

/// <summary>The blocks of one text, each once and not without end: whoever hides a file behind a thousand others is at least seen doing it.</summary>
internal sealed class HiddenBlockList : IReadOnlyCollection<HiddenBlock>
{
    /// <summary>As many as a message may have parts by default, so honest text never comes here.</summary>
    private const int MaxBlocks = 1_000;

    private readonly List<HiddenBlock> _blocks = [];
    private readonly HashSet<HiddenBlock> _seen = [];

    public int Count => _blocks.Count;

    /// <summary>There was one more, and perhaps others behind it.</summary>
    public bool IsCut { get; private set; }

    public void Add(HiddenBlock block)
    {
        if (!_seen.Contains(block))
        {
            IsCut |= _blocks.Count >= MaxBlocks;
            if (!IsCut)
            {
                _seen.Add(block);
                _blocks.Add(block);
            }
        }
    }

    public IEnumerator<HiddenBlock> GetEnumerator() => _blocks.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
