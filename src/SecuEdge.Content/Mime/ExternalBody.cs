using MimeKit;

namespace SecuEdge.Content.Mime;

/// <summary>Where a body is that the message only points at (RFC 2046 §5.2.3, RFC 2017).</summary>
internal static class ExternalBody
{
    public static string? UrlOf(ContentType type)
    {
        var parameters = type.Parameters;
        return parameters["access-type"]?.ToLowerInvariant() switch
        {
            // RFC 2017 §3: long URLs are broken with blanks, which are to be removed.
            "url" => parameters["url"] is { } url ? string.Concat(url.Where(character => !char.IsWhiteSpace(character))) : null,
            "ftp" or "anon-ftp" or "tftp" => parameters["site"] is { } site
                ? $"ftp://{site}/{Path(parameters["directory"])}{parameters["name"]?.TrimStart('/')}"
                : null,
            _ => parameters["url"],
        };
    }

    private static string Path(string? directory) => directory?.Trim('/') is { Length: > 0 } path ? path + "/" : "";
}
