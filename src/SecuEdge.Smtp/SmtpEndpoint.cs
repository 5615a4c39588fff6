using System.Globalization;
using System.Net;

namespace SecuEdge.Smtp;

/// <summary>Host (name, IPv4, or IPv6 in brackets) and port of a next hop: <c>mail.example.com:25</c>, <c>[2001:db8::1]:2525</c>. Port 25 when absent.</summary>
public sealed record SmtpEndpoint(string Host, int Port)
{
    public const int DefaultPort = 25;

    /// <summary>Whether <see cref="Host"/> is a literal address and needs no look-up.</summary>
    public bool IsLiteral => IPAddress.TryParse(Host, out _);

    public static bool TryParse(string? text, out SmtpEndpoint endpoint)
    {
        endpoint = new SmtpEndpoint("", 0);
        if (string.IsNullOrWhiteSpace(text))
        {
            return false;
        }

        var host = text.Trim();
        var port = DefaultPort;
        var portMark = host.LastIndexOf(':');
        var isBareIpv6 = host.Count(c => c == ':') > 1 && !host.StartsWith('[');
        if (portMark > host.LastIndexOf(']') && !isBareIpv6)
        {
            if (!int.TryParse(host.AsSpan(portMark + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port) || port is < 1 or > 65535)
            {
                return false;
            }

            host = host[..portMark];
        }

        host = host.Trim('[', ']').ToLowerInvariant();
        if (Uri.CheckHostName(host) is not (UriHostNameType.Dns or UriHostNameType.IPv4 or UriHostNameType.IPv6))
        {
            return false;
        }

        endpoint = new SmtpEndpoint(host, port);
        return true;
    }

    public override string ToString() => Host.Contains(':') ? $"[{Host}]:{Port}" : $"{Host}:{Port}";
}
