using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace SecuEdge.Appliance.Supervision;

/// <summary>Where clamd listens: a Unix socket, or a host and port. Exactly one of the two is set.</summary>
internal sealed record ClamdEndpoint(string SocketPath, string Host, int Port)
{
    public static bool TryParse(string text, [NotNullWhen(true)] out ClamdEndpoint? endpoint)
    {
        endpoint = null;
        if (text.StartsWith("unix:/", StringComparison.Ordinal))
        {
            endpoint = new ClamdEndpoint(text["unix:".Length..], "", 0);
        }
        else if (text.StartsWith("tcp:", StringComparison.Ordinal))
        {
            var rest = text["tcp:".Length..];
            var colon = rest.LastIndexOf(':');
            if (colon > 0
                && int.TryParse(rest[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port)
                && port is > 0 and <= ushort.MaxValue)
            {
                endpoint = new ClamdEndpoint("", rest[..colon].Trim('[', ']'), port);
            }
        }

        return endpoint is not null;
    }

    public EndPoint ToEndPoint() => SocketPath.Length > 0 ? new UnixDomainSocketEndPoint(SocketPath) : new DnsEndPoint(Host, Port);

    public override string ToString() =>
        SocketPath.Length > 0 ? $"unix:{SocketPath}" : string.Create(CultureInfo.InvariantCulture, $"tcp:{Host}:{Port}");
}
