using System.Net;
using System.Text.RegularExpressions;
using SecuEdge.Smtp;

namespace SecuEdge.Appliance.Settings;

/// <summary>Everything that can be wrong with a site, all at once, each with the place and the remedy.</summary>
public static partial class SiteValidation
{
    // RAR takes 127 characters, the others more than anybody types.
    private const int MaxPasswordChars = 127;

    public static IReadOnlyList<string> Check(Site site)
    {
        var errors = new List<string>();
        var domains = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var tenants = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var networks = new Dictionary<IPNetwork, string>();
        for (var t = 0; t < site.Tenants.Count; t++)
        {
            var tenant = site.Tenants[t];
            var at = $"tenants[{t}]";
            if (!TenantName().IsMatch(tenant.Name))
            {
                errors.Add($"{at}.name: '{tenant.Name}' is not a name; use 1-63 lower-case letters, digits, dots and dashes");
            }
            else if (!tenants.Add(tenant.Name))
            {
                errors.Add($"{at}.name: '{tenant.Name}' is used twice; every tenant needs its own name");
            }

            CheckDomains(tenant, at, domains, errors);
            CheckOutbound(tenant, at, networks, errors);
            CheckPolicy(tenant, at, errors);
        }

        return errors;
    }

    /// <summary>An address or CIDR network; host bits are cleared. Null when it is neither.</summary>
    public static IPNetwork? ParseNetwork(string text)
    {
        if (IPAddress.TryParse(text, out var address))
        {
            return new IPNetwork(address, address.GetAddressBytes().Length * 8);
        }

        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 || !IPAddress.TryParse(text.AsSpan(0, slash), out var start)
            || !byte.TryParse(text.AsSpan(slash + 1), out var length) || length > start.GetAddressBytes().Length * 8)
        {
            return null;
        }

        var bytes = start.GetAddressBytes();
        for (var i = 0; i < bytes.Length; i++)
        {
            var kept = Math.Clamp(length - (i * 8), 0, 8);
            bytes[i] &= (byte)(0xFF00 >> kept);
        }

        return new IPNetwork(new IPAddress(bytes), length);
    }

    internal static IReadOnlyList<SmtpEndpoint> ParseHops(IReadOnlyList<string> hops) =>
        [.. hops.Select(h => SmtpEndpoint.TryParse(h, out var hop) ? hop : throw new ArgumentException($"unchecked next hop '{h}'"))];

    private static void CheckDomains(Tenant tenant, string at, Dictionary<string, string> domains, List<string> errors)
    {
        for (var d = 0; d < tenant.Domains.Count; d++)
        {
            var domain = tenant.Domains[d];
            var where = $"{at}.domains[{d}]";
            if (Uri.CheckHostName(domain.Name) != UriHostNameType.Dns)
            {
                errors.Add($"{where}.name: '{domain.Name}' is not a domain name");
            }
            else if (!domains.TryAdd(domain.Name, tenant.Name))
            {
                errors.Add($"{where}.name: '{domain.Name}' already belongs to tenant '{domains[domain.Name]}'");
            }

            if (domain.NextHops.Count == 0)
            {
                errors.Add($"{where}.nextHops: is empty; name at least one mail server as host:port");
            }

            CheckHops(domain.NextHops, $"{where}.nextHops", errors);
            for (var r = 0; r < domain.Recipients.Count; r++)
            {
                var recipient = domain.Recipients[r];
                var at2 = recipient.LastIndexOf('@');
                if (recipient.Length == 0 || at2 == 0)
                {
                    errors.Add($"{where}.recipients[{r}]: '{recipient}' is empty; write a local part, an address, or *");
                }
                else if (at2 > 0 && !recipient[(at2 + 1)..].Equals(domain.Name, StringComparison.OrdinalIgnoreCase))
                {
                    errors.Add($"{where}.recipients[{r}]: '{recipient}' is not in domain '{domain.Name}'; move it to its own domain");
                }
            }
        }
    }

    private static void CheckOutbound(Tenant tenant, string at, Dictionary<IPNetwork, string> networks, List<string> errors)
    {
        if (tenant.Outbound is not { } outbound)
        {
            return;
        }

        for (var n = 0; n < outbound.Networks.Count; n++)
        {
            var where = $"{at}.outbound.networks[{n}]";
            if (ParseNetwork(outbound.Networks[n]) is not { } network)
            {
                errors.Add($"{where}: '{outbound.Networks[n]}' is not an address or CIDR network, such as 192.0.2.10 or 10.1.0.0/16");
            }
            else if (network.PrefixLength == 0)
            {
                errors.Add($"{where}: '{outbound.Networks[n]}' is the whole Internet and would make an open relay; name the customer's servers");
            }
            else if (!networks.TryAdd(network, tenant.Name) && networks[network] != tenant.Name)
            {
                errors.Add($"{where}: '{outbound.Networks[n]}' already belongs to tenant '{networks[network]}'");
            }
        }

        CheckHops(outbound.NextHops, $"{at}.outbound.nextHops", errors);
    }

    private static void CheckPolicy(Tenant tenant, string at, List<string> errors)
    {
        var policy = new TenantRoute(tenant with { Outbound = null }).Policy;
        if (!(policy.TagScore <= policy.QuarantineScore && policy.QuarantineScore <= policy.RejectScore))
        {
            errors.Add($"{at}.policy: tagScore {policy.TagScore} <= quarantineScore {policy.QuarantineScore} <= rejectScore {policy.RejectScore} must hold");
        }

        CheckHold(policy.OutbreakHold.Inbound, $"{at}.policy.outbreakHold.inbound", errors);
        CheckHold(policy.OutbreakHold.Outbound, $"{at}.policy.outbreakHold.outbound", errors);
        for (var i = 0; i < policy.ArchivePasswords.Count; i++)
        {
            if (policy.ArchivePasswords[i].Length is 0 or > MaxPasswordChars)
            {
                errors.Add($"{at}.policy.archivePasswords[{i}]: is {(policy.ArchivePasswords[i].Length == 0 ? "empty" : $"longer than {MaxPasswordChars} characters")}; remove it or write the password itself");
            }
        }
    }

    /// <summary>A time of nothing would be a hold without effect, and after a day nobody waits any more.</summary>
    private static void CheckHold(TimeSpan? time, string where, List<string> errors)
    {
        if (time is { } set && (set < TimeSpan.FromSeconds(1) || set > TimeSpan.FromDays(1)))
        {
            errors.Add($"{where}: '{set}' is not between 00:00:01 and 1.00:00:00; write \"off\" to deliver at once");
        }
    }

    private static void CheckHops(IReadOnlyList<string> hops, string where, List<string> errors)
    {
        for (var h = 0; h < hops.Count; h++)
        {
            if (!SmtpEndpoint.TryParse(hops[h], out _))
            {
                errors.Add($"{where}[{h}]: '{hops[h]}' is not host:port, such as mail.example.com:25 or [2001:db8::1]:25");
            }
        }
    }

    [GeneratedRegex("^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$", RegexOptions.CultureInvariant)]
    private static partial Regex TenantName();
}
