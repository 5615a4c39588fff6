using System.Globalization;
using SecuEdge.Filter.Policy.Rules;

namespace SecuEdge.Appliance.Import;

/// <summary>The lists of senders (<c>wwlists</c>): white, warn and black, for everybody, a domain or an address.</summary>
internal sealed class MailCleanerLists
{
    private readonly ConversionNotes _notes;
    private readonly ILookup<string, Entry> _byDomain;

    public MailCleanerLists(IReadOnlyList<DumpRow> rows, DateOnly today, ConversionNotes notes)
    {
        _notes = notes;
        _byDomain = rows.Select(r => Read(r, today)).OfType<Entry>().ToLookup(e => e.Domain, StringComparer.OrdinalIgnoreCase);
    }

    /// <param name="domain">Empty for the lists of everybody.</param>
    public IEnumerable<Rule> Rules(string domain, ShortNames names) =>
        _byDomain[domain]
            .GroupBy(e => (e.Type, Recipient: e.Recipient.ToLowerInvariant()))
            .OrderBy(g => g.Key)
            .Select(g => Rule(g.Key.Type, g.Key.Recipient, domain, [.. g], names));

    /// <summary>Entries for domains that are not among the domains.</summary>
    public void NoteUnused(IEnumerable<string> domains)
    {
        var known = domains.Append("").ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var group in _byDomain.Where(g => !known.Contains(g.Key)))
        {
            _notes.NotTaken($"wwlists of {group.Key}", string.Create(CultureInfo.InvariantCulture, $"{group.Count()} entries are for a domain that is not taken over"));
        }
    }

    private static Rule Rule(string type, string recipient, string domain, IReadOnlyList<Entry> entries, ShortNames names)
    {
        Condition sender = new SenderCondition { Addresses = [.. entries.Select(e => e.Sender).Distinct(StringComparer.OrdinalIgnoreCase)] };
        var isPersonal = recipient.Contains('@', StringComparison.Ordinal) && !recipient.StartsWith('@');
        var (word, priority, action) = type switch
        {
            "white" => ("Welcome", 85, (RuleAction)new DeliverAction()),
            "black" => ("Block", 90, new QuarantineAction()),
            _ => ("Warn", 50, new BannerAction { Text = "This sender is on your warn list: a message from it was let through.", At = BannerPlace.Top }),
        };
        var owner = isPersonal ? recipient : domain.Length > 0 ? domain : "everybody";
        return new Rule
        {
            // With the owner: a domain's list beside everybody's, not in its place.
            Name = names.Make($"{word}-{owner}", "list"),
            Comment = $"{word} list of {owner}",
            Direction = RuleDirection.Inbound,
            Priority = isPersonal ? priority + 1 : priority,
            When = isPersonal ? new AllCondition([new RecipientCondition { Addresses = [recipient] }, sender]) : sender,
            Then = [action],
        };
    }

    private Entry? Read(DumpRow row, DateOnly today)
    {
        var (sender, recipient, type) = (row.Text("sender").Trim(), row.Text("recipient").Trim(), row.Text("type"));
        var where = $"wwlists {type} {sender} for {(recipient.Length == 0 ? "everybody" : recipient)}";
        if (type is not ("white" or "warn" or "black"))
        {
            _notes.NotTaken(where, $"'{type}' lists have no counterpart");
            return null;
        }

        if (sender.Length == 0 || row["status"] == "0")
        {
            _notes.NotTaken(where, "was switched off or empty");
            return null;
        }

        // "0000-00-00" is no date, and means for ever.
        if (DateOnly.TryParseExact(row["expiracy"], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var end))
        {
            if (end < today)
            {
                _notes.NotTaken(where, $"ended on {end:yyyy-MM-dd}");
                return null;
            }

            _notes.Changed(where, $"would have ended on {end:yyyy-MM-dd}; rules have no end, so remove it then");
        }

        var at = recipient.LastIndexOf('@');
        return new Entry(type, Pattern(sender), recipient, at >= 0 ? recipient[(at + 1)..] : recipient);
    }

    /// <summary>There, a star or nothing before the @ means everybody in the domain.</summary>
    private static string Pattern(string sender) =>
        sender.StartsWith("*@", StringComparison.Ordinal) ? sender[1..] : sender.Contains('@', StringComparison.Ordinal) ? sender : "@" + sender.TrimStart('*', '.');

    private sealed record Entry(string Type, string Sender, string Recipient, string Domain);
}
