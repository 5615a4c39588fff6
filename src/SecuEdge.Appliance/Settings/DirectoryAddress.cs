using SecuEdge.Smtp;

namespace SecuEdge.Appliance.Settings;

/// <summary>Address of a directory's server: <c>host</c>, with the usual port, or <c>host:port</c>.</summary>
internal static class DirectoryAddress
{
    public static bool IsRight(string address) => Split(address) is not null;

    /// <param name="address">Must be right.</param>
    public static (string Host, int Port) Of(string address, DirectoryTls tls) =>
        Split(address) is var (host, port) ? (host, port ?? (tls == DirectoryTls.Ldaps ? 636 : 389)) : throw new ArgumentException($"unchecked address '{address}'", nameof(address));

    private static (string Host, int? Port)? Split(string address)
    {
        var isBareIpv6 = address.Count(c => c == ':') > 1 && !address.StartsWith('[');
        if (SmtpEndpoint.TryParse(isBareIpv6 ? address : address + ":1", out var bare))
        {
            return (bare.Host, null);
        }

        return SmtpEndpoint.TryParse(address, out var whole) ? (whole.Host, whole.Port) : null;
    }
}
