using System.Text.RegularExpressions;

namespace SecuEdge.Appliance.Import;

/// <summary>The small text files below <c>/etc/pmg</c> (<c>PMG/Config.pm</c>).</summary>
internal static partial class ProxmoxFiles
{
    /// <summary>One section of <c>pmg.conf</c>: <c>section: mail</c>, then indented <c>key value</c> lines.</summary>
    public static IReadOnlyDictionary<string, string> Section(string text, string name) => Section(text, "section", name);

    private static Dictionary<string, string> Section(string text, string type, string name)
    {
        var values = new Dictionary<string, string>();
        var isInside = false;
        foreach (var line in text.Split('\n'))
        {
            if (line.Length > 0 && !char.IsWhiteSpace(line[0]))
            {
                isInside = line.StartsWith(type + ":", StringComparison.Ordinal) && line[(type.Length + 1)..].Trim() == name;
            }
            else if (isInside && line.Trim().Split((char[]?)null, 2, StringSplitOptions.RemoveEmptyEntries) is [var key, var value])
            {
                values[key] = value.Trim();
            }
        }

        return values;
    }

    /// <summary>All sections of one type, <c>ldap: office</c>, with their names.</summary>
    public static IEnumerable<(string Name, IReadOnlyDictionary<string, string> Values)> Sections(string text, string type) =>
        text.Split('\n').Where(l => l.StartsWith(type + ":", StringComparison.Ordinal)).Select(l => l[(type.Length + 1)..].Trim()).Where(n => n.Length > 0).Distinct()
            .Select(name => (name, (IReadOnlyDictionary<string, string>)Section(text, type, name)));

    /// <summary><c>example.com 1</c>, comments on lines of their own.</summary>
    public static IEnumerable<string> Domains(string text) => Words(text);

    /// <summary>The first word of each line that is no comment.</summary>
    public static IEnumerable<string> Words(string text) =>
        text.Split('\n').Select(l => l.Trim()).Where(l => l.Length > 0 && !l.StartsWith('#')).Select(l => l.Split((char[]?)null, 2)[0]);

    /// <summary>
    /// Domain → <c>host:port</c>, null where there is a way that cannot be gone: the mail belongs there all the same, not on the default one.
    /// Postfix's form: <c>example.com smtp:[mail.example.com]:25</c>; without brackets the host's MX is meant.
    /// </summary>
    public static IReadOnlyDictionary<string, string?> Transports(string text, ConversionNotes notes)
    {
        var found = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var line in text.Split('\n').Select(l => l.Trim()).Where(l => l.Length > 0 && !l.StartsWith('#')))
        {
            var match = Transport().Match(line);
            if (!match.Success)
            {
                notes.Unknown($"transport '{line}'", "cannot be read");
                found[line.Split((char[]?)null, 2)[0]] = null;
                continue;
            }

            var (domain, host) = (match.Groups["domain"].Value, match.Groups["host"].Value);
            if (match.Groups["protocol"].Value.StartsWith("lmtp", StringComparison.Ordinal))
            {
                notes.NotTaken($"transport {domain}", "LMTP is not spoken; name the SMTP port of the mail server");
                found[domain] = null;
                continue;
            }

            if (!host.StartsWith('['))
            {
                notes.Changed($"transport {domain}", $"used the MX of {host}; here {host} itself is connected to");
            }

            var plain = host.Trim('[', ']');
            plain = plain.StartsWith("ipv6:", StringComparison.OrdinalIgnoreCase) ? plain[5..] : plain;
            found[domain] = plain.Contains(':', StringComparison.Ordinal) ? $"[{plain}]:{match.Groups["port"].Value}" : $"{plain}:{match.Groups["port"].Value}";
        }

        return found;
    }

    [GeneratedRegex(@"^(?<domain>\S+)\s+(?<protocol>lmtp:inet|smtp):(?<host>\S+):(?<port>\d+)$")]
    private static partial Regex Transport();
}
