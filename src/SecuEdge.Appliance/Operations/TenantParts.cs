using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Settings;

namespace SecuEdge.Appliance.Operations;

/// <summary>One list of a tenant's record whose items have names: where it is, and what an item is called.</summary>
/// <param name="Noun">As in sentences: <c>rule</c>.</param>
/// <param name="Action">As in the audit log: <c>rule</c>, <c>wordList</c>.</param>
internal sealed record TenantPart<T>(
    string Noun, string Action, Func<Tenant, IReadOnlyList<T>> Read, Func<Tenant, IReadOnlyList<T>, Tenant> Write, Func<T, string> NameOf)
    where T : class;

/// <summary>Shows and changes rules, objects, word lists, groups, holidays and notice templates of a tenant, one at a time.</summary>
internal sealed class TenantParts(ITenantEditor editor, SiteHolder sites)
{
    /// <param name="after">Name of the last one of the page before.</param>
    public Outcome<(IReadOnlyList<T> Items, string? Next)> List<T>(Caller caller, string tenant, TenantPart<T> part, int limit, string? after)
        where T : class
    {
        if (Find(caller, tenant) is not { Tenant: var found })
        {
            return SiteEditor.NoTenant(tenant);
        }

        var page = part.Read(found)
            .Where(i => after is null || string.CompareOrdinal(part.NameOf(i), after) > 0)
            .OrderBy(part.NameOf, StringComparer.Ordinal)
            .Take(limit + 1)
            .ToList();
        return ((IReadOnlyList<T>)[.. page.Take(limit)], page.Count > limit ? part.NameOf(page[limit - 1]) : null);
    }

    public Outcome<Versioned<T>> Get<T>(Caller caller, string tenant, TenantPart<T> part, string name)
        where T : class =>
        Find(caller, tenant) is not { } found ? SiteEditor.NoTenant(tenant)
        : part.Read(found.Tenant).FirstOrDefault(i => part.NameOf(i) == name) is { } item ? new Versioned<T>(item, found.Revision)
        : None(part, tenant, name);

    /// <summary>Replaces the item of that name where it stands, or adds it at the end.</summary>
    public async Task<Outcome<Versioned<T>>> PutAsync<T>(
        Caller caller, string tenant, TenantPart<T> part, string name, string json, int? expectedRevision, CancellationToken cancellationToken)
        where T : class
    {
        if (Find(caller, tenant) is null)
        {
            return SiteEditor.NoTenant(tenant);
        }

        var (item, errors) = SiteJson.Parse<T>(json);
        if (item is null)
        {
            return SiteEditor.Invalid(errors);
        }

        if (part.NameOf(item) != name)
        {
            return new OperationProblem(OperationFailure.Invalid, $"the {part.Noun} is called '{part.NameOf(item)}', the address says '{name}'; make them the same", "name");
        }

        var index = 0;
        var outcome = await editor.ChangeAsync(
            caller,
            tenant,
            before =>
            {
                var items = part.Read(before);
                index = items.TakeWhile(i => part.NameOf(i) != name).Count();
                return part.Write(before, items.Any(i => part.NameOf(i) == name) ? [.. items.Select(i => part.NameOf(i) == name ? item : i)] : [.. items, item]);
            },
            _ => new Deed(caller, $"{part.Action}.put", tenant, name, $"{part.Noun} '{name}' was set."),
            $"{part.Noun} {name} set",
            expectedRevision,
            cancellationToken);
        return outcome.Value is { } changed ? new Versioned<T>(item, changed.Revision) : outcome.Problem!.At(f => Inner(f, $"{part.Action}s[{index}]."));
    }

    public async Task<Outcome<string>> DeleteAsync<T>(
        Caller caller, string tenant, TenantPart<T> part, string name, int? expectedRevision, CancellationToken cancellationToken)
        where T : class
    {
        if (Get(caller, tenant, part, name).Problem is { } missing)
        {
            return missing;
        }

        var outcome = await editor.ChangeAsync(
            caller,
            tenant,
            before => part.Write(before, [.. part.Read(before).Where(i => part.NameOf(i) != name)]),
            _ => new Deed(caller, $"{part.Action}.delete", tenant, name, $"{part.Noun} '{name}' was deleted."),
            $"{part.Noun} {name} deleted",
            expectedRevision,
            cancellationToken);
        return outcome.Problem is { } problem ? problem : name;
    }

    private static string Inner(string field, string place) => field.StartsWith(place, StringComparison.Ordinal) ? field[place.Length..] : field;

    private TenantRoute? Find(Caller caller, string tenant) =>
        sites.Current.FindTenant(tenant) is { } route && caller.May(Permission.PolicyRead, route.Tenant.Name, sites.Current) ? route : null;

    private static OperationProblem None<T>(TenantPart<T> part, string tenant, string name)
        where T : class => new(OperationFailure.NotFound, $"'{tenant}' has no {part.Noun} '{name}' of its own");
}
