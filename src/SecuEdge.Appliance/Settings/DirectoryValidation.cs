using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using SecuEdge.Appliance.Directories.Ldap;

namespace SecuEdge.Appliance.Settings;

/// <summary>What can be wrong with a tenant's directories before any server is asked.</summary>
internal static partial class DirectoryValidation
{
    /// <summary>A company has one, after a merger two; each is read every half hour.</summary>
    private const int MaxDirectories = 20;

    public static void Check(Tenant tenant, string at, List<string> errors)
    {
        if (tenant.Directories.Count > MaxDirectories)
        {
            errors.Add($"{at}directories: {tenant.Directories.Count} are more than the {MaxDirectories} that one node may have; a node below may have its own");
        }

        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        for (var d = 0; d < tenant.Directories.Count; d++)
        {
            var place = $"{at}directories[{d}].";
            if (!seen.Add(tenant.Directories[d].Name))
            {
                errors.Add($"{place}name: '{tenant.Directories[d].Name}' is there twice");
            }

            TenantValidation.CheckAttributes(tenant.Directories[d], place, errors);
            Check(tenant.Directories[d], place, errors);
        }
    }

    private static void Check(TenantDirectory directory, string at, List<string> errors)
    {
        if (!Name().IsMatch(directory.Name))
        {
            errors.Add($"{at}name: '{directory.Name}' is not a name; use 1-63 lower-case letters, digits, dots and dashes");
        }

        for (var a = 0; a < directory.Addresses.Count; a++)
        {
            if (!DirectoryAddress.IsRight(directory.Addresses[a]))
            {
                errors.Add($"{at}addresses[{a}]: '{directory.Addresses[a]}' is not host or host:port, such as ldap.example.com:636; how it is encrypted is said by tls");
            }
        }

        CheckFilter(directory.PeopleFilter, $"{at}peopleFilter", errors);
        CheckFilter(directory.GroupFilter, $"{at}groupFilter", errors);
        foreach (var (field, names) in ((string, IReadOnlyList<string>?)[])
                 [
                     ("addressAttributes", directory.AddressAttributes),
                     ("memberAttributes", directory.MemberAttributes),
                     ("groupNameAttribute", directory.GroupNameAttribute is { } one ? [one] : null),
                 ])
        {
            if (names?.FirstOrDefault(n => !Attribute().IsMatch(n)) is { } wrong)
            {
                errors.Add($"{at}{field}: '{wrong}' is not the name of an attribute");
            }
        }

        if (directory.Kind == DirectoryKind.Custom && (directory.PeopleFilter is null || directory.AddressAttributes is not { Count: > 0 }))
        {
            errors.Add($"{at}kind: with custom, peopleFilter and addressAttributes must be given");
        }

        if (directory.CaCertificate is { } authority && CertificateTrouble(authority) is { } trouble)
        {
            errors.Add($"{at}caCertificate: {trouble}");
        }
    }

    private static void CheckFilter(string? filter, string at, List<string> errors)
    {
        if (filter is not null && LdapFilter.Parse(filter) is { Filter: null, Trouble: var trouble })
        {
            errors.Add($"{at}: {trouble}");
        }
    }

    private static string? CertificateTrouble(string pem)
    {
        if (pem.Contains("PRIVATE KEY", StringComparison.Ordinal))
        {
            return "contains a private key, which nobody but its owner should have; give the certificate alone";
        }

        try
        {
            var certificates = new X509Certificate2Collection();
            certificates.ImportFromPem(pem);
            var count = certificates.Count;
            foreach (var certificate in certificates)
            {
                certificate.Dispose();
            }

            return count == 0 ? "contains no certificate; give PEM, which begins with -----BEGIN CERTIFICATE-----" : null;
        }
        catch (CryptographicException)
        {
            return "is no certificate in PEM, which begins with -----BEGIN CERTIFICATE-----";
        }
    }

    [GeneratedRegex("^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?\\z", RegexOptions.CultureInvariant)]
    private static partial Regex Name();

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9._-]{0,99}\\z", RegexOptions.CultureInvariant)]
    private static partial Regex Attribute();
}
