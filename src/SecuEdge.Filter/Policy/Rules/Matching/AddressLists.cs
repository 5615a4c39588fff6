namespace SecuEdge.Filter.Policy.Rules.Matching;

/// <summary>
/// The people whom a condition names: its own patterns and the groups. Groups are not copied into it, since thousands of conditions may name one of thousands
/// of members.
/// </summary>
internal sealed class AddressLists
{
    private readonly AddressPatterns? _own;
    private readonly AddressPatterns[] _groups;
    private readonly AddressPatterns[] _all;
    private readonly long _globs;

    public AddressLists(IReadOnlyList<string> own, IEnumerable<AddressPatterns> groups)
    {
        _own = own.Count > 0 ? new AddressPatterns(own) : null;
        _groups = [.. groups.Distinct()];
        _all = _own is null ? _groups : [_own, .. _groups];
        _globs = _all.Sum(l => (long)l.GlobCount);
    }

    public bool Contain(string address, Question question)
    {
        if (_own?.Contains(address) == true)
        {
            return true;
        }

        foreach (var group in _groups)
        {
            if (question.IsAmong(group, address))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether every address that these contain is among the others; false when it cannot be shown, or would take too long.</summary>
    public bool IsSubsetOf(AddressLists other, Effort effort)
    {
        if (!effort.TryTake((long)_all.Length * other._all.Length))
        {
            return false;
        }

        foreach (var list in _all)
        {
            if (!other._all.Contains(list) && !(effort.TryTake((list.Count + 1) * (other._all.Length + other._globs)) && list.IsSubsetOf(other._all)))
            {
                return false;
            }
        }

        return true;
    }
}
