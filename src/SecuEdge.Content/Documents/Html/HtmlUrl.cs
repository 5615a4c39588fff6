namespace SecuEdge.Content.Documents.Html;

/// <summary>A link as a browser follows it (WHATWG URL §4.4): what is written to mislead filters is written out.</summary>
internal static class HtmlUrl
{
    /// <summary>Longer ones are data, not an address.</summary>
    private const int MaxChars = 8_000;

    public static string Normalize(ReadOnlySpan<char> raw, string baseUrl)
    {
        if (raw.Length > MaxChars)
        {
            return "";
        }

        var url = HtmlEntities.Decode(raw).Trim(' ', '\t', '\r', '\n', '\f', '\0');
        if (url.AsSpan().IndexOfAny('\t', '\r', '\n') >= 0)
        {
            url = url.Replace("\t", "", StringComparison.Ordinal).Replace("\r", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal);
        }

        foreach (var scheme in (ReadOnlySpan<string>)["http:", "https:"])
        {
            // Any number of slashes and backslashes will do for a browser.
            if (url.StartsWith(scheme, StringComparison.OrdinalIgnoreCase) && !url.AsSpan(scheme.Length).StartsWith("//", StringComparison.Ordinal))
            {
                return url.Length > scheme.Length ? string.Concat(url.AsSpan(0, scheme.Length), "//", url.AsSpan(scheme.Length).TrimStart("/\\")) : url;
            }
        }

        if (url.StartsWith("//", StringComparison.Ordinal))
        {
            return "https:" + url;
        }

        return baseUrl.Length > 0 && url.Length > 0 && !url.AsSpan(0, Math.Min(20, url.Length)).Contains(':') && url[0] != '#'
            && Uri.TryCreate(baseUrl, UriKind.Absolute, out var start) && Uri.TryCreate(start, url, out var full)
            ? full.AbsoluteUri
            : url;
    }
}
