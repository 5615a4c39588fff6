using System.Text;

namespace SecuEdge.Content.Documents.Pdf;

/// <summary>The words on the pages, in the order in which they are drawn (ISO 32000-1 §9.4). Enough for words and links, no layout.</summary>
internal sealed class PdfPageText(PdfFile file, BudgetMeter meter, Func<StringBuilder, bool> take)
{
    private const int MaxContentBytes = 32 * 1024 * 1024;
    private const int MaxFormDepth = 4;

    /// <summary>A step back of a fifth of the type size between two strings is a blank (TJ, in thousandths).</summary>
    private const double BlankStep = -200;

    private readonly Dictionary<PdfDictionary, PdfFont> _fonts = new(ReferenceEqualityComparer.Instance);
    private readonly PdfFont _noFont = new(null, file);
    private readonly StringBuilder _text = new();
    private long _read;
    private bool _isFull;

    public void Read()
    {
        foreach (var page in file.Objects.SelectMany(found => PdfWalk.Values(found.Value)).OfType<PdfDictionary>())
        {
            if (_isFull || !meter.HasTime())
            {
                return;
            }

            // A page may lack its type; the contents of an annotation are a string.
            if (page.IsName("Type", "Page") || page.Has("Parent") || page.Has("Resources"))
            {
                ReadPage(page);
            }
        }
    }

    private void ReadPage(PdfDictionary page)
    {
        var contents = file.Resolve(page["Contents"]) switch
        {
            PdfStream single => [single],
            List<object?> list => [.. list.Take(1_000).Select(file.Resolve).OfType<PdfStream>()],
            _ => Array.Empty<PdfStream>(),
        };
        if (contents.Length == 0)
        {
            return;
        }

        // Pieces of one page are one program: a string may not, but an array may go on in the next.
        var bytes = new List<byte>();
        foreach (var stream in contents)
        {
            bytes.AddRange(Content(stream).Span);
            bytes.Add((byte)'\n');
        }

        Run(bytes.ToArray(), ResourcesOf(page), depth: 0);
        Flush();
    }

    private ReadOnlyMemory<byte> Content(PdfStream stream)
    {
        var bytes = _read < MaxContentBytes ? file.Decode(stream, (int)(MaxContentBytes - _read)) : default;
        _read += bytes.Length;
        return bytes;
    }

    private PdfDictionary? ResourcesOf(PdfDictionary page)
    {
        for (var i = 0; i < 20; i++)
        {
            if (file.Resolve(page["Resources"]) is PdfDictionary resources)
            {
                return resources;
            }

            if (file.Resolve(page["Parent"]) is not PdfDictionary parent)
            {
                return null;
            }

            page = parent;
        }

        return null;
    }

    private void Run(ReadOnlyMemory<byte> content, PdfDictionary? resources, int depth)
    {
        var lexer = new PdfLexer(content);
        var operands = new List<object?>();
        var font = _noFont;
        var line = double.NaN;
        while (!lexer.IsAtEnd && !_isFull)
        {
            var token = lexer.Read();
            if (token is not PdfKeyword keyword)
            {
                if (operands.Count < 100)
                {
                    operands.Add(token);
                }

                continue;
            }

            switch (keyword.Word)
            {
                case "Tf":
                    font = operands is [PdfName name, ..] ? FontOf(resources, name.Value) : font;
                    break;
                case "Tj" or "TJ":
                    Show(operands, font);
                    break;
                case "'" or "\"":
                    Break();
                    Show(operands, font);
                    break;
                case "T*" or "ET":
                    Break();
                    break;
                case "Td" or "TD" or "Tm" when operands is [.., double vertical]:
                    MoveTo(keyword.Word == "Tm" ? vertical : double.IsNaN(line) ? vertical : line + vertical, ref line);
                    break;
                case "Do" when operands is [PdfName form] && depth < MaxFormDepth:
                    RunForm(resources, form.Value, depth);
                    break;
                case "ID":
                    SkipImage(lexer, content.Span);
                    break;
                default:
                    break;
            }

            operands.Clear();
            _isFull |= _text.Length > 64 * 1024 && !Flush();
        }
    }

    private void MoveTo(double vertical, ref double line)
    {
        if (vertical != line)
        {
            Break();
        }
        else if (_text.Length > 0 && !char.IsWhiteSpace(_text[^1]))
        {
            _text.Append(' ');
        }

        line = vertical;
    }

    private void Show(List<object?> operands, PdfFont font)
    {
        foreach (var operand in operands is [.., List<object?> list] ? list : operands)
        {
            if (operand is PdfText text)
            {
                font.Append(text.Bytes, _text);
            }
            else if (operand is double and < BlankStep && _text.Length > 0 && _text[^1] != ' ')
            {
                _text.Append(' ');
            }
        }
    }

    private void RunForm(PdfDictionary? resources, string name, int depth)
    {
        if (file.Resolve((file.Resolve(resources?["XObject"]) as PdfDictionary)?[name]) is PdfStream form && form.Dictionary.IsName("Subtype", "Form"))
        {
            Run(Content(form), file.Resolve(form.Dictionary["Resources"]) as PdfDictionary ?? resources, depth + 1);
        }
    }

    private PdfFont FontOf(PdfDictionary? resources, string name)
    {
        if (file.Resolve((file.Resolve(resources?["Font"]) as PdfDictionary)?[name]) is not PdfDictionary dictionary)
        {
            return _noFont;
        }

        if (!_fonts.TryGetValue(dictionary, out var font))
        {
            _fonts[dictionary] = font = new PdfFont(dictionary, file);
        }

        return font;
    }

    /// <summary>The bytes of a picture inside a page end with EI between blanks (§8.9.7).</summary>
    private static void SkipImage(PdfLexer lexer, ReadOnlySpan<byte> content)
    {
        var rest = content[Math.Min(lexer.Position, content.Length)..];
        var end = rest.IndexOf(" EI"u8);
        var line = rest.IndexOf("\nEI"u8);
        end = end < 0 || (line >= 0 && line < end) ? line : end;
        lexer.Position = end < 0 ? content.Length : lexer.Position + end + 3;
    }

    private void Break()
    {
        if (_text.Length > 0 && _text[^1] != '\n')
        {
            _text.Append('\n');
        }
    }

    private bool Flush()
    {
        var goesOn = _text.Length == 0 || take(_text);
        _text.Clear();
        _isFull |= !goesOn;
        return goesOn;
    }
}
