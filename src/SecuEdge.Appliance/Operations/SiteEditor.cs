using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Settings;
using SecuEdge.Appliance.Settings.Recipients;
using SecuEdge.Store.Audit;
using SecuEdge.Store.Settings;

namespace SecuEdge.Appliance.Operations;

/// <summary>
/// The one way a tenant changes: looked at as it is, changed, checked with all it inherits, written down as a revision, and in force on the next
/// message; and in the audit log before all that. One change at a time; readers never wait. Who may do what is <see cref="TenantRights"/>.
/// </summary>
/// <param name="checks">None where no mail flows: what they ask for is not known there.</param>
internal sealed class SiteEditor(ISettingsStore store, SiteHolder holder, Auditor auditor, RevisionBudget budget, IEnumerable<IChangeCheck>? checks = null) : ITenantEditor, IDisposable
{
    private readonly SemaphoreSlim _oneAtATime = new(1, 1);

    /// <summary>Puts the stored site in force; called once at start.</summary>
    /// <returns>Tenants whose settings cannot be used, and whose mail waits; and claims to domains that were settled on the way.</returns>
    public async Task<(IReadOnlyList<UnusableTenant> Unusable, IReadOnlyList<SettledClaim> Settled)> LoadAsync(CancellationToken cancellationToken)
    {
        var (stored, unreadable) = SiteDocuments.Read(store.Documents);
        var (site, settled) = DomainClaims.Settle(stored, StoredRevision);
        var directory = SiteLoader.Load(site, unreadable, store.Documents);
        if (settled.Count > 0)
        {
            // Written down, or the next start might find another one to be the later.
            var (before, after) = (stored.Tenants.ToDictionary(t => t.Name), site.Tenants.ToDictionary(t => t.Name));
            await auditor.DoAsync(
                [.. settled.Select(s => new Deed(Caller.Local, "domain.settle", s.Tenant, s.Domain, s.Note))],
                () => store.SaveAsync(
                    [.. Writes([.. settled.Select(s => s.Tenant).Distinct().Select(n => new TenantChange(n, before[n], after[n]))]).Select(w => w.Write)],
                    "start",
                    "domains stored in two spellings",
                    cancellationToken));
        }

        directory.Number(site.Tenants.Select(t => t.Name), StoredRevision);
        holder.Current = directory;
        return (directory.Unusable, settled);
    }

    /// <param name="edit">What is to be, called while nobody else changes anything; or why it cannot be.</param>
    /// <param name="deedsOf">What the audit log is told before it is done; not asked when nothing changes.</param>
    /// <param name="placeOf">Where errors of a tenant are; by default its own fields are named without more.</param>
    /// <param name="plan">Only say what would change.</param>
    public async Task<Outcome<SiteChange>> ChangeAsync(
        Caller caller,
        string comment,
        Func<SiteDirectory, Outcome<IReadOnlyList<TenantChange>>> edit,
        Func<SiteChange, IReadOnlyList<Deed>> deedsOf,
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

            List<TenantChange> changes =
            [
                .. wanted.Select(c => c.After is null ? c : c with { After = RecipientBook.Keep(c.After, c.Before) })
                    .Where(c => c.Before is null ? c.After is not null : c.After is null || !SiteDocuments.AreSame(c.Before, c.After)),
            ];
            if (changes.Count == 0)
            {
                return new SiteChange([], before, store.Revision, IsApplied: false);
            }

            if ((TenantRights.Refusal(caller, before, changes) ?? UsedName(caller, before, changes) ?? Unknown(before, changes)) is { } refusal)
            {
                return refusal;
            }

            var visible = caller.Visible(Permission.TenantsRead, before);
            var (after, errors) = SiteValidation.TryCompile(
                Apply(before.Site, changes),
                before,
                placeOf ?? (t => changes.Any(c => c.Name == t.Name) ? "" : $"tenants[{t.Name}]."),
                name => visible?.Contains(name) != false || changes.Any(c => c.Name == name));
            if (after is null)
            {
                return Invalid(errors);
            }

            if (NewlyWrong(changes, placeOf) is { Count: > 0 } wrong)
            {
                return Invalid(wrong);
            }

            if (plan)
            {
                return new SiteChange(changes, after, store.Revision, IsApplied: false);
            }

            var writes = Writes(changes);
            if (budget.Spend(caller, before, writes.Select(w => ((w.Change.After is null ? before : after).Top(w.Change.Name), (long)(w.Write.Json?.Length ?? 0)))) is { } tooMany)
            {
                return tooMany;
            }

            var change = new SiteChange(changes, after, store.Revision + 1, IsApplied: true);
            await auditor.DoAsync(
                [.. deedsOf(change).Select(d => d with { Detail = Numbered(d.Detail, change.Revision) })],
                async () =>
                {
                    await store.SaveAsync([.. writes.Select(w => w.Write)], caller.Name, comment, CancellationToken.None);
                    after.Number(changes.Select(c => c.Name), StoredRevision);
                    holder.Current = after;
                });
            return change with { Revision = store.Revision };
        }
        catch (IOException e) when (e is not AuditUnavailableException)
        {
            return new OperationProblem(OperationFailure.Unavailable, "the change could not be stored; check free disk space and try again");
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    public async Task<Outcome<Versioned<Tenant>>> ChangeAsync(
        Caller caller, string tenant, Func<Tenant, Outcome<Tenant>> change, Func<Tenant, Deed> deedOf, string comment, int? expectedRevision, CancellationToken cancellationToken)
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
            made => [deedOf(made.Changes[0].After!)],
            placeOf: null,
            plan: false,
            cancellationToken);
        return outcome.Value is { } done ? Versioned.Of(done.Site.FindTenant(tenant)!) : outcome.Problem!;
    }

    public void Dispose() => _oneAtATime.Dispose();

    /// <summary>Whoever reads the audit log finds the settings before and after under this number.</summary>
    private static string Numbered(string detail, int revision) =>
        $"Revision {revision}" is var number && detail.StartsWith(number, StringComparison.Ordinal) ? detail : $"{number}: {detail}";

    /// <summary>Null when the caller read what is in force.</summary>
    public static OperationProblem? Stale(SiteDirectory site, string tenant, int expected) =>
        (site.FindTenant(tenant)?.Revision ?? 0) is var revision && revision == expected
            ? null
            : new OperationProblem(OperationFailure.Stale, $"revision {revision} of '{tenant}' is in force, not {(expected < 0 ? "the one of If-Match" : expected)}; read it again and repeat your change");

    /// <summary>The same words whether there is none, or none that the caller may know of.</summary>
    public static OperationProblem NoTenant(string name) =>
        new(OperationFailure.NotFound, $"there is no tenant '{name}'; list what there is with GET /api/v1/tenants");

    public static OperationProblem Invalid(IReadOnlyList<string> errors)
    {
        List<FieldError> fields = [.. errors.Select(e => e.Split(": ", 2)).Select(e => e.Length == 2 ? new FieldError(e[0], e[1]) : new FieldError("", e[0]))];
        return new OperationProblem(OperationFailure.Invalid, string.Join("\n", errors), fields[0].Field) { Errors = fields };
    }

    private List<string> NewlyWrong(IReadOnlyList<TenantChange> changes, Func<Tenant, string>? placeOf)
    {
        List<string> wrong = [];
        foreach (var change in changes.Where(c => c.After is not null))
        {
            foreach (var check in checks ?? [])
            {
                check.Check(change.Before, change.After!, placeOf?.Invoke(change.After!) ?? "", wrong);
            }
        }

        return wrong;
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

    /// <summary>A part of what cannot be read cannot be changed: it would be written over by what stands in for it.</summary>
    private static OperationProblem? Unknown(SiteDirectory site, IReadOnlyList<TenantChange> changes) =>
        changes.Where(c => c.After is not null && !c.IsWhole).Select(c => site.Unusable.FirstOrDefault(u => u.Name == c.Name)).FirstOrDefault(u => u is not null) is { } unusable
            ? new OperationProblem(
                OperationFailure.Conflict,
                $"the stored settings of '{unusable.Name}' cannot be used ({unusable.Reason}); roll it back with POST /api/v1/config/revisions/NUMBER:rollback?tenant={unusable.Name}, import it anew, or delete it")
            : null;

    private int StoredRevision(string tenant) => store.Documents.GetValueOrDefault(SiteDocuments.NameOf(tenant))?.Revision ?? 0;

    private List<(TenantChange Change, DocumentWrite Write)> Writes(IReadOnlyList<TenantChange> changes)
    {
        var pieces = store.Documents.Keys.Where(RecipientDocuments.IsPiece).ToLookup(RecipientDocuments.TenantOf, StringComparer.Ordinal);
        return [.. changes.SelectMany(c => Writes(c, pieces[c.Name].ToHashSet()), (c, w) => (c, w))];
    }

    private IEnumerable<DocumentWrite> Writes(TenantChange change, IReadOnlySet<string> pieces)
    {
        foreach (var write in SiteDocuments.Writes(change.Name, change.Before, change.After, pieces))
        {
            yield return write;
        }

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
    /// <summary>Whether the new tenant was made without looking at the old one, as a file or a former revision says it.</summary>
    public bool IsWhole { get; init; }

    /// <param name="after">Null deletes it.</param>
    public static TenantChange Of(SiteDirectory site, string name, Tenant? after) => new(name, site.Site.Tenants.FirstOrDefault(t => t.Name == name), after);
}

/// <param name="Changes">What really changes.</param>
/// <param name="Site">As it is, or would be, afterwards.</param>
/// <param name="Revision">In force now.</param>
internal sealed record SiteChange(IReadOnlyList<TenantChange> Changes, SiteDirectory Site, int Revision, bool IsApplied)
{
    /// <summary>Lines beginning with + - or ~.</summary>
    public IReadOnlyList<string> Lines() => SiteDifference.Lines(Differences());

    public IReadOnlyList<SettingChange> Differences() => [.. Changes.SelectMany(c => SiteDifference.Changes(c.Name, c.Before, c.After))];

    /// <summary>For the caller, who compares with what he meant.</summary>
    public SiteImport Told()
    {
        var differences = Differences();
        return new SiteImport(SiteDifference.Lines(differences), IsApplied, Revision) { Differences = SiteDifference.Bounded(differences.Take(SiteImport.MaxDifferences)) };
    }
}
