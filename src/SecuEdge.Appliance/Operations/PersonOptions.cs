using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Privacy;
using SecuEdge.Appliance.Settings;
using SecuEdge.Store.Accounts;

namespace SecuEdge.Appliance.Operations;

/// <summary>
/// What of the settings and of access goes with a person when it is asked for by name: the mailbox in its list, and the user. By the usual
/// ways, so that it needs the usual rights and is audited and numbered like any other change.
/// </summary>
internal sealed class PersonOptions(SiteEditor editor, SiteHolder sites, UserOperations users, PersonAccess access, Pseudonyms pseudonyms)
{
    /// <returns>Why it will not be done; null when it can.</returns>
    public async Task<OperationProblem?> RefusalAsync(Caller caller, Person person, PersonErasure request, CancellationToken cancellationToken)
    {
        IReadOnlyList<Account> accounts = request.Account ? access.Accounts(person) : [];
        if (accounts.Count > 0 && !caller.May(Permission.AccessManage, person.Tenant, sites.Current))
        {
            return new OperationProblem(OperationFailure.Forbidden, $"the user can only be deleted by whoever has accessManage on '{person.Tenant}'; ask again without account", "account");
        }

        if (accounts.Select(a => users.RefusedDeletion(caller, a)).FirstOrDefault(r => r is not null) is { } refusal)
        {
            return refusal;
        }

        return request.Recipient ? (await ChangeAsync(caller, person, plan: true, cancellationToken)).Problem : null;
    }

    /// <returns>Why not all was done; null when it was.</returns>
    public async Task<OperationProblem?> ApplyAsync(Caller caller, Person person, PersonErasure request, CancellationToken cancellationToken)
    {
        foreach (var account in request.Account ? access.Accounts(person) : [])
        {
            if ((await users.DeleteAsync(caller, account.Name, cancellationToken, pseudonyms.Of(person.Tenant).Address(person.Address))).Problem is { } problem)
            {
                return problem;
            }
        }

        return request.Recipient ? (await ChangeAsync(caller, person, plan: false, cancellationToken)).Problem : null;
    }

    /// <summary>Neither the revision nor the audit entry names the address once more.</summary>
    private Task<Outcome<SiteChange>> ChangeAsync(Caller caller, Person person, bool plan, CancellationToken cancellationToken)
    {
        var pseudonym = pseudonyms.Of(person.Tenant).Address(person.Address);
        return editor.ChangeAsync(
            caller,
            "a person's mailbox taken out",
            site => site.FindTenant(person.Tenant) is { } route
                ? new Outcome<IReadOnlyList<TenantChange>>([TenantChange.Of(site, route.Tenant.Name, PersonSettings.Without(route.Tenant, person.Mention))], null)
                : SiteEditor.NoTenant(person.Tenant),
            _ => [new Deed(caller, "recipients.change", person.Tenant, pseudonym, "Takes a person's mailbox out of the list.")],
            placeOf: null,
            plan,
            cancellationToken);
    }
}
