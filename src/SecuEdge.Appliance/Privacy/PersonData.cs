using System.Runtime.CompilerServices;
using SecuEdge.Appliance.Settings;
using SecuEdge.Filter.Policy.Rules;
using SecuEdge.Store.Audit;
using SecuEdge.Store.Facts;
using SecuEdge.Store.MessageLog;
using SecuEdge.Store.Quarantine;
using SecuEdge.Store.Refusals;
using SecuEdge.Store.Usage;

namespace SecuEdge.Appliance.Privacy;

/// <summary>Finds what is kept about one address of a tenant, in each store.</summary>
internal sealed class PersonData(
    IMessageUpkeep upkeep, IMessageLog messageLog, IQuarantine quarantine, IUsageLog usage, AuditLog audit, IFactsLog facts, RefusalLog refusals, PersonAccess access)
{
    /// <summary>By the envelope, and copies that rules or people made of those, which name the sender in the header alone.</summary>
    public async IAsyncEnumerable<MessageRecord> MessagesAsync(Person person, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var address in person.Spellings)
        {
            await foreach (var record in upkeep.OfPersonAsync(person.Tenant, address, cancellationToken))
            {
                if (seen.Add(record.Reference))
                {
                    yield return record;
                }

                foreach (var reference in record.Events.Select(e => e.Related).OfType<string>().Where(seen.Add))
                {
                    if (await messageLog.FindAsync(reference, cancellationToken) is { } copy && IsNamedIn(copy, person))
                    {
                        yield return copy;
                    }
                }
            }
        }
    }

    public async IAsyncEnumerable<QuarantineEntry> QuarantineAsync(Person person, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var query in person.Spellings.SelectMany(a => new QuarantineQuery[] { new() { Recipient = a }, new() { Sender = a } }))
        {
            string? cursor = null;
            do
            {
                var page = await quarantine.ListAsync(query with { Tenant = person.Tenant, Limit = 200, Cursor = cursor }, cancellationToken);
                foreach (var entry in page.Items.Where(e => seen.Add(e.Reference)))
                {
                    yield return entry;
                }

                cursor = page.Next;
            }
            while (cursor is not null);
        }
    }

    public IAsyncEnumerable<PolicyFacts> FactsAsync(Person person, CancellationToken cancellationToken) =>
        facts.ReadAsync(new HashSet<string>(StringComparer.OrdinalIgnoreCase) { person.Tenant }, DateTimeOffset.MinValue, DateTimeOffset.MaxValue, cancellationToken)
            .Where(f => IsAbout(f, person));

    public IAsyncEnumerable<Refusal> RefusalsAsync(Person person, CancellationToken cancellationToken) =>
        refusals.ReadAsync(new RefusalQuery { Tenant = person.Tenant }, cancellationToken).Where(r => IsAbout(r, person));

    public async Task<IReadOnlyList<UsedMailbox>> UsageAsync(Person person, CancellationToken cancellationToken)
    {
        List<UsedMailbox> found = [];
        foreach (var address in person.Spellings)
        {
            found.AddRange(await usage.FindMailboxAsync(person.Tenant, address, cancellationToken));
        }

        return found;
    }

    /// <summary>Entries of the tenant that the person made, under whatever name, or that name the address.</summary>
    public IAsyncEnumerable<AuditEntry> AuditAsync(Person person, CancellationToken cancellationToken)
    {
        var names = access.Accounts(person).Select(a => a.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return audit.ReadAsync(new AuditQuery { Tenants = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { person.Tenant } }, cancellationToken)
            .Where(e => names.Contains(e.Actor) || new[] { e.Actor, e.Target, e.Detail, e.Reason }.Any(person.Mention.In))
            .Select(e => e.InPart());
    }

    public static bool IsAbout(Refusal refusal, Person person) =>
        refusal.Tenant.Equals(person.Tenant, StringComparison.OrdinalIgnoreCase)
        && (person.Mention.Is(refusal.Recipient) || person.Mention.Is(refusal.Sender));

    public static bool IsAbout(PolicyFacts facts, Person person) =>
        facts.Recipients.Append(facts.Sender).Append(facts.HeaderFrom).Any(person.Mention.Is);

    private static bool IsNamedIn(MessageRecord record, Person person) =>
        record.Tenant.Equals(person.Tenant, StringComparison.OrdinalIgnoreCase) && !record.IsPseudonymised && person.Mention.In(record.HeaderFrom);
}

/// <summary>An address under a tenant: only there somebody is responsible for it.</summary>
internal sealed record Person
{
    /// <param name="address">In either spelling of its domain.</param>
    public Person(string tenant, string address)
    {
        Tenant = tenant;
        var (local, domain) = (address[..(address.LastIndexOf('@') + 1)], address[(address.LastIndexOf('@') + 1)..]);
        Address = local + DomainName.Canonical(domain);
        Spellings = [.. new[] { Address, local + DomainName.Readable(domain) }.Distinct(StringComparer.OrdinalIgnoreCase)];
        Mention = new PersonMention(Spellings);
    }

    public string Tenant { get; }

    /// <summary>With A-labels (RFC 5890 §2.3.2.1), as settings have it.</summary>
    public string Address { get; }

    /// <summary>As clients may have sent it: with A-labels and, where they differ, with U-labels.</summary>
    public IReadOnlyList<string> Spellings { get; }

    public PersonMention Mention { get; }
}
