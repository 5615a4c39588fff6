using System.Globalization;
using System.Text;

namespace SecuEdge.Content.Documents.Html;

/// <summary>
/// A script with its disguise taken off, without running it: comments gone, escapes in strings decoded, <c>"Bl"+"ob"</c> put together,
/// <c>["Blob"]</c> written as a member. Strings and lists of numbers are kept apart, since payloads are in them.
/// </summary>
internal sealed class ScriptText
{
    private const int MaxStrings = 20_000;

    /// <summary>Shorter lists of numbers are dates, sizes and colors.</summary>
    private const int MinNumbers = 16;

    private readonly string _script;
    private readonly StringBuilder _code = new();
    private readonly List<int> _numbers = [];
    private StringBuilder? _tail;
    private int _at;
    private bool _joins;
    private bool _isListed;

    private ScriptText(string script) => _script = script;

    /// <summary>Code with strings in double quotes.</summary>
    public string Code => _code.ToString();

    public List<string> Strings { get; } = [];

    /// <summary>Strings that follow each other in a list, put together.</summary>
    public List<StringBuilder> Lists { get; } = [];

    public List<int[]> Numbers { get; } = [];

    public static ScriptText Read(string script)
    {
        var text = new ScriptText(script);
        text.Run();
        return text;
    }

    private void Run()
    {
        while (_at < _script.Length)
        {
            var character = _script[_at];
            if (character is '"' or '\'' or '`')
            {
                ReadString(character);
            }
            else if (character == '/' && SkipCommentOrPattern())
            {
                continue;
            }
            else if (char.IsAsciiDigit(character) && !IsWord(Last()))
            {
                ReadNumber();
            }
            else if (char.IsWhiteSpace(character))
            {
                _at++;
                if (IsWord(Last()) && _at < _script.Length && IsWord(_script[_at]))
                {
                    _code.Append(' ');
                }
            }
            else
            {
                TakeMark(character);
            }
        }

        FlushNumbers();
    }

    private void TakeMark(char character)
    {
        _at++;
        if (character is not (',' or '-' or '(' or '[' or 'x'))
        {
            FlushNumbers();
        }

        // "a" + "b" goes on as one string; ["a", "b"].join("") very likely does.
        _joins = character == '+' && Last() == '"' && _code.Length > 1;
        _isListed = character == ',' && Last() == '"';
        _code.Append(character);
    }

    private void ReadString(char quote)
    {
        FlushNumbers();
        var value = new StringBuilder();
        _at++;
        while (_at < _script.Length && _script[_at] != quote)
        {
            var run = quote == '`' ? _script.AsSpan(_at).IndexOfAny('`', '\\') : _script.AsSpan(_at).IndexOfAny([quote, '\\', '\r', '\n']);
            run = run < 0 ? _script.Length - _at : run;
            value.Append(_script.AsSpan(_at, run));
            _at += run;
            if (_at >= _script.Length || _script[_at] is '\r' or '\n' && quote != '`')
            {
                break;
            }

            if (_script[_at] == '\\')
            {
                ReadEscape(value);
            }
        }

        _at++;
        Keep(value.ToString());
    }

    private void Keep(string value)
    {
        if (_joins && _code.Length >= 2)
        {
            // The quote and the plus go, and the string goes on.
            _code.Length -= 2;
            if (Strings.Count > 0)
            {
                AddTo(value);
            }
        }
        else
        {
            _code.Append('"');
            if (Strings.Count < MaxStrings)
            {
                Strings.Add(value);
                _tail = null;
                Enlist(value);
            }
        }

        _code.Append(value).Append('"');
        (_joins, _isListed) = (false, false);
    }

    /// <summary>Thousands of pieces are put together in one buffer: a string each time would cost their square.</summary>
    private void AddTo(string value)
    {
        if (_tail is null)
        {
            _tail = new StringBuilder(Strings[^1]);
            Lists.Add(_tail);
        }

        _tail.Append(value);
    }

    private void Enlist(string value)
    {
        if (_isListed && Lists.Count > 0)
        {
            Lists[^1].Append(value);
        }
        else if (Lists.Count < MaxStrings)
        {
            Lists.Add(new StringBuilder(value));
        }
    }

    private void ReadEscape(StringBuilder value)
    {
        _at++;
        if (_at >= _script.Length)
        {
            return;
        }

        var escaped = _script[_at++];
        switch (escaped)
        {
            case 'x':
                AppendHex(value, 2);
                break;
            case 'u' when _at < _script.Length && _script[_at] == '{':
                var close = _script.AsSpan(_at, Math.Min(10, _script.Length - _at)).IndexOf('}');
                if (close > 1 && int.TryParse(_script.AsSpan(_at + 1, close - 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var rune) && Rune.IsValid(rune))
                {
                    value.Append(new Rune(rune).ToString());
                    _at += close + 1;
                }

                break;
            case 'u':
                AppendHex(value, 4);
                break;
            case >= '0' and <= '7':
                var code = escaped - '0';
                for (var i = 0; i < 2 && _at < _script.Length && _script[_at] is >= '0' and <= '7'; i++)
                {
                    code = (code * 8) + _script[_at++] - '0';
                }

                value.Append((char)code);
                break;
            default:
                value.Append(escaped switch { 'n' => '\n', 'r' => '\r', 't' => '\t', _ => escaped });
                break;
        }
    }

    private void AppendHex(StringBuilder value, int digits)
    {
        if (_at + digits <= _script.Length && int.TryParse(_script.AsSpan(_at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
        {
            value.Append((char)code);
            _at += digits;
        }
    }

    private void ReadNumber()
    {
        var start = _at;
        while (_at < _script.Length && char.IsAsciiLetterOrDigit(_script[_at]))
        {
            _at++;
        }

        var word = _script.AsSpan(start, _at - start);
        var isHex = word.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        if (int.TryParse(isHex ? word[2..] : word, isHex ? NumberStyles.AllowHexSpecifier : NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            _numbers.Add(Last() == '-' ? -number : number);
        }

        // A list of numbers is data, and its copy in the code would only cost.
        _code.Append(_numbers.Count > MinNumbers ? "" : word);
        (_joins, _isListed) = (false, false);
    }

    private void FlushNumbers()
    {
        if (_numbers.Count >= MinNumbers)
        {
            Numbers.Add([.. _numbers]);
        }

        _numbers.Clear();
    }

    /// <summary>A slash begins a comment, or a pattern where a value is expected; its quotes begin no string.</summary>
    private bool SkipCommentOrPattern()
    {
        var rest = _script.AsSpan(_at);
        if (rest.StartsWith("//", StringComparison.Ordinal))
        {
            var end = rest.IndexOfAny('\r', '\n');
            _at += end < 0 ? rest.Length : end;
            return true;
        }

        if (rest.StartsWith("/*", StringComparison.Ordinal))
        {
            var end = rest[2..].IndexOf("*/", StringComparison.Ordinal);
            _at += end < 0 ? rest.Length : end + 4;
            return true;
        }

        if (Last() is '(' or ',' or '=' or ':' or '[' or '!' or '&' or '|' or '?' or '{' or ';')
        {
            for (var i = 1; i < rest.Length && i < 1_000 && rest[i] is not ('\r' or '\n'); i++)
            {
                if (rest[i] == '\\')
                {
                    i++;
                }
                else if (rest[i] == '/')
                {
                    _code.Append("/ /");
                    _at += i + 1;
                    return true;
                }
            }
        }

        return false;
    }

    private char Last() => _code.Length == 0 ? '\0' : _code[^1];

    private static bool IsWord(char character) => char.IsAsciiLetterOrDigit(character) || character is '_' or '$';
}
