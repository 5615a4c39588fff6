namespace SecuEdge.Filter.Policy.Rules;

/// <summary>
/// In which groups of directories the people of a message are: its recipients and, of outbound mail, its sender, since anybody can write a sender of mail
/// that comes in. Groups by list need no facts: a list is asked for the address itself.
/// </summary>
public sealed record GroupFacts
{
    /// <summary>The tenant has no directory, so nobody is in a group of one.</summary>
    public static GroupFacts None { get; } = new();

    /// <summary>Address in lower case → groups as <c>node/directory/group</c> in lower case. Who is in none is left out.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Of { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>Directories never read, as <c>node/directory</c>: whoever asks for their groups is told that nobody knows.</summary>
    public IReadOnlyList<string> Unread { get; init; } = [];

    /// <summary>Not all groups had room.</summary>
    public bool AreCut { get; init; }

    /// <summary>A part of what is recorded; the same object when it is small.</summary>
    internal GroupFacts Cut(int maxGroups)
    {
        if (Of.Sum(o => o.Value.Count) <= maxGroups)
        {
            return this;
        }

        var left = maxGroups;
        var kept = new Dictionary<string, IReadOnlyList<string>>();
        foreach (var (address, groups) in Of)
        {
            kept[address] = [.. groups.Take(left)];
            left -= kept[address].Count;
        }

        return this with { Of = kept, AreCut = true };
    }
}
