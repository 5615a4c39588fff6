using SecuEdge.Appliance.Directories.Ldap;
using SecuEdge.Appliance.Settings;

namespace SecuEdge.Appliance.Import;

/// <summary>
/// Profiles of <c>etc/pmg/ldap.conf</c> (<c>PMG/LDAPConfig.pm</c>) as directories. Passwords are not taken over: settings here have none.
/// </summary>
internal sealed class ProxmoxDirectories
{
    /// <summary>What is asked for where a profile says nothing.</summary>
    private const string UsualMailAttributes = "mail, userPrincipalName, proxyAddresses, othermailbox, mailAlternativeAddress";
    private const string UsualGroupClasses = "group, univentionGroup, ipausergroup";

    private static readonly string[] Servers = ["server1", "server2"];

    private readonly ConversionNotes _notes;
    private readonly Dictionary<string, TenantDirectory> _byProfile = new(StringComparer.Ordinal);

    public ProxmoxDirectories(string text, ConversionNotes notes)
    {
        _notes = notes;
        var names = new ShortNames();
        foreach (var (profile, values) in ProxmoxFiles.Sections(text, "ldap"))
        {
            if (Directory(profile, values, names) is { } directory)
            {
                _byProfile[profile] = directory;
            }
        }
    }

    public IReadOnlyList<TenantDirectory> All => [.. _byProfile.Values];

    /// <summary>A group as rules name it.</summary>
    /// <param name="value"><c>profile:</c> and the distinguished name of a group; nothing there means anybody, a dash nobody in the directory.</param>
    /// <returns>Null when it has no counterpart.</returns>
    public string? GroupOf(string value)
    {
        var colon = value.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && _byProfile.TryGetValue(value[..colon], out var directory) && TitleOf(value[(colon + 1)..]) is { } title ? $"{directory.Name}/{title}" : null;
    }

    private TenantDirectory? Directory(string profile, IReadOnlyDictionary<string, string> values, ShortNames names)
    {
        var where = $"ldap profile '{profile}'";
        List<string> addresses = [.. Servers.Where(values.ContainsKey).Select(s => AddressOf(values[s], values.GetValueOrDefault("port"))).Where(DirectoryAddress.IsRight)];
        if (addresses.Count == 0)
        {
            _notes.NotTaken(where, "names no server that can be asked");
            return null;
        }

        List<string> mail = [.. Words(values.GetValueOrDefault("mailattr", UsualMailAttributes))];
        var filter = PeopleFilter(values.GetValueOrDefault("filter", ""), mail);
        if (LdapFilter.Parse(filter).Filter is null)
        {
            _notes.Changed(where, $"its filter cannot be read and was left out: {values["filter"]}");
            filter = PeopleFilter("", mail);
        }

        Note(where, values);
        return new TenantDirectory
        {
            Name = names.Make(profile, "directory"),
            Kind = DirectoryKind.Custom,
            Addresses = addresses,
            Tls = values.GetValueOrDefault("mode", "ldap") switch { "ldaps" => DirectoryTls.Ldaps, "ldap+starttls" => DirectoryTls.StartTls, _ => DirectoryTls.None },
            BindName = values.GetValueOrDefault("binddn", ""),
            Base = values.GetValueOrDefault("basedn", ""),
            PeopleFilter = filter,
            GroupFilter = $"(|{string.Concat(Words(values.GetValueOrDefault("groupclass", UsualGroupClasses)).Select(c => $"(objectClass={c})"))})",
            AddressAttributes = mail,
            Enabled = values.GetValueOrDefault("disable") != "1",
        };
    }

    private void Note(string where, IReadOnlyDictionary<string, string> values)
    {
        if (values.ContainsKey("binddn"))
        {
            _notes.Changed(where, "comes without its password: give it with PUT /api/v1/directories");
        }

        if (values.GetValueOrDefault("mode", "ldap") == "ldap")
        {
            _notes.Changed(where, "is read without encryption, as before; set tls to ldaps or startTls");
        }
        else
        {
            _notes.Changed(where, "the certificate of the server is always checked here; if its authority is your own, give it as caCertificate");
        }

        if (values.TryGetValue("groupbasedn", out var groups) && groups != values.GetValueOrDefault("basedn"))
        {
            _notes.Changed(where, $"groups were looked for below '{groups}', people elsewhere; here base is one for both: choose one above both");
        }
    }

    private static string PeopleFilter(string own, IReadOnlyList<string> mail)
    {
        var any = $"(|{string.Concat(mail.Select(a => $"({a}=*)"))})";
        return own.Length == 0 ? any : $"(&{(own.StartsWith('(') ? own : $"({own})")}{any})";
    }

    /// <summary>Value of the first part of a distinguished name, without escaping; null when it is none.</summary>
    private static string? TitleOf(string name)
    {
        var from = name.IndexOf('=', StringComparison.Ordinal) + 1;
        var end = from;
        while (end < name.Length && (name[end] != ',' || name[end - 1] == '\\'))
        {
            end++;
        }

        return from > 0 && end > from ? name[from..end].Replace("\\", "", StringComparison.Ordinal).Trim() : null;
    }

    private static string AddressOf(string host, string? port)
    {
        var plain = host.Contains(':', StringComparison.Ordinal) && !host.StartsWith('[') ? $"[{host}]" : host;
        return port is null ? host : $"{plain}:{port}";
    }

    private static string[] Words(string list) => list.Split([',', ';', ' '], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
