using SecuEdge.Appliance.Convictions;
using SecuEdge.Appliance.Directories;
using SecuEdge.Appliance.Settings;
using SecuEdge.Appliance.Settings.Recipients;
using SecuEdge.Appliance.Webhooks;
using SecuEdge.Store.Settings;

namespace SecuEdge.Appliance.Privacy;

/// <summary>Every place outside mail and its log where a person is found, with what erasing does to it.</summary>
internal sealed class PersonPlaces(
    SiteHolder sites, PersonAccess access, DirectoryShelf directories, WebhookStore webhooks, RetroVerdicts retroVerdicts, ISettingsStore settings)
{
    /// <summary>Revisions looked through, latest first: each is read from disk.</summary>
    private const int MaxRevisions = 1000;

    private const string DirectoryStays = "Read again and again: whoever is taken out of the directory itself is gone here with its next reading.";
    private const string RevisionStays = "Former settings, to be rolled back to; they go with the tenant. Comments and authors stand there, too.";
    private const string WebhookStays = "Names the person in its name or its address; change it where it is made.";
    private const string EventsStay = "What waits goes when it is told, or after some days; of deliveries the latest 100 are kept.";
    private const string RetroVerdictHidden = "Who got a file that was convicted later; the address becomes a pseudonym.";

    public async Task<IReadOnlyList<PersonPlace>> FindAsync(Person person, PersonErasure erasure, CancellationToken cancellationToken)
    {
        List<PersonPlace> found = [.. access.Find(person, erasure.Account)];
        if (sites.Current.FindTenant(person.Tenant) is { } route)
        {
            found.AddRange(PersonSettings.Find(route.Tenant, person.Mention, erasure.Recipient));
            found.AddRange(InDirectories(route, person));
        }

        found.AddRange(InWebhooks(person));
        if (retroVerdicts.All.SelectMany(v => v.Messages).Count(m => IsAbout(m, person)) is var convicted and > 0)
        {
            found.Add(new PersonPlace { Kind = PersonPlaceKind.RetroVerdict, Count = convicted, OnErase = PersonOutcome.Pseudonymised, Why = RetroVerdictHidden });
        }

        if (await RevisionsAsync(person, cancellationToken) is var revisions and > 0)
        {
            found.Add(new PersonPlace { Kind = PersonPlaceKind.Revision, Count = revisions, OnErase = PersonOutcome.Stays, Why = RevisionStays });
        }

        return found;
    }

    public static bool IsAbout(RetroMessage message, Person person) =>
        message.Tenant.Equals(person.Tenant, StringComparison.OrdinalIgnoreCase) && (person.Mention.Is(message.Sender) || message.Recipients.Any(person.Mention.Is));

    /// <summary>The tenant's own, and those of nodes above that a domain of it reads its mailboxes from.</summary>
    private IEnumerable<PersonPlace> InDirectories(TenantRoute route, Person person) =>
        route.Tenant.Directories.Select(d => new DirectoryKey(route.Tenant.Name, d.Name))
            .Concat(route.Domains.Where(d => person.Address.EndsWith("@" + d.Domain.Name, StringComparison.OrdinalIgnoreCase)).Select(d => d.Directory).OfType<DirectoryKey>())
            .Distinct()
            .Where(k => directories.Find(k)?.Knows(person.Address) == true)
            .Select(k => new PersonPlace { Kind = PersonPlaceKind.Directory, Name = k.ToString(), Count = 1, OnErase = PersonOutcome.Stays, Why = DirectoryStays });

    private IEnumerable<PersonPlace> InWebhooks(Person person)
    {
        foreach (var hook in webhooks.All.Where(h => h.Tenant.Equals(person.Tenant, StringComparison.OrdinalIgnoreCase)))
        {
            if (person.Mention.In(hook.Name) || person.Mention.In(hook.Url.OriginalString) || person.Mention.In(Uri.UnescapeDataString(hook.Url.OriginalString)))
            {
                yield return new PersonPlace { Kind = PersonPlaceKind.Webhook, Name = hook.Name, Count = 1, OnErase = PersonOutcome.Stays, Why = WebhookStays };
            }

            if (webhooks.Calls(hook.Key).Count(w => person.Mention.In(w.Body)) + webhooks.Deliveries(hook.Key).Count(d => person.Mention.In(d.Reply)) is var events and > 0)
            {
                yield return new PersonPlace { Kind = PersonPlaceKind.WebhookEvents, Name = hook.Name, Count = events, OnErase = PersonOutcome.Stays, Why = EventsStay };
            }
        }
    }

    private async Task<int> RevisionsAsync(Person person, CancellationToken cancellationToken)
    {
        var names = access.Accounts(person).Select(a => a.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var (found, looked) = (0, 0);
        for (int? below = null; looked < MaxRevisions;)
        {
            var page = await settings.HistoryAsync(new RevisionQuery { Limit = 200, Below = below, Touches = d => IsOf(d, person.Tenant) }, cancellationToken);
            foreach (var header in page.Items)
            {
                var isNamed = names.Contains(header.Author) || person.Mention.In(header.Author) || person.Mention.In(header.Comment);
                found += isNamed || (await settings.FindAsync(header.Number, cancellationToken))?.Changes.Any(c => IsOf(c.Document, person.Tenant) && Names(c, person)) == true ? 1 : 0;
            }

            looked += page.Items.Count;
            if (page.Next is null)
            {
                break;
            }

            below = page.Next;
        }

        return found;
    }

    private static bool IsOf(string document, string tenant) =>
        tenant.Equals(SiteDocuments.OwnerOf(document), StringComparison.OrdinalIgnoreCase);

    /// <summary>Whole addresses anywhere, and the local part alone as lists of mailboxes have it.</summary>
    private static bool Names(DocumentChange change, Person person)
    {
        var listed = $"\"{person.Address[..person.Address.LastIndexOf('@')]}\"";
        return new[] { change.Before, change.After }.Any(t => t is not null && (person.Mention.In(t) || t.Contains(listed, StringComparison.OrdinalIgnoreCase)));
    }
}
