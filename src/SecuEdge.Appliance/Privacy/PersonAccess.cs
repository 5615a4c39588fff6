using SecuEdge.Store.Accounts;

namespace SecuEdge.Appliance.Privacy;

/// <summary>Finds a person among those who sign in under a tenant, and in what they made.</summary>
internal sealed class PersonAccess(AccountStore store)
{
    private const string UserStays = "Somebody who signs in. Ask with account=true, or DELETE /api/v1/users/NAME: his sessions and the tokens he made end with it.";
    private const string UserGoes = "Deleted with all sessions, passkeys and the tokens he made, because it was asked for.";
    private const string DeputyStays = "Somebody else, who may look after the mailbox, too. Take that role from him with PATCH /api/v1/users/NAME.";
    private const string TokenStays = "Programs work with it. Delete it with DELETE /api/v1/tokens/NAME when nobody needs it any more.";
    private const string DelegationStays = "Says who lent access to whom. End it with DELETE /api/v1/delegations/ID; it goes when it has run out.";

    /// <summary>Users of the tenant who are the person: whose name or address it is, or who sign in for nothing but the mailbox.</summary>
    public IReadOnlyList<Account> Accounts(Person person) => [.. Here(person).Where(a => IsThePerson(a, person))];

    /// <param name="isAccountErased">Whether the user is to be deleted.</param>
    public IEnumerable<PersonPlace> Find(Person person, bool isAccountErased)
    {
        var accounts = Accounts(person);
        foreach (var account in accounts)
        {
            yield return Of(PersonPlaceKind.User, account.Name, isAccountErased, UserGoes, UserStays);
        }

        foreach (var deputy in Here(person).Where(a => !IsThePerson(a, person) && a.Roles.Any(r => person.Mention.Is(r.Address))))
        {
            yield return Of(PersonPlaceKind.User, deputy.Name, isErased: false, UserGoes, DeputyStays);
        }

        var ids = accounts.Select(a => a.Id).ToHashSet(StringComparer.Ordinal);
        var names = accounts.Select(a => a.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var token in store.Tokens.Where(t => IsHere(t.Node, person)).OrderBy(t => t.Name, StringComparer.Ordinal))
        {
            var isMade = token.CreatorId is { } creator && ids.Contains(creator);
            if (isMade || names.Contains(token.CreatedBy) || person.Mention.In(token.CreatedBy) || person.Mention.In(token.Name) || person.Mention.In(token.Comment))
            {
                yield return Of(PersonPlaceKind.Token, token.Name, isMade && isAccountErased, UserGoes, TokenStays);
            }
        }

        foreach (var delegation in store.Delegations.Where(d => IsHere(d.Node, person)).OrderBy(d => d.Id, StringComparer.Ordinal))
        {
            var isHis = delegation.AccountId is { } lent && ids.Contains(lent);
            if (isHis || new[] { delegation.UserName, delegation.CreatedBy }.Any(n => names.Contains(n) || person.Mention.In(n)) || person.Mention.In(delegation.Consent))
            {
                yield return Of(PersonPlaceKind.Delegation, delegation.Id, isHis && isAccountErased, UserGoes, DelegationStays);
            }
        }
    }

    private IEnumerable<Account> Here(Person person) => store.Accounts.Where(a => IsHere(a.Node, person)).OrderBy(a => a.Name, StringComparer.Ordinal);

    private static bool IsThePerson(Account account, Person person) =>
        person.Mention.Is(account.Name) || person.Mention.Is(account.Email) || (account.Roles.Count > 0 && account.Roles.All(r => person.Mention.Is(r.Address)));

    private static PersonPlace Of(PersonPlaceKind kind, string name, bool isErased, string goes, string stays) => new()
    {
        Kind = kind,
        Name = name,
        Count = 1,
        OnErase = isErased ? PersonOutcome.Erased : PersonOutcome.Stays,
        Why = isErased ? goes : stays,
    };

    private static bool IsHere(string node, Person person) => node.Equals(person.Tenant, StringComparison.OrdinalIgnoreCase);
}
