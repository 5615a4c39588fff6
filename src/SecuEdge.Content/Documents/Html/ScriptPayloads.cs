using System.Buffers;
using System.Text;
using SecuEdge.Content.Files;

namespace SecuEdge.Content.Documents.Html;

/// <summary>A file that a script carries in a disguise.</summary>
internal sealed record ScriptPayload(byte[] Bytes, string MediaType);

/// <summary>
/// Tries the usual disguises on strings and numbers of a script: base64, the same backwards, hexadecimal, percent, character codes, one in
/// another. What comes out is kept when it is a file of a known type or a page.
/// </summary>
internal sealed class ScriptPayloads(BudgetMeter meter)
{
    /// <summary>The smallest zip of an empty file is some 100 bytes; a page that does harm is not shorter than 24.</summary>
    private const int MinChars = 24;

    private const int MaxPayloads = 50;
    private const int MaxLayers = 3;

    private static readonly SearchValues<char> HexCharacters = SearchValues.Create("0123456789abcdefABCDEF");
    private static readonly SearchValues<char> Base64Characters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_= \r\n\t");

    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);

    public List<ScriptPayload> Found { get; } = [];

    /// <summary>Addresses that stood in disguise.</summary>
    public List<string> Urls { get; } = [];

    public bool HasFile => Found.Exists(payload => FileTypes.FamilyOf(payload.MediaType) is not (FileFamily.Text or FileFamily.Image or FileFamily.Unknown or FileFamily.Font));

    public void Search(ScriptText script)
    {
        var pieces = PiecesOf(script);
        if (pieces.Count > 1)
        {
            Try(string.Concat(pieces), layer: 0);
        }

        var used = Found.Count > 0 ? pieces.ToHashSet(StringComparer.Ordinal) : [];
        foreach (var candidate in script.Strings.Concat(script.Lists.Select(list => list.ToString())).Distinct(StringComparer.Ordinal))
        {
            if (!meter.HasTime())
            {
                return;
            }

            if (!used.Contains(candidate))
            {
                Try(candidate, layer: 0);
            }
        }

        foreach (var numbers in script.Numbers)
        {
            TryNumbers(numbers);
        }
    }

    /// <summary>Forgiving: what is no base64 is left out, as browsers without strict mode do.</summary>
    public static byte[] FromBase64(string text)
    {
        var clean = new StringBuilder(text.Length + 3);
        foreach (var character in text)
        {
            if (char.IsAsciiLetterOrDigit(character) || character is '+' or '/' or '-' or '_')
            {
                clean.Append(character switch { '-' => '+', '_' => '/', _ => character });
            }
        }

        clean.Length -= clean.Length % 4 == 1 ? 1 : 0;
        clean.Append('=', (4 - (clean.Length % 4)) % 4);
        return Convert.FromBase64String(clean.ToString());
    }

    /// <summary>
    /// <c>var a = "UEsDB…"; var b = "BQAG…"; … a + b</c>. Padding ends base64, so with padding in the middle they are files of their own.
    /// </summary>
    private static List<string> PiecesOf(ScriptText script)
    {
        var pieces = script.Strings.Where(piece => piece.Length >= MinChars && IsBase64(piece)).ToList();
        return pieces.SkipLast(1).Any(piece => piece.EndsWith('=')) ? [] : pieces;
    }

    private void Try(string text, int layer)
    {
        text = text.Trim();
        if (text.Length < 12 || layer >= MaxLayers || Found.Count >= MaxPayloads || !meter.TryTakeBytes(text.Length))
        {
            return;
        }

        if (text.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || text.StartsWith("https://", StringComparison.OrdinalIgnoreCase))
        {
            Urls.Add(text);
        }
        else if (IsHex(text))
        {
            Take(Convert.FromHexString(text), layer);
        }
        else if (IsBase64(text))
        {
            if (!Take(FromBase64(text), layer) && text.Length >= MinChars)
            {
                Take(FromBase64(new string([.. text.Reverse()])), layer);
            }
        }
        else if (CountOf(text, '%') >= 4 && Uri.UnescapeDataString(text) is var plain && plain != text)
        {
            TakeText(plain, layer);
        }
        else
        {
            TakeText(text, layer, isDisguised: false);
        }
    }

    private bool Take(byte[] bytes, int layer)
    {
        if (bytes.Length < 8)
        {
            return false;
        }

        var type = FileTypeDetector.Detect(bytes, bytes);
        if (type == FileTypes.PlainText || type == FileTypes.Unknown)
        {
            var before = Found.Count + Urls.Count;
            if (type == FileTypes.PlainText)
            {
                Try(Encoding.UTF8.GetString(bytes), layer + 1);
            }

            return Found.Count + Urls.Count > before;
        }

        Add(bytes, type);
        return true;
    }

    /// <summary>Text that is a page is a part; its own scripts are read there.</summary>
    private void TakeText(string text, int layer, bool isDisguised = true)
    {
        if (isDisguised && !text.AsSpan().ContainsAnyExceptInRange('\0', '\u00ff') && FileTypeDetector.Detect(Encoding.Latin1.GetBytes(text), default) is var type
            && type != FileTypes.PlainText && type != FileTypes.Unknown)
        {
            Add(Encoding.Latin1.GetBytes(text), type);
        }
        else if (text.AsSpan().TrimStart() is ['<', ..] && text.Length >= MinChars)
        {
            Add(Encoding.UTF8.GetBytes(text), FileTypes.Html);
        }
        else if (isDisguised)
        {
            Try(text, layer + 1);
        }
        else if (text.StartsWith("MZ", StringComparison.Ordinal) || text.StartsWith("PK\u0003\u0004", StringComparison.Ordinal))
        {
            var bytes = Encoding.Latin1.GetBytes(text);
            Add(bytes, FileTypeDetector.Detect(bytes, bytes));
        }
    }

    private void TryNumbers(int[] numbers)
    {
        if (Found.Count < MaxPayloads && meter.TryTakeBytes(numbers.Length))
        {
            if (Array.TrueForAll(numbers, number => number is >= -128 and <= 255))
            {
                Take([.. numbers.Select(number => unchecked((byte)number))], layer: 1);
            }
            else if (Array.TrueForAll(numbers, number => number is > 0 and <= 0xffff))
            {
                TakeText(string.Concat(numbers.Select(number => (char)number)), layer: 1);
            }
        }
    }

    private void Add(byte[] bytes, string type)
    {
        if (Found.Count < MaxPayloads && _seen.Add(PartBytes.HashOf(bytes)))
        {
            Found.Add(new ScriptPayload(bytes, type));
        }
    }

    private static int CountOf(string text, char character) => text.AsSpan().Count(character);

    private static bool IsHex(string text) => text.Length % 2 == 0 && text.Length >= MinChars && !text.AsSpan().ContainsAnyExcept(HexCharacters);

    private static bool IsBase64(string text) =>
        !text.AsSpan().ContainsAnyExcept(Base64Characters);
}
