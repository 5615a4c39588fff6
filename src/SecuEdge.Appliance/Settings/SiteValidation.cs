using System.Net;
using SecuEdge.Appliance.Settings.Notices;
using SecuEdge.Smtp;

namespace SecuEdge.Appliance.Settings;

/// <summary>Everything that can be wrong with a site, all at once, each with the place and the remedy.</summary>
public static class SiteValidation
{
    // More than anybody reads; a lock on a large reseller may be in the way of hundreds.
    private const int MaxErrors = 100;

    public static IReadOnlyList<string> Check(Site site) => TryCompile(site, null).Errors;

    /// <summary>The site, checked and compiled; or everything that is wrong with it.</summary>
    /// <param name="before">The site in force; tenants that are the same objects there are not checked again.</param>
    /// <param name="placeOf">Where errors of a tenant are; by default its place in the file, <c>tenants[3]</c>.</param>
    /// <param name="mayName">Whether whoever reads the errors may know of a tenant; by default of all.</param>
    public static (SiteDirectory? Directory, IReadOnlyList<string> Errors) TryCompile(
        Site site, SiteDirectory? before, Func<Tenant, string>? placeOf = null, Func<string, bool>? mayName = null)
    {
        var places = site.Tenants.Select((t, i) => placeOf?.Invoke(t) ?? $"tenants[{i}].").ToList();
        var errors = new List<string>();
        TreeValidation.Check(site, places, t => !ReferenceEquals(before?.FindTenant(t.Name)?.Tenant, t), mayName ?? (_ => true), errors);
        for (var t = 0; t < site.Tenants.Count; t++)
        {
            var tenant = site.Tenants[t];
            if (!ReferenceEquals(before?.FindTenant(tenant.Name)?.Tenant, tenant))
            {
                TenantValidation.Check(tenant, places[t], errors);
            }
        }

        if (errors.Count > 0)
        {
            return (null, Cut(errors));
        }

        var directory = new SiteDirectory(site, before);
        var placeByName = site.Tenants.Select((tenant, i) => (tenant.Name, i)).ToDictionary(t => t.Name, t => places[t.i], StringComparer.OrdinalIgnoreCase);
        var wrong = new HashSet<TenantRoute>();
        foreach (var route in directory.Tenants)
        {
            // Parents come first; below a node whose rules are wrong, nothing can be compiled.
            if ((route.Parent is { } parent && wrong.Contains(parent))
                || (!ReferenceEquals(before?.FindTenant(route.Tenant.Name), route) && !PolicyValidation.Check(route, placeByName.GetValueOrDefault(route.Tenant.Name, ""), errors)))
            {
                wrong.Add(route);
            }
        }

        if (before is not null && errors.Count == 0)
        {
            // Only what is changed now: a rule does not become wrong, and tells nobody that it exists, because somebody takes its domain later.
            foreach (var route in directory.Tenants)
            {
                var (was, at) = (before.FindTenant(route.Tenant.Name)?.Tenant, placeByName.GetValueOrDefault(route.Tenant.Name, ""));
                var areRulesSame = ReferenceEquals(was?.Rules, route.Tenant.Rules);
                if (!ReferenceEquals(was, route.Tenant))
                {
                    errors.AddRange(route.CheckGrowth(before.FindTenant(route.Tenant.Name)).Select(e => at + e));
                }

                if (!areRulesSame)
                {
                    RuleTargets.Check(route, directory, at, errors);
                }

                if (!areRulesSame || !ReferenceEquals(was?.NoticeTemplates, route.Tenant.NoticeTemplates))
                {
                    NoticeCheck.CheckUse(route, at, errors);
                }
            }
        }

        return errors.Count == 0 ? (directory, errors) : (null, Cut(errors));
    }

    private static List<string> Cut(List<string> errors) =>
        errors.Count <= MaxErrors ? errors : [.. errors.Take(MaxErrors), $"tenants: {errors.Count - MaxErrors} more errors are not shown; mend these first"];

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

        return NetworkOf(start, length);
    }

    /// <summary>The network of that length around an address.</summary>
    internal static IPNetwork NetworkOf(IPAddress address, int length)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var count);
        for (var i = 0; i < count; i++)
        {
            var kept = Math.Clamp(length - (i * 8), 0, 8);
            bytes[i] &= (byte)(0xFF00 >> kept);
        }

        return new IPNetwork(new IPAddress(bytes[..count]), length);
    }

    internal static IReadOnlyList<SmtpEndpoint> ParseHops(IReadOnlyList<string> hops) =>
        [.. hops.Select(h => SmtpEndpoint.TryParse(h, out var hop) ? hop : throw new ArgumentException($"unchecked next hop '{h}'"))];
}
