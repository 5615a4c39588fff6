using System.Text;

namespace SecuEdge.Appliance.Import;

/// <summary>
/// Reads the <c>CREATE TABLE</c> and <c>INSERT INTO … VALUES</c> statements of a MySQL or MariaDB dump. Only what mysqldump writes: names in
/// back quotes or bare, strings in single quotes with backslash escapes, numbers, NULL and 0x bytes.
/// </summary>
internal sealed class InsertDump
{
    private readonly string _text;
    private readonly Dump _dump = new();
    private readonly Dictionary<string, List<string>> _columns = new(StringComparer.OrdinalIgnoreCase);
    private int _at;

    private InsertDump(string text) => _text = text;

    public static Dump Read(string text)
    {
        var reader = new InsertDump(text);
        reader.Read();
        return reader._dump;
    }

    private void Read()
    {
        while (_at < _text.Length)
        {
            if (IsAt("CREATE TABLE"))
            {
                ReadColumns();
            }
            else if (IsAt("INSERT INTO"))
            {
                ReadRows();
            }
            else
            {
                SkipLine();
            }
        }
    }

    private bool IsAt(string words) =>
        string.Compare(_text, _at, words, 0, words.Length, StringComparison.OrdinalIgnoreCase) == 0 && (_at == 0 || _text[_at - 1] is '\n' or ';' or ' ');

    private void SkipLine() => _at = _text.IndexOf('\n', _at) is var end and >= 0 ? end + 1 : _text.Length;

    /// <summary>One column a line, as dumps have it; keys and constraints begin with other words.</summary>
    private void ReadColumns()
    {
        _at += "CREATE TABLE".Length;
        SkipBlanks();
        if (IsWord("IF NOT EXISTS"))
        {
            _at += "IF NOT EXISTS".Length;
        }

        var table = Name();
        var columns = new List<string>();
        SkipLine();
        while (_at < _text.Length)
        {
            var end = _text.IndexOf('\n', _at) is var e and >= 0 ? e : _text.Length;
            var line = _text[_at..end].Trim();
            _at = Math.Min(end + 1, _text.Length);
            if (line.StartsWith(')'))
            {
                break;
            }

            if (line.StartsWith('`') && line.IndexOf('`', 1) is var close and > 1)
            {
                columns.Add(line[1..close]);
            }
        }

        _columns[table] = columns;
        _dump.Table(table);
    }

    private void ReadRows()
    {
        _at += "INSERT INTO".Length;
        var name = Name();
        SkipBlanks();
        var columns = _columns.GetValueOrDefault(name) ?? [];
        if (Peek() == '(')
        {
            columns = [.. List().Select(c => c ?? "")];
        }

        SkipBlanks();
        if (!IsWord("VALUES"))
        {
            SkipLine();
            return;
        }

        _at += "VALUES".Length;
        if (columns.Count == 0)
        {
            throw new ConversionException($"table {name}: its columns are not in the file; make the dump with mysqldump's own CREATE TABLE statements (without --no-create-info)");
        }

        var table = _dump.Table(name);
        do
        {
            SkipBlanks();
            table.Add(columns, List());
            SkipBlanks();
        }
        while (TryTake(','));
    }

    private List<string?> List()
    {
        if (!TryTake('('))
        {
            throw new ConversionException($"a list of values is broken at character {_at}; is the dump complete?");
        }

        var values = new List<string?>();
        do
        {
            SkipBlanks();
            values.Add(Value());
            SkipBlanks();
        }
        while (TryTake(','));
        if (!TryTake(')'))
        {
            throw new ConversionException($"a list of values does not end at character {_at}; is the dump complete?");
        }

        return values;
    }

    private string? Value()
    {
        if (Peek() == '\'')
        {
            return Quoted();
        }

        if (Peek() == '`')
        {
            return Name();
        }

        var start = _at;
        while (_at < _text.Length && _text[_at] is not (',' or ')'))
        {
            _at++;
        }

        var word = _text[start.._at].Trim();
        return word.StartsWith("0x", StringComparison.OrdinalIgnoreCase) && word.Length % 2 == 0 ? Encoding.UTF8.GetString(Convert.FromHexString(word.AsSpan(2)))
            : word.Equals("NULL", StringComparison.OrdinalIgnoreCase) ? null
            : word;
    }

    private string Quoted()
    {
        var value = new StringBuilder();
        for (_at++; _at < _text.Length; _at++)
        {
            var c = _text[_at];
            if (c == '\\' && _at + 1 < _text.Length)
            {
                _at++;
                value.Append(_text[_at] switch { 'n' => '\n', 'r' => '\r', 't' => '\t', '0' => '\0', 'Z' => '\x1a', var other => other });
            }
            else if (c != '\'')
            {
                value.Append(c);
            }
            else if (_at + 1 < _text.Length && _text[_at + 1] == '\'')
            {
                value.Append('\'');
                _at++;
            }
            else
            {
                _at++;
                return value.ToString();
            }
        }

        throw new ConversionException("a text does not end; is the dump complete?");
    }

    private string Name()
    {
        SkipBlanks();
        if (TryTake('`'))
        {
            var end = _text.IndexOf('`', _at);
            if (end < 0)
            {
                throw new ConversionException("a name does not end; is the dump complete?");
            }

            var quoted = _text[_at..end];
            _at = end + 1;
            return quoted;
        }

        var start = _at;
        while (_at < _text.Length && (char.IsAsciiLetterOrDigit(_text[_at]) || _text[_at] == '_'))
        {
            _at++;
        }

        return _text[start.._at];
    }

    private bool IsWord(string word) => string.Compare(_text, _at, word, 0, word.Length, StringComparison.OrdinalIgnoreCase) == 0;

    private char Peek() => _at < _text.Length ? _text[_at] : '\0';

    private bool TryTake(char c)
    {
        if (Peek() != c)
        {
            return false;
        }

        _at++;
        return true;
    }

    private void SkipBlanks()
    {
        while (_at < _text.Length && char.IsWhiteSpace(_text[_at]))
        {
            _at++;
        }
    }
}
