using System.Globalization;
using SecuEdge.Appliance.Settings;
using SecuEdge.Filter.Policy.Rules;

namespace SecuEdge.Appliance.Import;

/// <summary>
/// A Proxmox Mail Gateway as one tenant: domains with their transports, trusted networks, rules in their order, and the users' lists. Proxmox
/// has no customers; who needs them moves the domains to tenants of their own afterwards.
/// </summary>
internal sealed class ProxmoxConversion
{
    private readonly ProxmoxBackup _backup;
    private readonly ConversionOptions _options;
    private readonly ConversionNotes _notes = new();
    private readonly ProxmoxDirectories _directories;
    private readonly ProxmoxUserLists _lists;
    private readonly ProxmoxObjects _objects;
    private readonly ProxmoxActions _actions;
    private readonly ShortNames _names = new();

    private ProxmoxConversion(ProxmoxBackup backup, ConversionOptions options)
    {
        _backup = backup;
        _options = options;
        _directories = new ProxmoxDirectories(backup.Files.GetValueOrDefault("ldap.conf", ""), _notes);
        _lists = new ProxmoxUserLists(backup.Rules, _notes);
        _objects = new ProxmoxObjects(backup.Rules, _directories, _lists.Welcome?.Name, _notes);
        _actions = new ProxmoxActions(backup.Rules, _notes);
    }

    /// <exception cref="ConversionException">The file is no such backup.</exception>
    public static Conversion Read(Stream file, ConversionOptions options) => new ProxmoxConversion(ProxmoxBackup.Read(file), options).Convert();

    private Conversion Convert()
    {
        var mail = ProxmoxFiles.Section(_backup.Files.GetValueOrDefault("pmg.conf", ""), "mail");
        var tenant = new Tenant
        {
            Name = _options.Tenant,
            Domains = Domains(mail),
            Outbound = Outbound(mail),
            Directories = _directories.All,
            Rules = [.. Rules(), .. _lists.Rules(_names)],
            Objects = _lists.Welcome is { } welcome ? [welcome] : [],
        };
        NoteTheRest(mail);
        return new Conversion(new Site { Tenants = [tenant] }, _notes.All);
    }

    private List<Domain> Domains(IReadOnlyDictionary<string, string> mail)
    {
        var transports = ProxmoxFiles.Transports(_backup.Files.GetValueOrDefault("transport", ""), _notes);
        var relay = Relay(mail) ?? _options.NextHop;
        var domains = new List<Domain>();
        foreach (var name in ProxmoxFiles.Domains(_backup.Files.GetValueOrDefault("domains", "")))
        {
            var hasTransport = transports.TryGetValue(name, out var transport);
            if ((hasTransport ? transport ?? _options.NextHop : relay) is { } hop)
            {
                domains.Add(new Domain { Name = name.ToLowerInvariant(), NextHops = [hop] });
            }
            else if (hasTransport)
            {
                // The default relay is another server: it refuses mail for a domain that is not on it.
                _notes.NotTaken($"domain {name}", "its transport cannot be used, and the default relay is another server; give --next-hop HOST:PORT, or add the domain with the SMTP port of its mail server");
            }
            else
            {
                _notes.NotTaken($"domain {name}", "no mail server is known for it: neither a transport nor a default relay; give --next-hop HOST:PORT");
            }
        }

        foreach (var (other, hop) in transports.Where(t => t.Value is not null && !domains.Exists(d => d.Name.Equals(t.Key, StringComparison.OrdinalIgnoreCase))))
        {
            _notes.NotTaken($"transport {other}", $"goes to {hop}, but {other} is none of the relay domains");
        }

        if (domains.Count > 0 && mail.GetValueOrDefault("verifyreceivers") is not null)
        {
            _notes.Changed("verifyreceivers", "recipients were verified by asking the mail server; here every address is accepted until the recipients are listed");
        }

        return domains;
    }

    /// <summary>The default mail server; null when there is none, or none that speaks SMTP.</summary>
    private string? Relay(IReadOnlyDictionary<string, string> mail)
    {
        if (!mail.TryGetValue("relay", out var host))
        {
            return null;
        }

        if (mail.GetValueOrDefault("relayprotocol", "smtp") is var protocol && protocol != "smtp")
        {
            _notes.NotTaken($"pmg.conf, mail: relay {host}", $"speaks {protocol}, which is not spoken here; give --next-hop HOST:PORT with the SMTP port of the mail server");
            return null;
        }

        return $"{Bracketed(host)}:{mail.GetValueOrDefault("relayport", "25")}";
    }

    private Outbound? Outbound(IReadOnlyDictionary<string, string> mail)
    {
        List<string> networks = [.. ProxmoxFiles.Words(_backup.Files.GetValueOrDefault("mynetworks", "")).Where(n => SiteValidation.ParseNetwork(n) is { PrefixLength: > 0 })];
        List<string> hops = mail.TryGetValue("smarthost", out var host) ? [$"{Bracketed(host)}:{mail.GetValueOrDefault("smarthostport", "25")}"] : [];
        return networks.Count + hops.Count == 0 ? null : new Outbound { Networks = networks, NextHops = hops };
    }

    private IEnumerable<Rule> Rules()
    {
        var groups = _backup.Rules["rulegroup"].ToLookup(g => g.Number("rule_id"));
        var attributes = _backup.Rules["rule_attributes"].ToLookup(a => a.Number("rule_id"));
        foreach (var row in _backup.Rules["rule"].OrderByDescending(r => r.Number("priority")).ThenBy(r => r.Number("id")))
        {
            if (Rule(row, [.. groups[row.Number("id")]], [.. attributes[row.Number("id")]]) is { } rule)
            {
                yield return rule;
            }
        }
    }

    private Rule? Rule(DumpRow row, IReadOnlyList<DumpRow> groups, IReadOnlyList<DumpRow> attributes)
    {
        var name = row.Text("name");
        var conditions = new List<Condition>();
        var isComplete = true;
        foreach (var (number, category) in ((int, string)[])[(0, "from"), (1, "to"), (2, "when"), (3, "what")])
        {
            List<int> ids = [.. groups.Where(g => g.Number("grouptype") == number).Select(g => g.Number("objectgroup_id"))];
            List<Condition?> found = [.. ids.Select(id => _objects.Group(id, isRecipient: number == 1))];
            isComplete &= found.All(c => c is not null);
            if (found.OfType<Condition>().ToList() is { Count: > 0 } known)
            {
                conditions.Add(ProxmoxObjects.Inverted(ProxmoxObjects.Joined(known, IsSet(attributes, $"{category}-and")), IsSet(attributes, $"{category}-invert")));
            }
        }

        List<RuleAction> actions = [.. groups.Where(g => g.Number("grouptype") == 4)
            .SelectMany(g => _objects.Of(g.Number("objectgroup_id")))
            .Select(o => _actions.Read(o, name))
            .OfType<RuleAction>()];
        if (actions.Count == 0)
        {
            _notes.NotTaken($"rule '{name}'", "none of its actions has a counterpart");
            return null;
        }

        if (actions.Exists(a => a is CopyAction) && actions.FindIndex(a => a is RejectAction) is var refusal and >= 0)
        {
            _notes.Changed($"rule '{name}'", "Block with a copy became quarantine with a copy: mail that is refused is kept by nobody here");
            actions[refusal] = new QuarantineAction();
        }

        if (!isComplete)
        {
            _notes.Changed($"rule '{name}'", "comes switched off, because a part of its condition has no counterpart: complete it, then enable it");
        }

        return new Rule
        {
            Name = _names.Make(name, "rule"),
            Comment = name,
            Enabled = row.Number("active") == 1 && isComplete,
            Priority = Math.Clamp(row.Number("priority"), 0, 100),
            Direction = row.Number("direction") switch { 0 => RuleDirection.Inbound, 1 => RuleDirection.Outbound, _ => RuleDirection.Both },
            When = conditions.Count == 0 ? null : ProxmoxObjects.Joined(conditions, isAnd: true),
            Then = actions,
        };
    }

    private static bool IsSet(IReadOnlyList<DumpRow> attributes, string name) => attributes.Any(a => a.Text("name") == name && CopyDump.Bytes(a["value"]) == "1");

    private void NoteTheRest(IReadOnlyDictionary<string, string> mail)
    {
        foreach (var (key, value) in mail.Where(p => p.Key is not ("relay" or "relayport" or "relayprotocol" or "smarthost" or "smarthostport" or "verifyreceivers")))
        {
            _notes.NotTaken($"pmg.conf, mail: {key} {value}", "is a setting of the appliance: see the configuration in the README");
        }

        foreach (var file in _backup.Files.Keys.Where(f => f is not ("pmg.conf" or "domains" or "transport" or "mynetworks" or "ldap.conf")).Order(StringComparer.Ordinal))
        {
            _notes.NotTaken($"etc/pmg/{file}", "is not read: keys, users, cluster and templates are not taken over");
        }

        foreach (var table in _backup.Rules.Names.Where(t => t is not ("object" or "objectgroup" or "attribut" or "objectgroup_attributes" or "rule" or "rule_attributes" or "rulegroup" or "userprefs")))
        {
            _notes.Unknown($"table {table}", string.Create(CultureInfo.InvariantCulture, $"its {_backup.Rules[table].Count} rows are not read"));
        }
    }

    private static string Bracketed(string host) => host.Contains(':', StringComparison.Ordinal) && !host.StartsWith('[') ? $"[{host}]" : host;
}
