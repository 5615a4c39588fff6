using System.Text;

namespace SecuEdge.Appliance.Directories;

/// <summary>Distinguished names in one form, so that a member and the entry it means are the same text.</summary>
internal static class DistinguishedName
{
    /// <summary>
    /// RFC 4514 leaves case, spaces around separators and two ways of escaping open; servers keep a member as it was written. Values are compared without
    /// regard to case, as nearly all attributes in names are.
    /// </summary>
    public static string Normalize(string name)
    {
        var text = new StringBuilder(name.Length);
        for (var i = 0; i < name.Length; i++)
        {
            var c = name[i];
            if (c == '\\' && i + 1 < name.Length)
            {
                i = Unescape(name, i, text);
            }
            else if (c is ',' or '=' or '+' or ';')
            {
                TrimEnd(text);
                text.Append(c == ';' ? ',' : c);
                while (i + 1 < name.Length && name[i + 1] == ' ')
                {
                    i++;
                }
            }
            else
            {
                text.Append(char.ToLowerInvariant(c));
            }
        }

        return text.ToString();
    }

    /// <summary><c>\,</c> and <c>\2c</c> mean the same; both become the first. Other escaped characters stand for themselves.</summary>
    private static int Unescape(string name, int at, StringBuilder text)
    {
        if (!char.IsAsciiHexDigit(name[at + 1]) || at + 2 >= name.Length || !char.IsAsciiHexDigit(name[at + 2]))
        {
            Append(text, name[at + 1]);
            return at + 1;
        }

        var bytes = new List<byte>();
        var next = at;
        while (next + 2 < name.Length && name[next] == '\\' && char.IsAsciiHexDigit(name[next + 1]) && char.IsAsciiHexDigit(name[next + 2]))
        {
            bytes.Add(Convert.ToByte(name.Substring(next + 1, 2), 16));
            next += 3;
        }

        foreach (var c in Encoding.UTF8.GetString([.. bytes]))
        {
            Append(text, c);
        }

        return next - 1;
    }

    private static void Append(StringBuilder text, char c)
    {
        if (c is ',' or '+' or '=' or ';' or '\\')
        {
            text.Append('\\');
        }

        text.Append(char.ToLowerInvariant(c));
    }

    private static void TrimEnd(StringBuilder text)
    {
        while (text.Length > 0 && text[^1] == ' ' && !(text.Length > 1 && text[^2] == '\\'))
        {
            text.Length--;
        }
    }
}
