using System.Buffers.Binary;
using System.Text;

namespace SecuEdge.Content.Documents.Ole;

/// <summary>
/// [MS-XLS] §2.5.198: a formula as tokens in reverse order. Only walked, for the functions of Excel 4 macros that reach outside, and the
/// strings beside them.
/// </summary>
internal static class ExcelFormula
{
    private const int MaxStringChars = 400;

    /// <summary>§2.5.198.17: numbers of functions that start, load, fetch or write.</summary>
    private static readonly Dictionary<int, string> Functions = new()
    {
        [96] = "FORMULA",
        [108] = "SET.VALUE",
        [110] = "EXEC",
        [132] = "FOPEN",
        [136] = "FREAD",
        [137] = "FWRITELN",
        [138] = "FWRITE",
        [149] = "REGISTER",
        [150] = "CALL",
        [186] = "GET.WORKSPACE",
        [257] = "EVALUATE",
        [0x8000 + 17] = "RUN",
        [0x8000 + 111] = "FORMULA.FILL",
        [0x8000 + 3] = "FILE.DELETE",
    };

    /// <summary>Bytes after the token byte; the classes 0x40 and 0x60 are those of 0x20.</summary>
    private static readonly Dictionary<int, int> Sizes = new()
    {
        [0x01] = 4,
        [0x02] = 4,
        [0x1c] = 1,
        [0x1d] = 1,
        [0x1e] = 2,
        [0x1f] = 8,
        [0x20] = 7,
        [0x23] = 4,
        [0x24] = 4,
        [0x25] = 8,
        [0x26] = 6,
        [0x27] = 6,
        [0x28] = 6,
        [0x29] = 2,
        [0x2a] = 4,
        [0x2b] = 8,
        [0x2c] = 4,
        [0x2d] = 8,
        [0x39] = 6,
        [0x3a] = 6,
        [0x3b] = 10,
        [0x3c] = 6,
        [0x3d] = 10,
    };

    /// <summary>Null when the formula does nothing of note.</summary>
    public static string? Describe(ReadOnlySpan<byte> tokens)
    {
        var functions = new List<string>();
        var strings = new StringBuilder();
        while (!tokens.IsEmpty)
        {
            var token = tokens[0] & 0x7f;
            token = token >= 0x40 ? (token & 0x1f) | 0x20 : token;
            tokens = tokens[1..];
            var size = token switch
            {
                0x17 => ReadString(tokens, strings),
                0x19 => SizeOfAttribute(tokens),
                0x21 => ReadFunction(tokens, 0, functions),
                0x22 => ReadFunction(tokens, 1, functions),
                >= 0x03 and <= 0x16 => 0,
                _ => Sizes.TryGetValue(token, out var known) ? known : tokens.Length,
            };
            tokens = tokens[Math.Min(size, tokens.Length)..];
        }

        return functions.Count == 0 ? null : $"{string.Join(", ", functions)}: {strings.ToString().Trim()}";
    }

    private static int ReadString(ReadOnlySpan<byte> tokens, StringBuilder strings)
    {
        if (tokens.Length < 2)
        {
            return tokens.Length;
        }

        var isWide = (tokens[1] & 1) != 0;
        var bytes = Math.Min(tokens[0] * (isWide ? 2 : 1), tokens.Length - 2);
        var text = isWide ? Encoding.Unicode.GetString(tokens.Slice(2, bytes)) : Encoding.Latin1.GetString(tokens.Slice(2, bytes));
        strings.Append(strings.Length < MaxStringChars ? text : "").Append(' ');
        return bytes + 2;
    }

    /// <summary>§2.5.198.36: a choose brings a table along.</summary>
    private static int SizeOfAttribute(ReadOnlySpan<byte> tokens) =>
        tokens.Length >= 3 && (tokens[0] & 4) != 0 ? 3 + (2 * (BinaryPrimitives.ReadUInt16LittleEndian(tokens[1..]) + 1)) : 3;

    private static int ReadFunction(ReadOnlySpan<byte> tokens, int countBytes, List<string> functions)
    {
        if (tokens.Length >= countBytes + 2 && Functions.TryGetValue(BinaryPrimitives.ReadUInt16LittleEndian(tokens[countBytes..]), out var name))
        {
            functions.Add(name);
        }

        return countBytes + 2;
    }
}
