namespace SecuEdge.Content.Documents.Html;

/// <summary>What declarations say about being seen. Colors are RGB, or one of the constants.</summary>
internal struct HtmlDeclarations
{
    public const int NoColor = -1;

    /// <summary>A picture or a gradient: no text on it is called hidden.</summary>
    public const int AnyColor = -2;

    private bool _isFlat;
    private bool _isClipped;

    public HtmlDeclarations()
    {
    }

    public bool Hides { get; set; }

    public bool? IsInvisible { get; set; }

    public bool? IsTiny { get; set; }

    public int Color { get; set; } = NoColor;

    public int Background { get; set; } = NoColor;

    public readonly bool SaysNothing => !Hides && IsInvisible is null && IsTiny is null && Color == NoColor && Background == NoColor;

    public static HtmlDeclarations Parse(ReadOnlySpan<char> style)
    {
        var result = new HtmlDeclarations();
        while (!style.IsEmpty)
        {
            var end = style.IndexOf(';');
            var declaration = end < 0 ? style : style[..end];
            style = end < 0 ? default : style[(end + 1)..];
            var colon = declaration.IndexOf(':');
            if (colon > 0)
            {
                result.Take(declaration[..colon].Trim(), declaration[(colon + 1)..].Trim());
            }
        }

        result.Hides |= result._isFlat && result._isClipped;
        return result;
    }

    /// <summary>By length first: most declarations of a newsletter say nothing about visibility.</summary>
    private void Take(ReadOnlySpan<char> name, ReadOnlySpan<char> value)
    {
        switch (name.Length)
        {
            case 3 when Is(name, "top"):
            case 4 when Is(name, "left"):
            case 11 when Is(name, "text-indent") || Is(name, "margin-left"):
                Hides |= Number(value) < -400;
                break;
            case 4 when Is(name, "font"):
                IsTiny = value.StartsWith("0", StringComparison.Ordinal) ? true : IsTiny;
                break;
            case 5 when Is(name, "color"):
                Color = HtmlColor.Parse(value);
                break;
            case 5 when Is(name, "width"):
            case 6 when Is(name, "height"):
            case 9 when Is(name, "max-width"):
            case 10 when Is(name, "max-height"):
                _isFlat |= Number(value) is 0;
                break;
            case 7 when Is(name, "display"):
                Hides |= value.StartsWith("none", StringComparison.OrdinalIgnoreCase);
                break;
            case 7 when Is(name, "opacity"):
                Hides |= Number(value) is >= 0 and <= 0.05;
                break;
            case 8 when Is(name, "overflow"):
                _isClipped |= value.StartsWith("hidden", StringComparison.OrdinalIgnoreCase);
                break;
            case 9 when Is(name, "font-size"):
                IsTiny = IsTinySize(value);
                break;
            case 10 when Is(name, "visibility"):
                IsInvisible = !value.StartsWith("visible", StringComparison.OrdinalIgnoreCase);
                break;
            case 10 when Is(name, "background"):
            case 16 when Is(name, "background-color"):
                Background = HtmlColor.ParseBackground(value, Background);
                break;
            default:
                break;
        }
    }

    /// <summary>The first letter decides mostly, and this is asked for every attribute of every tag.</summary>
    private static bool Is(ReadOnlySpan<char> name, string other) => (name[0] | 0x20) == other[0] && name.Equals(other, StringComparison.OrdinalIgnoreCase);

    /// <summary>Up to one pixel or a tenth of the usual size.</summary>
    private static bool IsTinySize(ReadOnlySpan<char> value)
    {
        var number = Number(value);
        return value.Contains("em", StringComparison.OrdinalIgnoreCase) ? number is >= 0 and <= 0.1
            : value.Contains('%') ? number is >= 0 and <= 10
            : number is >= 0 and <= 1;
    }

    /// <summary>The number in front; by hand, since it is asked for every size of a newsletter.</summary>
    private static double Number(ReadOnlySpan<char> value)
    {
        var isNegative = value.Length > 0 && value[0] == '-';
        value = value.Length > 0 && value[0] is '-' or '+' ? value[1..] : value;
        var (number, scale, digits) = (0d, 0d, 0);
        foreach (var character in value)
        {
            if (char.IsAsciiDigit(character) && digits < 12)
            {
                number = (number * 10) + character - '0';
                scale *= 10;
                digits++;
            }
            else if (character == '.' && scale == 0)
            {
                scale = 1;
            }
            else
            {
                break;
            }
        }

        return digits == 0 ? double.NaN : (isNegative ? -number : number) / (scale == 0 ? 1 : scale);
    }
}

/// <summary>What an element inherits and changes. Being hidden cannot be undone further in; size, color and visibility can.</summary>
internal readonly record struct HtmlStyle(bool IsHidden, bool IsInvisible, bool IsTiny, int Color, int Background)
{
    public static readonly HtmlStyle Default = new(false, false, false, HtmlDeclarations.NoColor, 0xffffff);

    /// <summary>The text is there for filters, not for people.</summary>
    public bool IsUnseen => IsHidden || IsInvisible || IsTiny || HtmlColor.IsClose(Color, Background);

    public HtmlStyle With(in HtmlDeclarations declarations) => new(
        IsHidden || declarations.Hides,
        declarations.IsInvisible ?? IsInvisible,
        declarations.IsTiny ?? IsTiny,
        declarations.Color == HtmlDeclarations.NoColor ? Color : declarations.Color,
        declarations.Background == HtmlDeclarations.NoColor ? Background : declarations.Background);
}
