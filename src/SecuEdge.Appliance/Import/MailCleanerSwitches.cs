using System.Collections.Frozen;
using SecuEdge.Filter.Policy.Rules;

namespace SecuEdge.Appliance.Import;

/// <summary>
/// Whether lists of senders were asked at all. Each kind has a switch for the appliance (<c>antispam</c>) and one for each domain
/// (<c>domain_pref</c>); a list, even that of one address, counts only where both are on, and both are off until somebody sets them.
/// </summary>
internal sealed class MailCleanerSwitches
{
    private static readonly FrozenDictionary<string, string> Columns = new Dictionary<string, string>
    {
        ["white"] = "enable_whitelists",
        ["warn"] = "enable_warnlists",
        ["black"] = "enable_blacklists",
    }.ToFrozenDictionary();

    private readonly DumpRow? _appliance;
    private readonly Dictionary<string, DumpRow?> _domains = new(StringComparer.OrdinalIgnoreCase);

    public MailCleanerSwitches(Dump dump)
    {
        _appliance = dump["antispam"] is [var row, ..] ? row : null;
        var preferences = dump["domain_pref"].DistinctBy(p => p.Number("id")).ToDictionary(p => p.Number("id"));
        foreach (var domain in dump["domain"].Where(d => MailCleanerConversion.IsDomain(d.Text("name"))))
        {
            _domains[domain.Text("name")] = preferences.GetValueOrDefault(domain.Number("prefs"));
        }
    }

    /// <param name="kind"><c>white</c>, <c>warn</c> or <c>black</c>.</param>
    /// <param name="domain">Empty for the lists of everybody.</param>
    /// <returns>Why no list of the kind was asked; null when they were.</returns>
    public string? WhyOff(string kind, string domain)
    {
        var column = Columns[kind];
        if (_appliance is null)
        {
            return "the dump has no table antispam, which says whether lists are asked";
        }

        if (!_appliance.IsSet(column))
        {
            return $"antispam.{column} is off";
        }

        return domain.Length > 0 ? (IsOn(kind, domain) ? null : $"domain_pref.{column} of {domain} is off")
            : _domains.Count > 0 && _domains.Keys.All(d => !IsOn(kind, d)) ? $"domain_pref.{column} is off for every domain"
            : null;
    }

    /// <summary>Block lists ask both senders; the others that of the envelope, unless the appliance was told to ask both.</summary>
    public SenderPlace PlaceOf(string kind) => kind == "black" || _appliance?.IsSet("whitelist_both_from") == true ? SenderPlace.Either : SenderPlace.Envelope;

    /// <summary>Domains of which not even the lists of everybody were asked.</summary>
    public IReadOnlyList<string> Without(string kind) =>
        [.. _domains.Keys.Where(d => !IsOn(kind, d)).Select(d => d.ToLowerInvariant()).Order(StringComparer.Ordinal)];

    private bool IsOn(string kind, string domain) => _domains.GetValueOrDefault(domain)?.IsSet(Columns[kind]) == true;
}
