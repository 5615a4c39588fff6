using System.Globalization;
using SecuEdge.Appliance.Settings;
using SecuEdge.Filter.Policy;
using SecuEdge.Filter.Policy.Rules;

namespace SecuEdge.Appliance.Import;

/// <summary>
/// A MailCleaner as a reseller with one customer for each domain, since there every domain has its own preferences. Read from a dump of its
/// configuration database, <c>mc_config</c> (tables <c>domain</c>, <c>domain_pref</c>, <c>email</c>, <c>user_pref</c>, <c>wwlists</c>, <c>antispam</c>).
/// </summary>
internal sealed class MailCleanerConversion
{
    /// <summary>Bytes of text read; configuration is small, the mail database is another one.</summary>
    private const int MaxChars = 256 * 1024 * 1024;

    private readonly Dump _dump;
    private readonly ConversionOptions _options;
    private readonly ConversionNotes _notes = new();
    private readonly ShortNames _names = new();
    private readonly MailCleanerPreferences _preferences;
    private readonly MailCleanerLists _lists;
    private readonly SenderLists _everybody;

    private MailCleanerConversion(Dump dump, ConversionOptions options, DateOnly today)
    {
        _dump = dump;
        _options = options;
        _preferences = new MailCleanerPreferences(_notes);
        _lists = new MailCleanerLists(dump["wwlists"], new MailCleanerSwitches(dump), today, _notes);
        _everybody = _lists.Of("", new ShortNames());
    }

    /// <exception cref="ConversionException">The file is no such dump.</exception>
    public static Conversion Read(Stream file, ConversionOptions options, DateOnly today)
    {
        using var reader = new StreamReader(file, leaveOpen: true);
        var text = new char[8192];
        var all = new System.Text.StringBuilder();
        for (int read; (read = reader.Read(text)) > 0;)
        {
            all.Append(text, 0, read);
            if (all.Length > MaxChars)
            {
                throw new ConversionException("the dump is larger than a configuration can be; dump the database mc_config alone");
            }
        }

        var dump = InsertDump.Read(all.ToString());
        return dump.Has("domain")
            ? new MailCleanerConversion(dump, options, today).Convert()
            : throw new ConversionException("is no MailCleaner dump: there is no table 'domain' in it; make the file with mysqldump of the database mc_config");
    }

    /// <summary>The table has a row for the preferences of all, and may have one for domains that are not in it.</summary>
    internal static bool IsDomain(string name) => name.Length > 0 && name != "__global__" && !name.StartsWith('*');

    private Conversion Convert()
    {
        var preferences = _dump["domain_pref"].DistinctBy(p => p.Number("id")).ToDictionary(p => p.Number("id"));
        var reseller = new Tenant { Name = _names.Make(_options.Tenant, "imported"), Kind = TenantKind.Reseller, Rules = _everybody.Rules, Objects = _everybody.Welcome };
        var tenants = new List<Tenant> { reseller };
        foreach (var row in _dump["domain"].OrderBy(d => d.Text("name"), StringComparer.Ordinal))
        {
            if (IsDomain(row.Text("name")))
            {
                tenants.Add(Customer(row, row.Text("name").ToLowerInvariant(), preferences.GetValueOrDefault(row.Number("prefs")), reseller.Name));
            }
            else if (row.Text("name").StartsWith('*'))
            {
                _notes.NotTaken($"domain {row.Text("name")}", "is a default for domains that are not listed; nobody's domains are accepted here");
            }
        }

        foreach (var table in _dump.Names.Where(t => _dump[t].Count > 0 && t is not ("domain" or "domain_pref" or "email" or "user_pref" or "wwlists" or "antispam")).Order(StringComparer.Ordinal))
        {
            _notes.NotTaken($"table {table}", string.Create(CultureInfo.InvariantCulture, $"its {_dump[table].Count} rows are settings of the appliance or of people, which are not taken over"));
        }

        if (_dump["antispam"].Count > 0)
        {
            _notes.NotTaken("table antispam", "is only read for whether lists of senders are asked; its other settings are those of another filter");
        }

        _lists.NoteUnused(tenants.SelectMany(t => t.Domains).Select(d => d.Name));
        return new Conversion(new Site { Tenants = tenants }, _notes.All);
    }

    private Tenant Customer(DumpRow row, string domain, DumpRow? preferences, string reseller)
    {
        var ruleNames = new ShortNames(_everybody.Rules.Select(r => r.Name));
        var lists = _lists.Of(domain, ruleNames);
        var (policy, service, rules) = preferences is null
            ? (new PolicySettings(), new ServiceSettings(), [])
            : _preferences.OfDomain(preferences, domain, ruleNames, [.. _everybody.InForce, .. lists.InForce]);
        if (row.IsSet("greylist"))
        {
            rules.Add(new Rule { Name = ruleNames.Make("greylist", "rule"), Direction = RuleDirection.Inbound, Priority = 40, Then = [new GreylistAction()] });
        }

        if (preferences?["delivery_type"] == "1" && _everybody.Rules.Concat(lists.Rules).Any(r => r.Enabled && r.Then is [QuarantineAction]))
        {
            _notes.Changed($"wwlists black for {domain}", "its spam was marked and delivered, mail of blocked senders like all other; here that of blocked senders goes to quarantine");
        }

        NoteDomain(row, domain, preferences is not null && MailCleanerDirectories.IsThere(preferences));
        var hops = MailCleanerHops.Read(row.Text("destination"));
        if (hops.Count == 0 && _options.NextHop is not null)
        {
            hops = [_options.NextHop];
        }

        if (hops.Count == 0)
        {
            _notes.NotTaken($"domain {domain}", "has no destination server; give --next-hop HOST:PORT. Its preferences are taken, the domain is not");
        }

        var directory = row.IsSet("adcheck") ? MailCleanerDirectories.Of(preferences, domain, _notes) : null;
        var smarthosts = row.IsSet("relay_smarthost") ? MailCleanerHops.Read(row.Text("destination_smarthost")) : [];
        return new Tenant
        {
            Name = _names.Make(domain, "customer"),
            DisplayName = domain,
            Parent = reseller,
            State = row.Text("active") is "false" or "0" ? TenantState.Suspended : TenantState.Active,
            Domains = hops.Count == 0 ? [] : [new Domain { Name = domain, NextHops = hops, Directory = directory?.Name, Mailboxes = [.. Mailboxes(domain)] }],
            Directories = directory is null ? [] : [directory],
            Outbound = smarthosts.Count == 0 ? null : new Outbound { NextHops = smarthosts },
            Policy = policy,
            Service = service,
            Rules = [.. rules, .. lists.Rules],
            Objects = lists.Welcome,
        };
    }

    private IEnumerable<Mailbox> Mailboxes(string domain)
    {
        var preferences = _dump["user_pref"].DistinctBy(p => p.Number("id")).ToDictionary(p => p.Number("id"));
        foreach (var row in _dump["email"].Where(e => e.Text("address").EndsWith("@" + domain, StringComparison.OrdinalIgnoreCase)))
        {
            // Preference 1 is the default of all addresses.
            if (row.Number("pref") > 1 && preferences.TryGetValue(row.Number("pref"), out var own) && _preferences.OfMailbox(own, row.Text("address")) is { } policy)
            {
                yield return new Mailbox { Address = row.Text("address"), Policy = policy };
            }
        }
    }

    private void NoteDomain(DumpRow row, string domain, bool hasDirectory)
    {
        foreach (var column in new[] { "callout", "altcallout", "adcheck", "addlistcallout", "extcallout" })
        {
            if (column == "adcheck" && hasDirectory)
            {
                continue;
            }

            if (row.IsSet(column) || (column == "altcallout" && row.Text(column).Length > 0))
            {
                _notes.NotTaken($"domain.{column} of {domain}", "recipients are not asked for elsewhere; list them, or accept every address as now");
            }
        }

        if (row.IsSet("forward_by_mx"))
        {
            _notes.Changed($"domain.forward_by_mx of {domain}", "delivered by the MX of the destination; here the destination itself is connected to");
        }
    }
}
