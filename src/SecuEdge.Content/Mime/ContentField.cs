using System.Text;

namespace SecuEdge.Content.Mime;

/// <summary>
/// A Content-Type or Content-Disposition as the bytes have it, with repeated parameters kept: MimeKit gives one reading, this one says
/// whether there are others (RFC 2045 §5.1, RFC 2183 §2).
/// </summary>
internal sealed class ContentField
{
    private ContentField(string value, IReadOnlyList<KeyValuePair<string, string>> parameters, bool isWellFormed)
    {
        Value = value;
        Parameters = parameters;
        IsWellFormed = isWellFormed;
    }

    /// <summary>What stands before the first semicolon, lower case, without comments.</summary>
    public string Value { get; }

    /// <summary>In order, names in lower case, values without quotes but not otherwise decoded.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Parameters { get; }

    public bool IsWellFormed { get; }

    public bool HasRepeatedParameter =>
        Parameters.Count > 1 && Parameters.Select(parameter => parameter.Key).Distinct(StringComparer.Ordinal).Count() < Parameters.Count;

    public IEnumerable<string> All(string name) => Parameters.Where(parameter => parameter.Key == name).Select(parameter => parameter.Value);

    /// <summary>The field is there twice, and programs differ on which one counts.</summary>
    public ContentField With(ContentField other) => new(Value, [.. Parameters, .. other.Parameters], isWellFormed: false);

    public static ContentField Parse(ReadOnlySpan<byte> raw)
    {
        var text = Encoding.Latin1.GetString(raw).Replace("\r\n", "", StringComparison.Ordinal).Replace('\n', ' ');
        var pieces = Split(text, out var isWellFormed);
        var parameters = new List<KeyValuePair<string, string>>(pieces.Count);
        for (var i = 1; i < pieces.Count; i++)
        {
            var piece = pieces[i].Trim();
            if (piece.Length == 0)
            {
                continue;
            }

            var equals = piece.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                isWellFormed = false;
                if (parameters.Count > 0)
                {
                    // An unquoted name with a semicolon in it: some read on behind it.
                    parameters.Add(new(parameters[^1].Key, $"{parameters[^1].Value};{piece}"));
                }

                continue;
            }

            var value = piece[(equals + 1)..].Trim();
            if (value.StartsWith('"'))
            {
                isWellFormed &= value.Length >= 2 && value.IndexOf('"', 1) == value.Length - 1 || value.Contains('\\', StringComparison.Ordinal);
                value = value.Trim('"');
            }

            parameters.Add(new(piece[..equals].Trim().ToLowerInvariant(), value));
        }

        return new ContentField(pieces[0].Trim().ToLowerInvariant(), parameters, isWellFormed);
    }

    /// <summary>Cuts at semicolons outside quotes and comments; comments go.</summary>
    private static List<string> Split(string text, out bool isWellFormed)
    {
        var pieces = new List<string>(3);
        var piece = new StringBuilder();
        var isQuoted = false;
        var depth = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var character = text[i];
            if (isQuoted || depth == 0)
            {
                if (character == ';' && !isQuoted)
                {
                    pieces.Add(piece.ToString());
                    piece.Clear();
                    continue;
                }

                if (character == '(' && !isQuoted)
                {
                    depth++;
                    continue;
                }

                isQuoted ^= character == '"';
                piece.Append(character);
                if (character == '\\' && isQuoted && i + 1 < text.Length)
                {
                    piece.Append(text[++i]);
                }
            }
            else
            {
                depth += character == '(' ? 1 : character == ')' ? -1 : 0;
            }
        }

        pieces.Add(piece.ToString());
        isWellFormed = !isQuoted && depth == 0;
        return pieces;
    }
}
