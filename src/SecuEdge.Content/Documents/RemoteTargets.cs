namespace SecuEdge.Content.Documents;

/// <summary>Whether a target of a document lies on another computer, so that opening it fetches something or logs on there.</summary>
internal static class RemoteTargets
{
    /// <summary>
    /// A URL of any scheme but those that stay on this computer, or a UNC path. <c>file:///C:\…\Normal.dotm</c> stands in half of all
    /// honest documents and is not one.
    /// </summary>
    public static bool IsRemote(string target)
    {
        var text = Unescape(target).Trim().Replace('\\', '/');
        if (text.StartsWith("file:", StringComparison.OrdinalIgnoreCase))
        {
            var path = text[5..];
            var slashes = path.AsSpan().IndexOfAnyExcept('/');
            return slashes is 2 or > 3 && !path.AsSpan(slashes).StartsWith("localhost/", StringComparison.OrdinalIgnoreCase) && !IsDrive(path.AsSpan(slashes));
        }

        if (text.StartsWith("//", StringComparison.Ordinal))
        {
            return !IsDrive(text.AsSpan().TrimStart('/')) && !text.StartsWith("//./", StringComparison.Ordinal);
        }

        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon > 1 && IsScheme(text.AsSpan(0, colon)) && !text.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase)
            && !text.StartsWith("data:", StringComparison.OrdinalIgnoreCase) && !text.StartsWith("vnd.sun.star.", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Schemes and forms that no picture and no honest link has: handlers that were turned into exploits, MHTML of another host.</summary>
    public static bool IsDangerous(string target)
    {
        var text = Unescape(target).Trim();
        foreach (var mark in (ReadOnlySpan<string>)["mhtml:", "!x-usc:", "ms-msdt:", "ms-search:", "search-ms:", "ms-officecmd:", "ms-appinstaller:", "javascript:", "vbscript:", "script:", "its:", "mk:@", "msdt:"])
        {
            if (text.Contains(mark, StringComparison.OrdinalIgnoreCase) && !text.StartsWith("http", StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return IsUnc(text);
    }

    public static bool IsUnc(string target) =>
        IsRemote(target) && Unescape(target).TrimStart() is var text && (text.StartsWith("\\\\", StringComparison.Ordinal) || text.StartsWith("//", StringComparison.Ordinal)
            || text.StartsWith("file:", StringComparison.OrdinalIgnoreCase));

    private static bool IsDrive(ReadOnlySpan<char> path) =>
        path.Length >= 2 && char.IsAsciiLetter(path[0]) && path[1] is ':' or '|';

    private static bool IsScheme(ReadOnlySpan<char> text)
    {
        foreach (var character in text)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character is not ('+' or '-' or '.'))
            {
                return false;
            }
        }

        return true;
    }

    private static string Unescape(string target) => target.Contains('%', StringComparison.Ordinal) ? Uri.UnescapeDataString(target) : target;
}
