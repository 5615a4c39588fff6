using System.Text.Json;
using System.Text.Json.Nodes;
using SecuEdge.Appliance.Settings;
using SecuEdge.Appliance.Settings.Recipients;

namespace SecuEdge.Appliance.Privacy;

/// <summary>
/// Finds an address in the settings of a tenant, wherever it stands. Only the list of mailboxes is ever changed, and only when asked for: a rule
/// without its address would match everybody or nobody, and nobody but its author knows what he wants instead.
/// </summary>
internal static class PersonSettings
{
    private const string Asked = "Taken out, because it was asked for.";
    private const string CanBeAsked = "A mailbox that exists: mail for it would be refused. Ask with recipient=true.";
    private const string NotChanged = "Settings are not changed on the way: change or delete it where it is made, as only you know what it is to do instead.";

    /// <summary>A text is shown with so many fields at most.</summary>
    private const int MaxFields = 20;

    private static readonly Dictionary<string, PersonPlaceKind> Kinds = new(StringComparer.Ordinal)
    {
        ["rules"] = PersonPlaceKind.Rule,
        ["objects"] = PersonPlaceKind.Object,
        ["groups"] = PersonPlaceKind.Group,
        ["wordLists"] = PersonPlaceKind.WordList,
        ["noticeTemplates"] = PersonPlaceKind.NoticeTemplate,
        ["directories"] = PersonPlaceKind.Directory,
    };

    /// <param name="isRecipientErased">Whether the mailbox is to be taken out of the list.</param>
    public static IEnumerable<PersonPlace> Find(Tenant tenant, PersonMention person, bool isRecipientErased)
    {
        foreach (var domain in tenant.Domains)
        {
            if (IsListed(domain, person))
            {
                yield return Of(PersonPlaceKind.Recipient, $"domains[{domain.Name}].recipients", "", 1, isRecipientErased);
            }

            if (domain.Mailboxes.FirstOrDefault(m => person.Is(AddressOf(m.Address, domain))) is { } mailbox)
            {
                yield return Of(PersonPlaceKind.Mailbox, $"domains[{domain.Name}].mailboxes[{mailbox.Address}]", "", 1, isRecipientErased);
            }
        }

        // Lists of mailboxes are long, and were looked through above.
        var rest = tenant with { Domains = [.. tenant.Domains.Select(d => d with { Recipients = [], Mailboxes = [.. d.Mailboxes.Where(m => !person.Is(AddressOf(m.Address, d)))] })] };
        var fields = Fields(JsonSerializer.SerializeToNode(rest, SiteJson.Options), "").Where(f => person.In(f.Text)).Select(f => f.Path);
        foreach (var place in fields.GroupBy(PartOf))
        {
            List<string> inside = [.. place.Select(p => p[place.Key.Length..].TrimStart('.')).Where(p => p.Length > 0)];
            yield return new PersonPlace
            {
                Kind = KindOf(place.Key),
                Name = place.Key,
                Fields = string.Join("; ", inside.Take(MaxFields)) + (inside.Count > MaxFields ? $"; and {inside.Count - MaxFields} more" : ""),
                Count = place.Count(),
                OnErase = PersonOutcome.Stays,
                Why = NotChanged,
            };
        }
    }

    /// <summary>The tenant without the mailbox and what was set for it alone; the same when it has none.</summary>
    public static Tenant Without(Tenant tenant, PersonMention person) =>
        !tenant.Domains.Any(d => IsListed(d, person) || d.Mailboxes.Any(m => person.Is(AddressOf(m.Address, d)))) ? tenant : tenant with
        {
            Domains =
            [
                .. tenant.Domains.Select(d => d with
                {
                    Recipients = !IsListed(d, person) ? d.Recipients
                        : d.Recipients is RecipientBook book ? book.With([], [.. book.Where(r => person.Is(AddressOf(r, d)))])
                        : [.. d.Recipients.Where(r => !person.Is(AddressOf(r, d)))],
                    Mailboxes = [.. d.Mailboxes.Where(m => !person.Is(AddressOf(m.Address, d)))],
                }),
            ],
        };

    private static bool IsListed(Domain domain, PersonMention person) => domain.Recipients.Any(r => person.Is(AddressOf(r, domain)));

    private static string AddressOf(string recipient, Domain domain) => recipient.Contains('@', StringComparison.Ordinal) ? recipient : $"{recipient}@{domain.Name}";

    private static PersonPlace Of(PersonPlaceKind kind, string name, string fields, int count, bool isErased) => new()
    {
        Kind = kind,
        Name = name,
        Fields = fields,
        Count = count,
        OnErase = isErased ? PersonOutcome.Erased : PersonOutcome.Stays,
        Why = isErased ? Asked : CanBeAsked,
    };

    /// <summary>Every text with its path; items of lists are named by their name, as in revisions.</summary>
    private static IEnumerable<(string Path, string Text)> Fields(JsonNode? node, string path) => node switch
    {
        JsonObject values => values.SelectMany(v => Fields(v.Value, path.Length == 0 ? v.Key : $"{path}.{v.Key}").Append((path.Length == 0 ? v.Key : $"{path}.{v.Key}", v.Key))),
        JsonArray items => items.Index().SelectMany(i => Fields(i.Item, $"{path}[{NameOf(i.Item) ?? i.Index.ToString(System.Globalization.CultureInfo.InvariantCulture)}]")),
        JsonValue value when value.GetValueKind() == JsonValueKind.String => [(path, value.GetValue<string>())],
        _ => [],
    };

    private static string? NameOf(JsonNode? item) => item is JsonObject named && named["name"] is JsonValue name && name.GetValueKind() == JsonValueKind.String ? name.GetValue<string>() : null;

    /// <summary>What is changed as a whole: <c>rules[leaver]</c>, <c>service.contacts</c>.</summary>
    private static string PartOf(string path) =>
        path.IndexOf(']', StringComparison.Ordinal) is var end and > 0 && path.IndexOf('.', StringComparison.Ordinal) is var dot && (dot < 0 || path.IndexOf('[', StringComparison.Ordinal) < dot) ? path[..(end + 1)]
        : path.IndexOf('[', StringComparison.Ordinal) is var list and > 0 ? path[..list]
        : path;

    private static PersonPlaceKind KindOf(string part) =>
        part == "service.contacts" ? PersonPlaceKind.Contact
        : part.IndexOf('[', StringComparison.Ordinal) is var list and > 0 ? Kinds.GetValueOrDefault(part[..list], PersonPlaceKind.Setting)
        : PersonPlaceKind.Setting;
}
