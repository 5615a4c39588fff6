using SecuEdge.Appliance.Settings;
using SecuEdge.Appliance.Settings.Recipients;

namespace SecuEdge.Appliance.Operations;

/// <summary>The mailboxes of a domain that exist, so that mail to all others is refused while the sender listens.</summary>
internal sealed class RecipientOperations(SiteEditor editor, DomainOperations domains)
{
    private const string Any = "*";

    /// <param name="after">The last one of the page before.</param>
    public Outcome<RecipientPage> List(Caller caller, string domain, int limit, string? after)
    {
        if (domains.Find(caller, domain) is not { } route)
        {
            return DomainOperations.NoDomain(domain);
        }

        if (route.Domain.Recipients is RecipientBook book)
        {
            // Sorted once and not for each page.
            var found = book.After(after is null ? null : RecipientBook.KeyOf(after)).Take(limit + 1).Select(r => Address(r, route.Domain.Name)).ToList();
            return new RecipientPage([.. found.Take(limit)], found.Count > limit ? found[limit - 1] : null, route.Tenant.Revision);
        }

        var page = route.Domain.Recipients.Select(r => Address(r, route.Domain.Name))
            .Where(r => after is null || string.CompareOrdinal(r, after) > 0)
            .Distinct()
            .Order(StringComparer.Ordinal)
            .Take(limit + 1)
            .ToList();
        return new RecipientPage([.. page.Take(limit)], page.Count > limit ? page[limit - 1] : null, route.Tenant.Revision);
    }

    /// <summary>Adds and removes, each by itself: what is wrong is said at its place and the rest is done.</summary>
    /// <param name="replace">Whatever is not added is removed; nothing is done when one is wrong.</param>
    public async Task<Outcome<RecipientChanges>> ChangeAsync(
        Caller caller, string domain, IReadOnlyList<string> add, IReadOnlyList<string> remove, bool replace, int? expectedRevision, CancellationToken cancellationToken)
    {
        if (domains.Find(caller, domain) is not { } route)
        {
            return DomainOperations.NoDomain(domain);
        }

        List<RecipientResult> results = [];
        var outcome = await editor.ChangeAsync(
            caller,
            route.Tenant.Tenant.Name,
            owner =>
            {
                if (owner.Domains.FirstOrDefault(d => d.Name == route.Domain.Name) is not { } current)
                {
                    return DomainOperations.NoDomain(domain);
                }

                (var recipients, results) = current.Recipients is RecipientBook known && !replace ? Apply(known, current.Name, add, remove) : Apply(current, add, remove, replace);
                return replace && results.Any(r => r.Result == RecipientOutcome.Invalid)
                    ? new OperationProblem(OperationFailure.Invalid, "the list was not replaced; mend the addresses named and send it again")
                    {
                        Errors = [.. results.Index().Where(r => r.Item.Result == RecipientOutcome.Invalid).Select(r => new FieldError($"recipients[{r.Index}]", r.Item.Detail!))],
                    }
                    : owner with { Domains = [.. owner.Domains.Select(d => ReferenceEquals(d, current) ? d with { Recipients = recipients } : d)] };
            },
            _ => new Deed(
                caller, "recipients.change", route.Tenant.Tenant.Name, route.Domain.Name, $"{Count(results, RecipientOutcome.Added)} added, {Count(results, RecipientOutcome.Removed)} removed."),
            $"recipients of {route.Domain.Name}",
            expectedRevision,
            cancellationToken);
        if (outcome.Value is not { } changed)
        {
            return outcome.Problem!;
        }

        var isOpen = domains.Find(caller, domain) is { } now && now.Domain.Recipients.Contains(Any);
        return new RecipientChanges(results, changed.Revision)
        {
            Warning = isOpen ? $"'{Any}' is in the list of {domain}, so that every address is accepted, listed or not; take it out with \"remove\":[\"{Any}\"]" : null,
        };
    }

    private static int Count(List<RecipientResult> results, RecipientOutcome outcome) => results.Count(r => r.Result == outcome);

    private static (IReadOnlyList<string> Recipients, List<RecipientResult> Results) Apply(Domain domain, IReadOnlyList<string> add, IReadOnlyList<string> remove, bool replace)
    {
        // A file may name one twice.
        var before = domain.Recipients.DistinctBy(r => Address(r, domain.Name)).ToDictionary(r => Address(r, domain.Name), r => r, StringComparer.Ordinal);
        var after = replace ? [] : new Dictionary<string, string>(before, StringComparer.Ordinal);
        var results = new List<RecipientResult>();
        foreach (var address in add)
        {
            if (TenantValidation.AddressTrouble(address, domain.Name) is { } trouble)
            {
                results.Add(new RecipientResult(address, RecipientOutcome.Invalid, trouble));
                continue;
            }

            var key = Address(address, domain.Name);
            after.TryAdd(key, before.GetValueOrDefault(key, LocalName(address)));
            results.Add(new RecipientResult(address, before.ContainsKey(key) ? RecipientOutcome.Existed : RecipientOutcome.Added, null));
        }

        foreach (var address in replace ? before.Keys.Where(k => !after.ContainsKey(k)) : remove)
        {
            var key = Address(address, domain.Name);
            results.Add(new RecipientResult(address, after.Remove(key) || replace ? RecipientOutcome.Removed : RecipientOutcome.Absent, null));
        }

        return ([.. after.Values], results);
    }

    /// <summary>The same for a long list, of which only what changes is looked at.</summary>
    private static (IReadOnlyList<string> Recipients, List<RecipientResult> Results) Apply(RecipientBook book, string domain, IReadOnlyList<string> add, IReadOnlyList<string> remove)
    {
        var (added, removed) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        var results = new List<RecipientResult>();
        foreach (var address in add)
        {
            if (TenantValidation.AddressTrouble(address, domain) is { } trouble)
            {
                results.Add(new RecipientResult(address, RecipientOutcome.Invalid, trouble));
                continue;
            }

            var key = RecipientBook.KeyOf(address);
            var existed = book.Contains(key);
            results.Add(new RecipientResult(address, existed ? RecipientOutcome.Existed : RecipientOutcome.Added, null));
            if (!existed)
            {
                added.Add(key);
            }
        }

        foreach (var address in remove)
        {
            var key = RecipientBook.KeyOf(address);
            var existed = added.Remove(key) || (book.Contains(key) && removed.Add(key));
            results.Add(new RecipientResult(address, existed ? RecipientOutcome.Removed : RecipientOutcome.Absent, null));
        }

        return (added.Count + removed.Count == 0 ? book : book.With(added, removed), results);
    }

    private static string LocalName(string address) => address == Any ? Any : DomainRoute.LocalPart(address);

    /// <summary>As lists show it: the whole address, lower-case; <c>*</c> as it is.</summary>
    private static string Address(string recipient, string domain) =>
        recipient == Any ? Any : $"{DomainRoute.LocalPart(recipient)}@{domain}".ToLowerInvariant();
}

/// <summary>Some recipients in the order of their addresses.</summary>
internal sealed record RecipientPage(IReadOnlyList<string> Items, string? Next, int Revision);

/// <summary>What a change of the list did.</summary>
/// <param name="Results">One for each address sent, in their order; after a replacement, those removed follow.</param>
/// <param name="Revision">Of the tenant afterwards.</param>
public sealed record RecipientChanges(IReadOnlyList<RecipientResult> Results, int Revision)
{
    /// <summary>Why the list does not do what a list is for; absent when it does.</summary>
    public string? Warning { get; init; }
}

/// <summary>What became of one address.</summary>
/// <param name="Detail">What is wrong with it, when it is invalid.</param>
public sealed record RecipientResult(string Address, RecipientOutcome Result, string? Detail);

public enum RecipientOutcome
{
    Added,

    /// <summary>It was there already.</summary>
    Existed,
    Removed,

    /// <summary>It was to be removed and was not there.</summary>
    Absent,

    /// <summary>Not an address of the domain.</summary>
    Invalid,
}
