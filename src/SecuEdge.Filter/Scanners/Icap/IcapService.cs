using System.Globalization;

namespace SecuEdge.Filter.Scanners.Icap;

/// <summary>What a service says about itself in answer to OPTIONS, RFC 3507 §4.10.</summary>
/// <param name="Preview">Bytes of preview it wants; null when it wants none.</param>
/// <param name="Allows204">It may answer "unchanged" without sending the file back.</param>
/// <param name="MaxConnections">Null when it does not say.</param>
/// <param name="TimeToLive">How long this holds; null when it does not say.</param>
internal sealed record IcapService(
    string Version, IReadOnlyList<string> Methods, int? Preview, bool Allows204, int? MaxConnections, TimeSpan? TimeToLive)
{
    private const int MaxVersionLength = 200;

    /// <summary>Its version without the tag.</summary>
    public string Product { get; private init; } = "";

    public static IcapService Of(IcapReply reply)
    {
        var product = (reply["Service"] is { Length: > 0 } service ? service : reply["Server"]).ReplaceLineEndings(" ");
        var version = reply.ServiceTag.Length == 0 ? product : $"{product}/{reply.ServiceTag}";
        return new IcapService(
            version.Length <= MaxVersionLength ? version : version[..MaxVersionLength],
            reply["Methods"].ToUpperInvariant().Split([',', ' ', '\n'], StringSplitOptions.RemoveEmptyEntries),
            Number(reply["Preview"]),
            reply["Allow"].Contains("204", StringComparison.Ordinal),
            Number(reply["Max-Connections"]),
            Number(reply["Options-TTL"]) is { } seconds ? TimeSpan.FromSeconds(seconds) : null)
        {
            Product = product.Length == 0 ? "ICAP" : product.Length <= MaxVersionLength ? product : product[..MaxVersionLength],
        };
    }

    public bool Offers(IcapMethod method) => Methods.Count == 0 || Methods.Contains(method.ToString().ToUpperInvariant());

    private static int? Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
