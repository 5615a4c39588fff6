using System.Globalization;
using SecuEdge.Filter;
using SecuEdge.Filter.Policy.Rules;

namespace SecuEdge.Appliance.Import;

/// <summary>
/// Objects of Proxmox rules as conditions. Numbers are the object types of its rule database (<c>PMG/RuleDB/*.pm</c>, <c>otype</c>).
/// </summary>
/// <param name="welcome">Name of the object of mail that its recipient wants without a spam check; null when there is none.</param>
internal sealed class ProxmoxObjects(Dump dump, ProxmoxDirectories directories, string? welcome, ConversionNotes notes)
{
    /// <summary><c>profile:</c> and a distinguished name.</summary>
    private const int LdapGroup = 1005;

    private readonly ILookup<int, DumpRow> _objects = dump["object"].ToLookup(o => o.Number("objectgroup_id"));
    private readonly Dictionary<int, DumpRow> _groups = dump["objectgroup"].DistinctBy(g => g.Number("id")).ToDictionary(g => g.Number("id"));
    private readonly ILookup<int, DumpRow> _groupAttributes = dump["objectgroup_attributes"].ToLookup(a => a.Number("objectgroup_id"));

    public string NameOf(int group) => _groups.TryGetValue(group, out var row) ? row.Text("name") : group.ToString(CultureInfo.InvariantCulture);

    /// <summary>The first object of an action group: Proxmox keeps one in each.</summary>
    public IEnumerable<DumpRow> Of(int group) => _objects[group];

    /// <returns>Null when an object of the group has no counterpart: the rule would mean something else.</returns>
    public Condition? Group(int group, bool isRecipient)
    {
        var conditions = new List<Condition>();
        var (addresses, people) = (new List<string>(), new List<string>());
        var isComplete = true;
        foreach (var item in _objects[group])
        {
            var value = CopyDump.Bytes(item["value"]);
            if (Address(item.Number("objecttype"), value) is { } address)
            {
                addresses.Add(address);
            }
            else if (item.Number("objecttype") == LdapGroup && directories.GroupOf(value) is { } ofDirectory)
            {
                people.Add(ofDirectory);
                if (!isRecipient)
                {
                    notes.Changed($"object '{value}' of group '{NameOf(group)}'", "as senders, people of a directory are only met in mail that goes out: of mail that comes in, anybody can write the sender");
                }
            }
            else if (Other(item.Number("objecttype"), value) is { } condition)
            {
                conditions.Add(condition);
            }
            else
            {
                isComplete = false;
                notes.NotTaken($"object '{value}' of group '{NameOf(group)}'", $"{Kind(item.Number("objecttype"))} has no counterpart here; rules that use the group are switched off");
            }
        }

        if (addresses.Count + people.Count > 0)
        {
            conditions.Insert(0, isRecipient ? new RecipientCondition { Addresses = addresses, Groups = people } : Sender(addresses, people));
        }

        if (!isComplete || conditions.Count == 0)
        {
            return null;
        }

        return Inverted(Joined(conditions, IsSet(group, "and")), IsSet(group, "invert"));
    }

    public static Condition Joined(IReadOnlyList<Condition> conditions, bool isAnd) =>
        conditions.Count == 1 ? conditions[0] : isAnd ? new AllCondition(conditions) : new AnyCondition(conditions);

    public static Condition Inverted(Condition condition, bool isInverted) => isInverted ? new NotCondition(condition) : condition;

    /// <summary>"From" is the envelope sender there: whoever only writes a partner's address into the header is not the partner.</summary>
    private static SenderCondition Sender(IReadOnlyList<string> addresses, IReadOnlyList<string> people) => new() { Addresses = addresses, Groups = people, In = SenderPlace.Envelope };

    private bool IsSet(int group, string name) => _groupAttributes[group].Any(a => a.Text("name") == name && CopyDump.Bytes(a["value"]) == "1");

    /// <summary>Who objects that are addresses; <c>1007</c> to <c>1009</c> are the same for recipients.</summary>
    private static string? Address(int type, string value) => type switch
    {
        1001 or 1007 => value,
        1002 or 1008 => "@" + value.TrimStart('@'),
        1000 or 1009 when Globs.FromRegex(value) is [var pattern] && !pattern.Contains('?', StringComparison.Ordinal) => pattern.StartsWith("*@", StringComparison.Ordinal) ? pattern[1..] : pattern,
        _ => null,
    };

    private Condition? Other(int type, string value) => type switch
    {
        1003 or 1004 => new OriginCondition { Networks = [value] },
        1000 or 1009 when Globs.FromRegex(value) is { } patterns && !patterns.Any(p => p.Contains('?', StringComparison.Ordinal)) =>
            type == 1000 ? Sender(patterns, []) : new RecipientCondition { Addresses = patterns },
        2000 => Time(value),
        3000 when double.TryParse(value, CultureInfo.InvariantCulture, out var level) => Spam(level),
        3001 => new ClassCondition([MessageClass.Infected]),
        3002 when value.IndexOf(':', StringComparison.Ordinal) is var colon and > 0 =>
            new HeaderCondition { Name = value[..colon], Matches = value[(colon + 1)..] },
        3003 or 3005 when Types(value) is { } types => new AttachmentCondition { Types = types },
        3004 when Globs.FromRegex(value) is { } names => new AttachmentCondition { Names = names },
        3006 when Globs.FromRegex(value) is { } names => new AttachmentCondition { Names = names, In = AttachmentPlace.Inside },
        _ => null,
    };

    /// <summary>Never of what a user's welcome list names; rules ask the score of the checks, in which the list has no say.</summary>
    private Condition Spam(double level) =>
        welcome is null ? new ScoreCondition(level, null) : new AllCondition([new ScoreCondition(level, null), new NotCondition(new ObjectCondition(welcome))]);

    /// <summary>Both name the type as a regular expression behind <c>content-type:</c>. Not anchored there, but nobody writes half a type.</summary>
    private static IReadOnlyList<string>? Types(string value)
    {
        var expression = value.StartsWith("content-type:", StringComparison.Ordinal) ? value["content-type:".Length..] : value;
        return Globs.FromRegex(expression) is { } types && types.All(t => !t.Contains('?', StringComparison.Ordinal) && t.IndexOf('*', StringComparison.Ordinal) is -1 or > 0)
            ? types
            : null;
    }

    /// <summary><c>08:00-16:00</c>, its end included there and not here.</summary>
    private static TimeCondition? Time(string value)
    {
        var parts = value.Split('-');
        return parts.Length == 2 && Minute(parts[0]) is { } from && Minute(parts[1]) is { } to
            ? new TimeCondition { From = Clock(from), To = to >= 24 * 60 - 1 ? null : Clock(to + 1) }
            : null;
    }

    private static TimeOnly Clock(int minutes) => new(minutes / 60, minutes % 60);

    private static int? Minute(string text) =>
        text.Split(':') is [var hours, var minutes] && int.TryParse(hours, out var h) && int.TryParse(minutes, out var m) && h is >= 0 and <= 24 && m is >= 0 and < 60 ? (h * 60) + m : null;

    private static string Kind(int type) => type switch
    {
        LdapGroup => "a group of an LDAP directory that is not in the backup, or all people of one",
        1006 => "a user of an LDAP directory",
        1000 or 1009 => "this regular expression for addresses",
        3003 or 3005 => "this regular expression for file types",
        3004 or 3006 => "this regular expression for file names",
        _ => string.Create(CultureInfo.InvariantCulture, $"object type {type}"),
    };
}
