using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Settings;
using SecuEdge.Store.Settings;

namespace SecuEdge.Appliance.Operations;

/// <summary>
/// The one way a tenant changes: looked at as it is, changed, checked with all it inherits, written down as a revision, and in force on the next
/// message. One change at a time; readers never wait. Who may do what is <see cref="TenantRights"/>.
/// </summary>
internal sealed class SiteEditor(ISettingsStore store, SiteHolder holder, RevisionBudget budget) : ITenantEditor, IDisposable
{
    private readonly SemaphoreSlim _oneAtATime = new(1, 1);

    /// <summary>Puts the stored site in force; called once at start.</summary>
    /// <returns>Why the stored site is not usable, empty when it is; and claims to domains that were settled on the way.</returns>
    public async Task<(IReadOnlyList<string> Errors, IReadOnlyList<SettledClaim> Settled)> LoadAsync(CancellationToken cancellationToken)
    {
        var (stored, errors) = SiteDocuments.Read(store.Documents);
        if (errors.Count > 0)
        {
            return (errors, []);
        }

        var (site, settled) = DomainClaims.Settle(stored, StoredRevision);
        var (directory, wrong) = SiteValidation.TryCompile(site, null, tenant => $"{SiteDocuments.NameOf(tenant.Name)}: ");
        if (directory is null)
        {
            return (wrong, []);
        }

        if (settled.Count > 0)
        {
            // Written down, or the next start might find another one to be the later.
            var names = settled.Select(s => s.Tenant).ToHashSet(StringComparer.Ordinal);
            await store.SaveAsync(
                [.. site.Tenants.Where(t => names.Contains(t.Name)).Select(t => new DocumentWrite(SiteDocuments.NameOf(t.Name), SiteDocuments.Write(t)))],
                "start",
                "domains stored in two spellings",
                cancellationToken);
        }

        directory.Number(site.Tenants.Select(t => t.Name), StoredRevision);
        holder.Current = directory;
        return ([], settled);
    }

    /// <param name="edit">What is to be, called while nobody else changes anything; or why it cannot be.</param>
    /// <param name="placeOf">Where errors of a tenant are; by default its own fields are named without more.</param>
    /// <param name="plan">Only say what would change.</param>
    public async Task<Outcome<SiteChange>> ChangeAsync(
        Caller caller,
        string comment,
        Func<SiteDirectory, Outcome<IReadOnlyList<TenantChange>>> edit,
        Func<Tenant, string>? placeOf,
        bool plan,
        CancellationToken cancellationToken)
    {
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            var before = holder.Current;
            var edited = edit(before);
            if (edited.Value is not { } wanted)
            {
                return edited.Problem!;
            }

            List<TenantChange> changes = [.. wanted.Where(c => c.Before is null ? c.After is not null : c.After is null || !SiteDocuments.AreSame(c.Before, c.After))];
            if (changes.Count == 0)
            {
                return new SiteChange([], before, store.Revision, IsApplied: false);
            }

            if ((TenantRights.Refusal(caller, before, changes) ?? UsedName(caller, before, changes)) is { } refusal)
            {
                return refusal;
            }

            var visible = caller.Visible(Permission.TenantsRead, before);
            var (after, errors) = SiteValidation.TryCompile(
                Apply(before.Site, changes),
                before,
                placeOf ?? (t => changes.Any(c => c.Name == t.Name) ? "" : $"tenants[{t.Name}]."),
                name => visible?.Contains(name) != false);
            if (after is null)
            {
                return Invalid(errors);
            }

            if (!plan)
            {
                List<(string Top, DocumentWrite Write)> writes = [.. changes.SelectMany(c => Writes(c), (c, w) => ((c.After is null ? before : after).Top(c.Name), w))];
                if (budget.Spend(caller, before, writes.Select(w => (w.Top, (long)(w.Write.Json?.Length ?? 0)))) is { } tooMany)
                {
                    return tooMany;
                }

                await store.SaveAsync(
                    [.. writes.Select(w => w.Write)],
                    caller.Name,
                    comment,
                    cancellationToken);
                after.Number(changes.Select(c => c.Name), StoredRevision);
                holder.Current = after;
            }

            return new SiteChange(changes, after, store.Revision, IsApplied: !plan);
        }
        catch (IOException)
        {
            return new OperationProblem(OperationFailure.Unavailable, "the change could not be stored; check free disk space and try again");
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    public async Task<Outcome<Versioned<Tenant>>> ChangeAsync(
        Caller caller, string tenant, Func<Tenant, Outcome<Tenant>> change, string comment, int? expectedRevision, CancellationToken cancellationToken)
    {
        var outcome = await ChangeAsync(
            caller,
            comment,
            site =>
            {
                if (site.FindTenant(tenant)?.Tenant is not { } before)
                {
                    return NoTenant(tenant);
                }

                if (expectedRevision is { } expected && Stale(site, before.Name, expected) is { } stale)
                {
                    return stale;
                }

                var outcome = change(before);
                return outcome.Value is not { } changed ? outcome.Problem! : new Outcome<IReadOnlyList<TenantChange>>([TenantChange.Of(site, before.Name, changed)], null);
            },
            placeOf: null,
            plan: false,
            cancellationToken);
        return outcome.Value is { } done ? Versioned.Of(done.Site.FindTenant(tenant)!) : outcome.Problem!;
    }

    public void Dispose() => _oneAtATime.Dispose();

    /// <summary>Null when the caller read what is in force.</summary>
    public static OperationProblem? Stale(SiteDirectory site, string tenant, int expected) =>
        (site.FindTenant(tenant)?.Revision ?? 0) is var revision && revision == expected
            ? null
            : new OperationProblem(OperationFailure.Stale, $"revision {revision} of '{tenant}' is in force, not {expected}; read it again and repeat your change");

    /// <summary>The same words whether there is none, or none that the caller may know of.</summary>
    public static OperationProblem NoTenant(string name) =>
        new(OperationFailure.NotFound, $"there is no tenant '{name}'; list what there is with GET /api/v1/tenants");

    public static OperationProblem Invalid(IReadOnlyList<string> errors)
    {
        List<FieldError> fields = [.. errors.Select(e => e.Split(": ", 2)).Select(e => e.Length == 2 ? new FieldError(e[0], e[1]) : new FieldError("", e[0]))];
        return new OperationProblem(OperationFailure.Invalid, string.Join("\n", errors), fields[0].Field) { Errors = fields };
    }

    /// <summary>Stories, quarantine and history are found by name: a name that was somebody else's is only for the provider to give again.</summary>
    private OperationProblem? UsedName(Caller caller, SiteDirectory site, IReadOnlyList<TenantChange> changes)
    {
        if (caller.May(Permission.SystemManage, Tenant.Root, site))
        {
            return null;
        }

        foreach (var (name, _, after) in changes.Where(c => c.Before is null))
        {
            var formerParent = SiteDocuments.FormerParent(store.Documents.GetValueOrDefault(SiteDocuments.TombstoneOf(name)));
            if (formerParent is not null && !formerParent.Equals(after!.Parent ?? Tenant.Root, StringComparison.OrdinalIgnoreCase))
            {
                return new OperationProblem(OperationFailure.Conflict, $"the name '{name}' is taken; choose another one", "name");
            }
        }

        return null;
    }

    private int StoredRevision(string tenant) => store.Documents.GetValueOrDefault(SiteDocuments.NameOf(tenant))?.Revision ?? 0;

    private IEnumerable<DocumentWrite> Writes(TenantChange change)
    {
        yield return new DocumentWrite(SiteDocuments.NameOf(change.Name), change.After is null ? null : SiteDocuments.Write(change.After));
        var tombstone = SiteDocuments.TombstoneOf(change.Name);
        if (change.After is null)
        {
            yield return new DocumentWrite(tombstone, SiteDocuments.WriteTombstone(change.Before!));
        }
        else if (change.Before is null && store.Documents.ContainsKey(tombstone))
        {
            yield return new DocumentWrite(tombstone, null);
        }
    }

    /// <summary>Tenants in the order of their names, so that the export is the same however they came.</summary>
    private static Site Apply(Site site, IReadOnlyList<TenantChange> changes)
    {
        var tenants = site.Tenants.ToDictionary(t => t.Name, StringComparer.Ordinal);
        foreach (var change in changes)
        {
            if (change.After is null)
            {
                tenants.Remove(change.Name);
            }
            else
            {
                tenants[change.Name] = change.After;
            }
        }

        return new Site { Tenants = [.. tenants.Values.OrderBy(t => t.Name, StringComparer.Ordinal)] };
    }
}

/// <summary>A tenant before and after; null where there was or will be none.</summary>
internal sealed record TenantChange(string Name, Tenant? Before, Tenant? After)
{
    /// <param name="after">Null deletes it.</param>
    public static TenantChange Of(SiteDirectory site, string name, Tenant? after) => new(name, site.Site.Tenants.FirstOrDefault(t => t.Name == name), after);
}

/// <param name="Changes">What really changes.</param>
/// <param name="Site">As it is, or would be, afterwards.</param>
/// <param name="Revision">In force now.</param>
internal sealed record SiteChange(IReadOnlyList<TenantChange> Changes, SiteDirectory Site, int Revision, bool IsApplied)
{
    /// <summary>Lines beginning with + - or ~.</summary>
    public IReadOnlyList<string> Lines() => [.. Changes.SelectMany(c => SiteDifference.Between(c.Name, c.Before, c.After))];
}
