namespace SecuEdge.Appliance.Directories;

/// <summary>
/// Which groups an entry is in, by itself or through groups in groups. Circles end, since each group is visited once; entries in the same groups
/// share their list.
/// </summary>
internal sealed class GroupTree
{
    private readonly Dictionary<string, List<int>> _directGroups = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int[]> _shared = new(StringComparer.Ordinal);
    private readonly List<int>[] _parents;
    private readonly bool[] _visited;
    private readonly int[] _titleOf;

    public GroupTree(DirectoryReading reading)
    {
        var titles = reading.Groups.Select(g => g.Title).Distinct(StringComparer.OrdinalIgnoreCase).Order(StringComparer.OrdinalIgnoreCase).ToList();
        var numbers = titles.Index().ToDictionary(t => t.Item, t => t.Index, StringComparer.OrdinalIgnoreCase);
        Titles = titles;
        _titleOf = [.. reading.Groups.Select(g => numbers[g.Title])];
        _parents = new List<int>[reading.Groups.Count];
        _visited = new bool[reading.Groups.Count];
        for (var g = 0; g < reading.Groups.Count; g++)
        {
            foreach (var member in reading.Groups[g].Members)
            {
                if (!_directGroups.TryGetValue(member, out var groups))
                {
                    _directGroups[member] = groups = [];
                }

                groups.Add(g);
            }
        }

        for (var g = 0; g < reading.Groups.Count; g++)
        {
            _parents[g] = _directGroups.GetValueOrDefault(reading.Groups[g].Name) ?? [];
        }

        GroupNames = reading.Groups.Index().ToDictionary(g => g.Item.Name, g => g.Index, StringComparer.Ordinal);
        Warnings = [.. reading.Groups.GroupBy(g => g.Title, StringComparer.OrdinalIgnoreCase).Where(g => g.Count() > 1).Take(5)
            .Select(g => $"{g.Count()} groups are called '{g.Key}'; for rules they are one")];
    }

    /// <summary>In order, each once.</summary>
    public IReadOnlyList<string> Titles { get; }

    public IReadOnlyList<string> Warnings { get; }

    private Dictionary<string, int> GroupNames { get; }

    /// <summary>Numbers of titles, rising. A group's own addresses are in it: what is sent to them reaches its members.</summary>
    public int[] Of(DirectoryPerson person)
    {
        var direct = new SortedSet<int>(_directGroups.GetValueOrDefault(person.Name) ?? []);
        if (person.ShortName.Length > 0)
        {
            direct.UnionWith(_directGroups.GetValueOrDefault(person.ShortName) ?? []);
        }

        if (GroupNames.TryGetValue(person.Name, out var own))
        {
            direct.Add(own);
        }

        if (direct.Count == 0)
        {
            return [];
        }

        var key = string.Join(',', direct);
        return _shared.TryGetValue(key, out var known) ? known : _shared[key] = Closure(direct);
    }

    private int[] Closure(SortedSet<int> direct)
    {
        var all = new List<int>();
        var waiting = new Stack<int>(direct);
        while (waiting.TryPop(out var group))
        {
            if (_visited[group])
            {
                continue;
            }

            _visited[group] = true;
            all.Add(group);
            foreach (var parent in _parents[group])
            {
                waiting.Push(parent);
            }
        }

        foreach (var group in all)
        {
            _visited[group] = false;
        }

        return [.. all.Select(g => _titleOf[g]).Distinct().Order()];
    }
}
