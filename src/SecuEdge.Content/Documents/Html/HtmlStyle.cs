namespace SecuEdge.Content.Documents.Html;

/// <summary>What declarations say about being seen. Colors are RGB, or one of the constants.</summary>
internal struct HtmlDeclarations
{
    public const int NoColor = -1;

    /// <summary>A picture or a gradient: no text on it is called hidden.</summary>
    public const int AnyColor = -2;

    // Bits of properties that can hide, as the last declaration of each says.
    private Hiding _hiding;
    private Hiding _important;

    public HtmlDeclarations()
    {
    }

    public readonly bool Hides =>
        (_hiding & ~(Hiding.Sizes | Hiding.Clipped)) != 0 || (_hiding.HasFlag(Hiding.Clipped) && (_hiding & Hiding.Sizes) != 0);

    /// <summary>It says that the element is displayed, which takes back what a rule said before.</summary>
    public bool Shows { get; set; }

    /// <summary>Programs differ on which of its declarations counts.</summary>
    public bool IsDoubtful { get; set; }

    public bool? IsInvisible { get; set; }

    public bool? IsTiny { get; set; }

    public int Color { get; set; } = NoColor;

    public int Background { get; set; } = NoColor;

    public readonly bool SaysNothing => !Hides && !Shows && IsInvisible is null && IsTiny is null && Color == NoColor && Background == NoColor;

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

        return result;
    }

    /// <summary>By length first: most declarations of a newsletter say nothing about visibility.</summary>
    private void Take(ReadOnlySpan<char> name, ReadOnlySpan<char> value)
    {
        switch (name.Length)
        {
            case 3 when Is(name, "top"):
                Say(Hiding.Top, Number(value) < -400, value);
                break;
            case 4 when Is(name, "left"):
                Say(Hiding.Left, Number(value) < -400, value);
                break;
            case 11 when Is(name, "text-indent"):
                Say(Hiding.Indent, Number(value) < -400, value);
                break;
            case 11 when Is(name, "margin-left"):
                Say(Hiding.Margin, Number(value) < -400, value);
                break;
            case 4 when Is(name, "font"):
                IsTiny = value.StartsWith("0", StringComparison.Ordinal) ? true : IsTiny;
                break;
            case 5 when Is(name, "color"):
                Color = HtmlColor.Parse(value);
                break;
            case 5 when Is(name, "width"):
                Say(Hiding.Width, Number(value) is 0, value);
                break;
            case 6 when Is(name, "height"):
                Say(Hiding.Height, Number(value) is 0, value);
                break;
            case 9 when Is(name, "max-width"):
                Say(Hiding.MaxWidth, Number(value) is 0, value);
                break;
            case 10 when Is(name, "max-height"):
                Say(Hiding.MaxHeight, Number(value) is 0, value);
                break;
            case 7 when Is(name, "display"):
                var isNone = value.StartsWith("none", StringComparison.OrdinalIgnoreCase);
                Say(Hiding.Display, isNone, value);
                Shows = !isNone;
                break;
            case 7 when Is(name, "opacity"):
                Say(Hiding.Opacity, Number(value) is >= 0 and <= 0.05, value);
                break;
            case 8 when Is(name, "overflow"):
                Say(Hiding.Clipped, value.StartsWith("hidden", StringComparison.OrdinalIgnoreCase), value);
                break;
            case 9 when Is(name, "font-size"):
                IsTiny = IsTinySize(value);
                break;
            case 10 when Is(name, "visibility"):
                var isInvisible = !value.StartsWith("visible", StringComparison.OrdinalIgnoreCase);
                IsDoubtful |= isInvisible && IsInvisible == false;
                IsInvisible = isInvisible;
                break;
            case 10 when Is(name, "background"):
            case 16 when Is(name, "background-color"):
                Background = HtmlColor.ParseBackground(value, Background);
                break;
            default:
                break;
        }
    }

    /// <summary>
    /// The last declaration of a property counts (CSS Cascade §6.4), unless an earlier one is important. Whoever writes both, or a value that
    /// programs may not know, wants them to differ.
    /// </summary>
    private void Say(Hiding property, bool hides, ReadOnlySpan<char> value)
    {
        var isImportant = value.Contains('!');
        var isContradicted = _hiding.HasFlag(property) && !hides;
        if (_important.HasFlag(property) && !isImportant)
        {
            IsDoubtful |= _hiding.HasFlag(property) != hides;
            return;
        }

        IsDoubtful |= isContradicted && (isImportant || (property == Hiding.Display && !IsKnownDisplay(value)));
        _important |= isImportant ? property : Hiding.None;
        _hiding = hides || (IsDoubtful && isContradicted) ? _hiding | property : _hiding & ~property;
    }

    private static bool IsKnownDisplay(ReadOnlySpan<char> value)
    {
        foreach (var known in (ReadOnlySpan<string>)["block", "inline", "table", "flex", "grid", "list-item", "contents"])
        {
            if (value.StartsWith(known, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
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

    /// <summary>Properties that can hide an element.</summary>
    [Flags]
    private enum Hiding
    {
        None = 0,
        Top = 1,
        Left = 2,
        Indent = 4,
        Margin = 8,
        Display = 16,
        Opacity = 32,
        Clipped = 64,
        Width = 128,
        Height = 256,
        MaxWidth = 512,
        MaxHeight = 1024,
        Sizes = Width | Height | MaxWidth | MaxHeight,
    }
}

/// <summary>What an element inherits and changes. Being hidden cannot be undone further in; size, color and visibility can.</summary>
internal readonly record struct HtmlStyle(bool IsHidden, bool IsInvisible, bool IsTiny, int Color, int Background)
{
    public static readonly HtmlStyle Default = new(false, false, false, HtmlDeclarations.NoColor, 0xffffff);

    /// <summary>Some programs show it all the same: its text is taken as seen and as hidden.</summary>
    public bool IsDoubtful { get; init; }

    /// <summary>A declaration of this element says that it is displayed.</summary>
    private bool IsDisplayed { get; init; }

    /// <summary>The text is there for filters, not for people.</summary>
    public bool IsUnseen => IsHidden || IsInvisible || IsTiny || HtmlColor.IsClose(Color, Background);

    public HtmlStyle With(in HtmlDeclarations declarations) => new(
        IsHidden || declarations.Hides,
        declarations.IsInvisible ?? IsInvisible,
        declarations.IsTiny ?? IsTiny,
        declarations.Color == HtmlDeclarations.NoColor ? Color : declarations.Color,
        declarations.Background == HtmlDeclarations.NoColor ? Background : declarations.Background)
    {
        IsDoubtful = IsDoubtful || declarations.IsDoubtful,
        IsDisplayed = IsDisplayed || declarations.Shows,
    };

    /// <summary>Hidden by one rule and displayed by another: which one counts is left open.</summary>
    public HtmlStyle ToldApartFrom(in HtmlStyle parent) =>
        IsDisplayed ? this with { IsDisplayed = false, IsDoubtful = IsDoubtful || (IsHidden && !parent.IsHidden) } : this;
}
