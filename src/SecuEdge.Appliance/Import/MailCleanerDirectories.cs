using SecuEdge.Appliance.Settings;

namespace SecuEdge.Appliance.Import;

/// <summary>
/// The LDAP connector of a domain (<c>adcheck</c> with <c>ldapcalloutserver</c> and <c>ldapcalloutparam</c>) as the directory that knows its
/// recipients, which means the same. Passwords are not taken over: settings here have none.
/// </summary>
internal static class MailCleanerDirectories
{
    private const string Name = "directory";

    /// <summary>A colon inside a value.</summary>
    private const string Colon = "__C__";

    public static bool IsThere(DumpRow preferences) => Addresses(preferences).Count > 0 && Parts(preferences)[0].Length > 0;

    public static TenantDirectory? Of(DumpRow? preferences, string domain, ConversionNotes notes)
    {
        if (preferences is null || !IsThere(preferences))
        {
            return null;
        }

        var parts = Parts(preferences);
        var where = $"domain.adcheck of {domain}";
        var isEncrypted = parts is [_, _, _, _, "1" or "true", ..];
        notes.Changed(where, $"recipients come from the directory '{Name}'; it comes without its password, and until it is read mail for the domain is answered 451: give it with PUT /api/v1/directories/{Name}");
        if (!isEncrypted)
        {
            notes.Changed(where, "the directory is read without encryption, as before; set tls to ldaps or startTls");
        }

        if (parts is [_, _, _, { Length: > 0 } group, ..])
        {
            notes.Changed(where, $"only members of '{group}' were recipients; here everybody in the directory is: narrow peopleFilter with (memberOf=...)");
        }

        return new TenantDirectory
        {
            Name = Name,
            Kind = DirectoryKind.ActiveDirectory,
            Addresses = Addresses(preferences),
            Tls = isEncrypted ? DirectoryTls.Ldaps : DirectoryTls.None,
            BindName = parts is [_, var account, ..] ? account : "",
            Base = parts[0],
        };
    }

    /// <summary><c>base:account:password:group:ssl</c>; the last two came later.</summary>
    private static List<string> Parts(DumpRow preferences) =>
        [.. preferences.Text("ldapcalloutparam").Split(':').Select(p => p.Replace(Colon, ":", StringComparison.Ordinal).Trim())];

    private static List<string> Addresses(DumpRow preferences) =>
        [.. preferences.Text("ldapcalloutserver").Split([',', ' '], StringSplitOptions.RemoveEmptyEntries).Where(DirectoryAddress.IsRight).Take(8)];
}
