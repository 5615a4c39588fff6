using System.Globalization;
using SecuEdge.Filter.Policy.Rules;

namespace SecuEdge.Appliance.Import;

/// <summary>The lists of senders (<c>wwlists</c>): white, warn and black, for everybody, a domain or an address.</summary>
internal sealed class MailCleanerLists
{
    /// <summary>The most that a rule may take off the score.</summary>
    private const double NoSpamCheck = -100;

    private readonly MailCleanerSwitches _switches;
    private readonly ConversionNotes _notes;
    private readonly ILookup<string, Entry> _byDomain;

    public MailCleanerLists(IReadOnlyList<DumpRow> rows, MailCleanerSwitches switches, DateOnly today, ConversionNotes notes)
    {
        _switches = switches;
        _notes = notes;
        _byDomain = rows.Select(r => Read(r, today)).OfType<Entry>().ToLookup(e => e.List.Domain, StringComparer.OrdinalIgnoreCase);
        var kinds = _byDomain.SelectMany(g => g).Select(e => e.List.Kind).ToHashSet();
        if (kinds.Contains("white") && kinds.Contains("black"))
        {
            _notes.Changed("wwlists", "a sender on a welcome list got through in spite of a block list; here the block list wins: take him off it");
        }
    }

    /// <param name="domain">Empty for the lists of everybody.</param>
    public SenderLists Of(string domain, ShortNames names)
    {
        List<PolicyObject> welcome = [];
        List<Rule> rules = [.. _byDomain[domain]
            .GroupBy(e => e.List)
            .OrderBy(g => g.Key.Kind, StringComparer.Ordinal).ThenBy(g => g.Key.Mailbox, StringComparer.Ordinal)
            .Select(g => Rule(g.Key, g, names))
            .Select(r => r.Then is [ScoreAction] ? Named(r, welcome) : r)];
        return new SenderLists(rules, welcome);
    }

    /// <summary>Entries for domains that are not among the domains.</summary>
    public void NoteUnused(IEnumerable<string> domains)
    {
        var known = domains.Append("").ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var group in _byDomain.Where(g => !known.Contains(g.Key)))
        {
            _notes.NotTaken($"wwlists of {group.Key}", string.Create(CultureInfo.InvariantCulture, $"{group.Count()} entries are for a domain that is not taken over"));
        }
    }

    private Rule Rule(ListName list, IEnumerable<Entry> entries, ShortNames names)
    {
        if (list.Kind == "warn")
        {
            _notes.Changed(list.ToString(), "told the recipient when spam of these senders was kept; here every message from them that arrives has a banner");
        }

        var (word, priority, action) = list.Kind switch
        {
            // What the lists meant there: no spam check. A final "deliver" would mean no other rule either, no copy and no quarantine of what is locked.
            "white" => ("Welcome", 85, (RuleAction)new ScoreAction(NoSpamCheck)),
            "black" => ("Block", 90, new QuarantineAction()),
            _ => ("Warn", 50, new BannerAction { Text = "This sender is on your warn list: a message from it was let through.", At = BannerPlace.Top }),
        };
        return new Rule
        {
            // With the owner: a domain's list beside everybody's, not in its place.
            Name = names.Make($"{word}-{list.Owner}", "list"),
            Comment = $"{word} list of {list.Owner}",
            Enabled = IsOn(list),
            Direction = RuleDirection.Inbound,
            Priority = list.Mailbox.Length > 0 ? priority + 1 : priority,
            When = When(list, new SenderCondition { Addresses = [.. entries.Select(e => e.Sender).Distinct(StringComparer.OrdinalIgnoreCase)], In = _switches.PlaceOf(list.Kind) }),
            Then = [action],
        };
    }

    /// <summary>Who is welcome gets a name, so that rules about the score, which ask that of the checks alone, can leave him out.</summary>
    private static Rule Named(Rule rule, List<PolicyObject> welcome)
    {
        welcome.Add(new PolicyObject { Name = rule.Name, Comment = rule.Comment, Is = rule.When! });
        return rule with { When = new ObjectCondition(rule.Name) };
    }

    private bool IsOn(ListName list)
    {
        if (_switches.WhyOff(list.Kind, list.Domain) is not { } reason)
        {
            return true;
        }

        _notes.Changed(list.ToString(), $"comes switched off, because {reason}: enable the rule if it is wanted");
        return false;
    }

    private Condition When(ListName list, SenderCondition sender)
    {
        if (list.Mailbox.Length > 0)
        {
            return new AllCondition([new RecipientCondition { Addresses = [list.Mailbox] }, sender]);
        }

        if (list.Domain.Length > 0 || _switches.Without(list.Kind) is not { Count: > 0 } without || _switches.WhyOff(list.Kind, "") is not null)
        {
            return sender;
        }

        _notes.Changed(list.ToString(), $"is not asked of mail to {string.Join(", ", without)}, whose own switch is off: take the domain out of the rule's exception if it is wanted");
        return new AllCondition([sender, new NotCondition(new RecipientCondition { Addresses = [.. without.Select(d => "@" + d)] })]);
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
        return new Entry(
            recipient is "" or "_global" ? new ListName(type, "", "")
            : at > 0 ? new ListName(type, recipient[(at + 1)..].ToLowerInvariant(), recipient.ToLowerInvariant())
            : new ListName(type, recipient[(at + 1)..].ToLowerInvariant(), ""),
            Pattern(sender));
    }

    /// <summary>There, a star or nothing before the @ means everybody in the domain.</summary>
    private static string Pattern(string sender) =>
        sender.StartsWith("*@", StringComparison.Ordinal) ? sender[1..] : sender.Contains('@', StringComparison.Ordinal) ? sender : "@" + sender.TrimStart('*', '.');

    /// <param name="Kind"><c>white</c>, <c>warn</c> or <c>black</c>.</param>
    /// <param name="Domain">Empty for everybody.</param>
    /// <param name="Mailbox">An address of the domain; empty for all of them.</param>
    private sealed record ListName(string Kind, string Domain, string Mailbox)
    {
        public string Owner => Mailbox.Length > 0 ? Mailbox : Domain.Length > 0 ? Domain : "everybody";

        public override string ToString() => $"wwlists {Kind} of {Owner}";
    }

    private sealed record Entry(ListName List, string Sender);
}

/// <summary>Rules of one tenant's lists.</summary>
/// <param name="Welcome">Who is on a welcome list, for each under the name of its rule.</param>
internal sealed record SenderLists(IReadOnlyList<Rule> Rules, IReadOnlyList<PolicyObject> Welcome)
{
    /// <summary>Welcome lists that are switched on.</summary>
    public IEnumerable<string> InForce => Rules.Where(r => r.Enabled).Select(r => r.Name).Intersect(Welcome.Select(w => w.Name));
}
