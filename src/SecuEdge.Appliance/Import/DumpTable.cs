namespace SecuEdge.Appliance.Import;

/// <summary>Rows of one table of a database dump.</summary>
internal sealed class DumpTable
{
    private readonly List<DumpRow> _rows = [];

    public IReadOnlyList<DumpRow> Rows => _rows;

    public void Add(IReadOnlyList<string> columns, IReadOnlyList<string?> values)
    {
        var row = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < Math.Min(values.Count, columns.Count); i++)
        {
            row[columns[i]] = values[i];
        }

        _rows.Add(new DumpRow(row));
    }
}

/// <summary>One row; a column that the dump does not have reads as null, since products add columns over the years.</summary>
internal sealed class DumpRow(IReadOnlyDictionary<string, string?> values)
{
    public IReadOnlyDictionary<string, string?> All { get; } = values;

    public string? this[string column] => All.GetValueOrDefault(column);

    public string Text(string column) => this[column] ?? "";

    public int Number(string column) => int.TryParse(this[column], out var number) ? number : 0;

    /// <summary>1, true, t, yes: dumps write it in all of these ways.</summary>
    public bool IsSet(string column) => this[column] is "1" or "true" or "t" or "yes" or "TRUE";
}

/// <summary>The tables of a dump by name; one that is not there is empty.</summary>
internal sealed class Dump
{
    private readonly Dictionary<string, DumpTable> _tables = new(StringComparer.OrdinalIgnoreCase);

    public IEnumerable<string> Names => _tables.Keys;

    public IReadOnlyList<DumpRow> this[string table] => _tables.TryGetValue(table, out var found) ? found.Rows : [];

    public bool Has(string table) => _tables.ContainsKey(table);

    public DumpTable Table(string name)
    {
        if (!_tables.TryGetValue(name, out var table))
        {
            _tables[name] = table = new DumpTable();
        }

        return table;
    }
}
