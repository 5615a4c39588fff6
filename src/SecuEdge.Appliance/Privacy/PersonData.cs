using System.Runtime.CompilerServices;
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
    IMessageUpkeep upkeep, IQuarantine quarantine, IUsageLog usage, AuditLog audit, IFactsLog facts, RefusalLog refusals, PersonAccess access)
{
    public IAsyncEnumerable<MessageRecord> MessagesAsync(Person person, CancellationToken cancellationToken) =>
        upkeep.OfPersonAsync(person.Tenant, person.Address, cancellationToken);

    public async IAsyncEnumerable<QuarantineEntry> QuarantineAsync(Person person, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var query in (QuarantineQuery[])[new() { Recipient = person.Address }, new() { Sender = person.Address }])
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

    public Task<IReadOnlyList<UsedMailbox>> UsageAsync(Person person, CancellationToken cancellationToken) =>
        usage.FindMailboxAsync(person.Tenant, person.Address, cancellationToken);

    /// <summary>Entries of the tenant that the person made, under whatever name, or that name the address.</summary>
    public IAsyncEnumerable<AuditEntry> AuditAsync(Person person, CancellationToken cancellationToken)
    {
        var names = access.Accounts(person).Select(a => a.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return audit.ReadAsync(new AuditQuery { Tenants = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { person.Tenant } }, cancellationToken)
            .Where(e => names.Contains(e.Actor) || new[] { e.Actor, e.Target, e.Detail, e.Reason }.Any(person.Mention.In));
    }

    public static bool IsAbout(Refusal refusal, Person person) =>
        refusal.Tenant.Equals(person.Tenant, StringComparison.OrdinalIgnoreCase)
        && (refusal.Recipient.Equals(person.Address, StringComparison.OrdinalIgnoreCase) || refusal.Sender.Equals(person.Address, StringComparison.OrdinalIgnoreCase));

    public static bool IsAbout(PolicyFacts facts, Person person) =>
        facts.Recipients.Append(facts.Sender).Append(facts.HeaderFrom).Any(a => a.Equals(person.Address, StringComparison.OrdinalIgnoreCase));
}

/// <summary>An address under a tenant: only there somebody is responsible for it.</summary>
internal sealed record Person(string Tenant, string Address)
{
    public PersonMention Mention { get; } = new(Address);
}
