using System.Globalization;
using System.Text;

namespace SecuEdge.Appliance.Import;

/// <summary>Reads the <c>COPY table (columns) FROM stdin</c> blocks of a PostgreSQL dump (PostgreSQL manual, COPY, "Text Format").</summary>
internal static class CopyDump
{
    public static Dump Read(TextReader reader)
    {
        var dump = new Dump();
        DumpTable? table = null;
        List<string> columns = [];
        while (reader.ReadLine() is { } line)
        {
            if (table is not null)
            {
                if (line == "\\.")
                {
                    table = null;
                    continue;
                }

                table.Add(columns, [.. line.Split('\t').Select(Value)]);
            }
            else if (line.StartsWith("COPY ", StringComparison.OrdinalIgnoreCase)
                && line.IndexOf('(', StringComparison.Ordinal) is var open and > 0 && line.LastIndexOf(')') is var close && close > open)
            {
                var name = line[5..open].Trim().Trim('"');
                name = name[(name.LastIndexOf('.') + 1)..];
                columns = [.. line[(open + 1)..close].Split(',').Select(c => c.Trim().Trim('"'))];
                table = dump.Table(name);
            }
        }

        return dump;
    }

    /// <summary>A bytea column (<c>\x6162</c>) as the text it holds; anything else unchanged.</summary>
    public static string Bytes(string? value)
    {
        if (value is null || !value.StartsWith("\\x", StringComparison.Ordinal) || value.Length % 2 != 0 || !value.AsSpan(2).ContainsOnlyHex())
        {
            return value ?? "";
        }

        return Encoding.UTF8.GetString(Convert.FromHexString(value.AsSpan(2)));
    }

    private static string? Value(string field)
    {
        if (field == "\\N")
        {
            return null;
        }

        if (!field.Contains('\\', StringComparison.Ordinal))
        {
            return field;
        }

        var value = new StringBuilder(field.Length);
        for (var i = 0; i < field.Length; i++)
        {
            if (field[i] != '\\' || i + 1 == field.Length)
            {
                value.Append(field[i]);
                continue;
            }

            i++;
            value.Append(field[i] switch
            {
                'b' => '\b',
                'f' => '\f',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'v' => '\v',
                var other => other,
            });
        }

        return value.ToString();
    }

    private static bool ContainsOnlyHex(this ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            if (!char.IsAsciiHexDigit(c))
            {
                return false;
            }
        }

        return true;
    }
}
