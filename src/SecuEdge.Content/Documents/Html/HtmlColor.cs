using System.Globalization;

namespace SecuEdge.Content.Documents.Html;

/// <summary>Colors as far as text and its background can be compared.</summary>
internal static class HtmlColor
{
    /// <summary>Sum of the differences of red, green and blue that nobody sees: #fefefe on #ffffff is 3, a pale grey of a footer 60 and more.</summary>
    private const int MaxUnseen = 24;

    public static bool IsClose(int color, int background) =>
        color >= 0 && background >= 0
        && Math.Abs((color >> 16) - (background >> 16)) + Math.Abs(((color >> 8) & 0xff) - ((background >> 8) & 0xff)) + Math.Abs((color & 0xff) - (background & 0xff)) <= MaxUnseen;

    public static int Parse(ReadOnlySpan<char> value)
    {
        value = value.Trim();
        var blank = value.IndexOfAny(' ', '!');
        value = blank > 0 && !value.StartsWith("rgb", StringComparison.OrdinalIgnoreCase) ? value[..blank] : value;
        if (value.Length > 0 && (value[0] == '#' || value.Length == 6) && int.TryParse(value.TrimStart('#'), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number))
        {
            return value.TrimStart('#').Length switch
            {
                3 => (((number >> 8) & 15) * 0x110000) | (((number >> 4) & 15) * 0x1100) | ((number & 15) * 0x11),
                6 => number,
                _ => HtmlDeclarations.NoColor,
            };
        }

        return value.StartsWith("rgb", StringComparison.OrdinalIgnoreCase) ? OfFunction(value) : OfName(value);
    }

    /// <summary>Any word of the shorthand may be the color; a picture makes it unknown.</summary>
    public static int ParseBackground(ReadOnlySpan<char> value, int before)
    {
        if (value.Contains("url(", StringComparison.OrdinalIgnoreCase) || value.Contains("gradient", StringComparison.OrdinalIgnoreCase))
        {
            return HtmlDeclarations.AnyColor;
        }

        var color = Parse(value);
        return color == HtmlDeclarations.NoColor ? before : color;
    }

    private static int OfFunction(ReadOnlySpan<char> value)
    {
        var open = value.IndexOf('(');
        if (open < 0)
        {
            return HtmlDeclarations.NoColor;
        }

        var color = 0;
        var count = 0;
        var list = value[(open + 1)..];
        foreach (var range in list.SplitAny(',', ' ', ')', '/'))
        {
            if (list[range].Trim() is { IsEmpty: false } part && count < 3)
            {
                if (!double.TryParse(part.TrimEnd('%'), NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
                {
                    return HtmlDeclarations.NoColor;
                }

                color = (color << 8) | (int)Math.Clamp(part[^1] == '%' ? number * 2.55 : number, 0, 255);
                count++;
            }
        }

        return count == 3 ? color : HtmlDeclarations.NoColor;
    }

    private static int OfName(ReadOnlySpan<char> name)
    {
        Span<char> lower = stackalloc char[12];
        if (name.Length > lower.Length || name.ToLowerInvariant(lower) <= 0)
        {
            return HtmlDeclarations.NoColor;
        }

        return lower[..name.Length] switch
        {
            "white" => 0xffffff,
            "snow" => 0xfffafa,
            "ivory" => 0xfffff0,
            "ghostwhite" => 0xf8f8ff,
            "whitesmoke" => 0xf5f5f5,
            "black" => 0,
            "red" => 0xff0000,
            "blue" => 0x0000ff,
            "yellow" => 0xffff00,
            "green" => 0x008000,
            "gray" or "grey" => 0x808080,
            "silver" => 0xc0c0c0,
            "navy" => 0x000080,
            _ => HtmlDeclarations.NoColor,
        };
    }
}
