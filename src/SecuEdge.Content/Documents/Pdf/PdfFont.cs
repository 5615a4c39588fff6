using System.Text;

namespace SecuEdge.Content.Documents.Pdf;

/// <summary>From the codes of a font to characters: by its ToUnicode map (ISO 32000-1 §9.10.3), without one as Windows-1252.</summary>
internal sealed class PdfFont
{
    /// <summary>Two bytes have no more.</summary>
    private const int MaxCodes = 65_536;

    private const int MaxMapBytes = 2 * 1024 * 1024;

    private readonly Dictionary<int, string> _characters = [];
    private readonly bool _isWide;

    public PdfFont(PdfDictionary? dictionary, PdfFile file)
    {
        _isWide = dictionary?.IsName("Subtype", "Type0") == true;
        if (file.Resolve(dictionary?["ToUnicode"]) is PdfStream map)
        {
            ReadMap(new PdfLexer(file.Decode(map, MaxMapBytes)));
        }
    }

    public void Append(ReadOnlySpan<byte> codes, StringBuilder text)
    {
        if (_characters.Count == 0)
        {
            // Codes of two bytes are numbers of glyphs: without a map they say nothing.
            text.Append(_isWide ? "" : Encoding.GetEncoding(1252).GetString(codes));
            return;
        }

        var step = _isWide ? 2 : 1;
        for (var i = 0; i + step <= codes.Length; i += step)
        {
            var code = _isWide ? (codes[i] << 8) | codes[i + 1] : codes[i];
            text.Append(_characters.TryGetValue(code, out var character) ? character : _isWide || code < ' ' ? "" : ((char)code).ToString());
        }
    }

    private void ReadMap(PdfLexer lexer)
    {
        var operands = new List<object?>();
        while (!lexer.IsAtEnd && _characters.Count < MaxCodes)
        {
            var token = lexer.Read();
            if (token is not PdfKeyword keyword)
            {
                operands.Add(token);
                continue;
            }

            if (keyword.Word == "endbfchar")
            {
                for (var i = 0; i + 1 < operands.Count; i += 2)
                {
                    Map(operands[i], operands[i + 1]);
                }
            }
            else if (keyword.Word == "endbfrange")
            {
                for (var i = 0; i + 2 < operands.Count; i += 3)
                {
                    MapRange(operands[i], operands[i + 1], operands[i + 2]);
                }
            }

            operands.Clear();
        }
    }

    private void Map(object? code, object? text)
    {
        if (code is PdfText from && text is PdfText to)
        {
            _characters[Number(from)] = Encoding.BigEndianUnicode.GetString(to.Bytes);
        }
    }

    private void MapRange(object? first, object? last, object? target)
    {
        if (first is not PdfText from || last is not PdfText to)
        {
            return;
        }

        var start = Number(from);
        for (var code = start; code <= Number(to) && code - start < MaxCodes && _characters.Count < MaxCodes; code++)
        {
            if (target is PdfText text && text.Bytes.Length >= 2)
            {
                var character = Encoding.BigEndianUnicode.GetString(text.Bytes);
                _characters[code] = string.Concat(character.AsSpan(0, character.Length - 1), ((char)(character[^1] + code - start)).ToString());
            }
            else if (target is List<object?> list && code - start < list.Count)
            {
                _characters[code] = list[code - start] is PdfText each ? Encoding.BigEndianUnicode.GetString(each.Bytes) : "";
            }
        }
    }

    private static int Number(PdfText text)
    {
        var number = 0;
        foreach (var value in text.Bytes.AsSpan(0, Math.Min(text.Bytes.Length, 2)))
        {
            number = (number << 8) | value;
        }

        return number;
    }
}
