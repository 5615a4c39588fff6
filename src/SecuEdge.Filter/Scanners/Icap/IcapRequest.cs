using System.Globalization;
using System.Text;

namespace SecuEdge.Filter.Scanners.Icap;

/// <summary>
/// The heads of a request: ICAP's own, and around the file the HTTP message that a proxy would have seen.
/// <code>
/// RESPMOD icap://av:1344/avscan ICAP/1.0
/// Host: av:1344
/// Allow: 204
/// Encapsulated: req-hdr=0, res-hdr=69, res-body=158
///
/// GET http://mail.invalid/invoice.zip HTTP/1.1 …
/// HTTP/1.1 200 OK …
/// (the file, in chunks)
/// </code>
/// </summary>
internal static class IcapRequest
{
    // A proxy's URL may be long, but services cut or refuse long ones; the name's end carries its extension.
    private const int MaxNameChars = 100;

    public static byte[] Options(IcapEndpoint endpoint) => Encoding.ASCII.GetBytes(
        $"OPTIONS {endpoint.Url} ICAP/1.0\r\nHost: {endpoint.HostField}\r\nUser-Agent: SecuEdge\r\nEncapsulated: null-body=0\r\n\r\n");

    /// <param name="preview">Bytes that come first; null without a preview.</param>
    public static byte[] Scan(IcapEndpoint endpoint, IcapMethod method, ScanTarget target, long length, int? preview)
    {
        // RFC 2606 §2: a host that nobody has.
        var url = $"http://mail.invalid/{Uri.EscapeDataString(NameOf(target))}";
        var content = string.Create(CultureInfo.InvariantCulture, $"Content-Type: {TypeOf(target)}\r\nContent-Length: {length}\r\n\r\n");
        var (request, response) = method switch
        {
            IcapMethod.Respmod => ($"GET {url} HTTP/1.1\r\nHost: mail.invalid\r\n\r\n", $"HTTP/1.1 200 OK\r\n{content}"),
            IcapMethod.Reqmod => ($"POST {url} HTTP/1.1\r\nHost: mail.invalid\r\n{content}", ""),
            _ => throw new ArgumentOutOfRangeException(nameof(method), method, null),
        };
        var sections = method == IcapMethod.Respmod
            ? FormattableString.Invariant($"req-hdr=0, res-hdr={request.Length}, res-body={request.Length + response.Length}")
            : FormattableString.Invariant($"req-hdr=0, req-body={request.Length}");
        var previewLine = preview is { } bytes ? FormattableString.Invariant($"Preview: {bytes}\r\n") : "";
        return Encoding.ASCII.GetBytes(
            $"{method.ToString().ToUpperInvariant()} {endpoint.Url} ICAP/1.0\r\nHost: {endpoint.HostField}\r\nUser-Agent: SecuEdge\r\nAllow: 204\r\n"
            + $"{previewLine}Encapsulated: {sections}\r\n\r\n{request}{response}");
    }

    private static string NameOf(ScanTarget target)
    {
        if (target.Part is not { } part)
        {
            return "message.eml";
        }

        var name = part.FileName is { Length: > 0 } given ? given : "part";
        name = name.Length <= MaxNameChars ? name : name[^MaxNameChars..];

        // A cut through a surrogate pair, or a name that was never valid, cannot be escaped.
        return string.Concat(name.EnumerateRunes());
    }

    // Only our own words go into the header; what the mail declares is hostile text.
    private static string TypeOf(ScanTarget target) => target.Part is { } part ? part.DetectedType : "message/rfc822";
}
