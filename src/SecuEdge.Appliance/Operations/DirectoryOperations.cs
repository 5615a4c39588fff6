using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Directories;
using SecuEdge.Appliance.Settings;
using SecuEdge.Store.Audit;

namespace SecuEdge.Appliance.Operations;

/// <summary>Shows, changes and reads directories of tenants. One of a node that the caller may not see does not exist for him.</summary>
internal sealed class DirectoryOperations(
    ITenantEditor editor, SiteHolder sites, DirectorySync sync, DirectoryShelf shelf, DirectorySecrets secrets, DirectoryStates states, Auditor auditor)
{
    /// <summary>Entries that a test shows: enough to see whether the right people were found.</summary>
    private const int ShownEntries = 5;

    private const string Nobody = "no address was found; check peopleFilter, base and what the account may see";

    public IEnumerable<ListedDirectory> List(Caller caller, string? tenant)
    {
        var site = sites.Current;
        var visible = caller.Visible(Permission.TenantsRead, site);
        return site.Tenants
            .Where(t => t.Tenant.Directories.Count > 0 && visible?.Contains(t.Tenant.Name) != false && (tenant is null || t.Tenant.Name.Equals(tenant, StringComparison.OrdinalIgnoreCase)))
            .SelectMany(t => t.Tenant.Directories.Select(d => new ListedDirectory(t.Tenant.Name, d, t.Revision)));
    }

    public DirectoryDetail Show(ListedDirectory listed) => Detail(listed.Tenant, listed.Directory, listed.Revision);

    public Outcome<DirectoryDetail> Get(Caller caller, string name, string? tenant)
    {
        var found = Find(caller, name, tenant);
        return found.Problem is { } problem ? problem : Show(found.Value!);
    }

    public async Task<Outcome<DirectoryDetail>> CreateAsync(Caller caller, string tenant, TenantDirectory directory, string? password, CancellationToken cancellationToken)
    {
        if (sites.Current.FindTenant(tenant) is not { } route || !caller.May(Permission.TenantsRead, route.Tenant.Name, sites.Current))
        {
            return SiteEditor.NoTenant(tenant);
        }

        if (route.Tenant.Directories.Any(d => d.Name.Equals(directory.Name, StringComparison.OrdinalIgnoreCase)))
        {
            return new OperationProblem(OperationFailure.Conflict, $"'{route.Tenant.Name}' has a directory '{directory.Name}' already; change it with PUT /api/v1/directories/{directory.Name}", "settings.name");
        }

        return await SaveAsync(caller, route.Tenant.Name, directory, password, "directory.create", null, owner => [.. owner.Directories, directory], cancellationToken);
    }

    /// <param name="password">Null keeps the one there is, as long as it goes to the same place.</param>
    public async Task<Outcome<DirectoryDetail>> PutAsync(
        Caller caller, string name, string? tenant, TenantDirectory directory, string? password, int? expectedRevision, CancellationToken cancellationToken)
    {
        var found = Find(caller, name, tenant);
        if (found.Problem is { } problem)
        {
            return problem;
        }

        var (owner, before) = (found.Value!.Tenant, found.Value.Directory);
        if (directory.Name != before.Name)
        {
            return Invalid("settings.name", $"the directory is called '{directory.Name}', the address says '{before.Name}'; make them the same");
        }

        var key = new DirectoryKey(owner, before.Name);
        if (password is null && directory.BindName.Length > 0 && secrets.Find(key, before) is not null && secrets.Find(key, directory) is null)
        {
            return Invalid("password", "is needed again, because addresses, tls, caCertificate or bindName change: it is only sent to where it was given for");
        }

        return await SaveAsync(
            caller, owner, directory, password, "directory.put", expectedRevision, t => [.. t.Directories.Select(d => d.Name == before.Name ? directory : d)], cancellationToken);
    }

    public async Task<OperationProblem?> DeleteAsync(Caller caller, string name, string? tenant, int? expectedRevision, CancellationToken cancellationToken)
    {
        var found = Find(caller, name, tenant);
        if (found.Problem is { } problem)
        {
            return problem;
        }

        var outcome = await editor.ChangeAsync(
            caller,
            found.Value!.Tenant,
            owner => owner with { Directories = [.. owner.Directories.Where(d => d.Name != found.Value.Directory.Name)] },
            _ => new Deed(caller, "directory.delete", found.Value.Tenant, found.Value.Directory.Name, "What was read of it is deleted, too."),
            RevisionComment.Of("directory.delete", found.Value.Directory.Name),
            expectedRevision,
            cancellationToken);
        return outcome.Problem;
    }

    /// <summary>Reads it now and says what is there or what is wrong; takes nothing over.</summary>
    public async Task<Outcome<DirectoryTrial>> TestAsync(Caller caller, string name, string? tenant, CancellationToken cancellationToken)
    {
        var found = FindToRead(caller, name, tenant);
        if (found.Problem is { } problem)
        {
            return problem;
        }

        var (owner, directory) = (found.Value!.Tenant, found.Value.Directory);
        var (reading, trouble) = await auditor.DoAsync(
            new Deed(caller, "directory.test", owner, directory.Name, "Reads it, and takes nothing over."),
            () => sync.ReadAsync(found.Value.Key, directory, cancellationToken),
            read => read.Trouble);
        var snapshot = reading is null ? null : DirectorySnapshot.Of(reading, DateTimeOffset.UnixEpoch);
        return new DirectoryTrial
        {
            Succeeded = snapshot is not null,
            Trouble = trouble.Length == 0 && snapshot is null ? "people are in so many groups that it does not fit; choose a narrower groupFilter" : trouble,
            Entries = reading?.People.Count ?? 0,
            Addresses = snapshot?.Addresses.Count ?? 0,
            Groups = snapshot?.Groups.Count ?? 0,
            First = snapshot is null ? [] : [.. snapshot.Entries.Take(ShownEntries).Select(e => new DirectoryPreview(e.Addresses, [.. e.Groups.Select(g => snapshot.Groups[g].Name).Take(20)]))],
            Warnings = [.. WarningsOf(directory), .. snapshot?.Warnings ?? [], .. snapshot?.Addresses.Count == 0 ? [Nobody] : (string[])[]],
        };
    }

    /// <summary>Reads it now and takes it over.</summary>
    public async Task<Outcome<DirectoryDetail>> SyncAsync(Caller caller, string name, string? tenant, bool acceptLoss, CancellationToken cancellationToken)
    {
        var found = FindToRead(caller, name, tenant);
        if (found.Problem is { } problem)
        {
            return problem;
        }

        var (owner, directory) = (found.Value!.Tenant, found.Value.Directory);
        await auditor.DoAsync(
            new Deed(caller, "directory.sync", owner, directory.Name, acceptLoss ? "Reads it now, and agrees that many entries go." : "Reads it now."),
            () => sync.SyncAsync(found.Value.Key, directory, acceptLoss, cancellationToken),
            state => state.Trouble);
        return Show(found.Value);
    }

    /// <summary>In the order of their names.</summary>
    public Outcome<IReadOnlyList<DirectoryGroup>> Groups(Caller caller, string name, string? tenant)
    {
        var found = Find(caller, name, tenant);
        return found.Problem is { } problem
            ? problem
            : new Outcome<IReadOnlyList<DirectoryGroup>>(shelf.Find(found.Value!.Key)?.Groups ?? [], null);
    }

    private async Task<Outcome<DirectoryDetail>> SaveAsync(
        Caller caller,
        string tenant,
        TenantDirectory directory,
        string? password,
        string action,
        int? expectedRevision,
        Func<Tenant, IReadOnlyList<TenantDirectory>> change,
        CancellationToken cancellationToken)
    {
        var outcome = await editor.ChangeAsync(
            caller,
            tenant,
            owner => owner with { Directories = change(owner) },
            _ => new Deed(caller, action, tenant, directory.Name, $"Reads {string.Join(", ", directory.Addresses)}."),
            RevisionComment.Of(action, directory.Name),
            expectedRevision,
            cancellationToken);
        if (outcome.Value is not { } saved)
        {
            return AsSent(outcome.Problem!);
        }

        try
        {
            if (password is not null)
            {
                await PutPasswordAsync(caller, new DirectoryKey(tenant, directory.Name), directory, password);
            }
        }
        catch (IOException e) when (e is not AuditUnavailableException)
        {
            return new OperationProblem(OperationFailure.Unavailable, "the directory was saved, its password was not; check free disk space and give the password again");
        }

        return Detail(tenant, directory, saved.Revision);
    }

    /// <summary>A deed of its own: it may be all that changes.</summary>
    private Task PutPasswordAsync(Caller caller, DirectoryKey key, TenantDirectory directory, string password) => auditor.DoAsync(
        new Deed(caller, "directory.password", key.Tenant, key.Name, $"A new password of {directory.BindName}, for {string.Join(", ", directory.Addresses)}."),
        () =>
        {
            secrets.Put(key, directory, password);
            // It may just have been tried without.
            states[key] = states[key] with { NextTry = DateTimeOffset.MinValue };
        });

    /// <summary>Errors name the place in the tenant's record; whoever sent one directory wants the place in what he sent.</summary>
    private static OperationProblem AsSent(OperationProblem problem) =>
        problem.At(f => f.StartsWith("directories[", StringComparison.Ordinal) && f.IndexOf("].", StringComparison.Ordinal) is var end and > 0 ? "settings." + f[(end + 2)..] : f);

    private Outcome<ListedDirectory> Find(Caller caller, string name, string? tenant)
    {
        List<ListedDirectory> found = [.. List(caller, tenant).Where(f => f.Directory.Name.Equals(name, StringComparison.OrdinalIgnoreCase))];
        return found switch
        {
            [] => new OperationProblem(OperationFailure.NotFound, $"there is no directory '{name}'; GET /api/v1/directories lists them"),
            [var one] => one,
            _ => new OperationProblem(OperationFailure.Invalid, $"several nodes have a directory '{name}'; say which: {string.Join(", ", found.Select(f => f.Tenant).Order(StringComparer.Ordinal).Take(10))}", "tenant"),
        };
    }

    /// <summary>Whoever has the directory read sees people, and makes the appliance call somebody.</summary>
    private Outcome<ListedDirectory> FindToRead(Caller caller, string name, string? tenant)
    {
        var found = Find(caller, name, tenant);
        return found.Value is { } one && !caller.May(Permission.TenantsManage, one.Tenant, sites.Current)
            ? new OperationProblem(OperationFailure.Forbidden, $"you may not have directories of '{one.Tenant}' read; ask for tenantsManage on it")
            : found;
    }

    private DirectoryDetail Detail(string tenant, TenantDirectory directory, int revision)
    {
        var key = new DirectoryKey(tenant, directory.Name);
        var (state, snapshot) = (states[key], shelf.Find(key));
        return new DirectoryDetail
        {
            Name = directory.Name,
            Tenant = tenant,
            Settings = directory,
            HasPassword = secrets.Find(key, directory) is not null,
            Domains = [.. DomainsOf(key).Select(d => d.Domain.Name).Order(StringComparer.Ordinal).Take(100)],
            Warnings = [.. WarningsOf(directory), .. snapshot?.Warnings ?? []],
            Status = new DirectoryStatus
            {
                State = state.Trouble.Length > 0 ? DirectoryCondition.Failing : snapshot is null ? DirectoryCondition.NeverRead : DirectoryCondition.Ok,
                Trouble = state.Trouble,
                FailingSince = state.FailingSince,
                AwaitsConsent = state.AwaitsConsent,
                LastTry = state.LastTry,
                LastSuccess = state.LastSuccess ?? snapshot?.ReadAt,
                Entries = snapshot?.EntryCount ?? 0,
                Addresses = snapshot?.Addresses.Count ?? 0,
                Groups = snapshot?.Groups.Count ?? 0,
                Added = state.Added,
                Removed = state.Removed,
            },
            Revision = revision,
        };
    }

    private IEnumerable<DomainRoute> DomainsOf(DirectoryKey key)
    {
        var site = sites.Current;
        return site.Subtree(key.Tenant).SelectMany(n => site.FindTenant(n)?.Domains ?? []).Where(d => d.Directory == key);
    }

    private static IEnumerable<string> WarningsOf(TenantDirectory directory)
    {
        if (directory.Tls == DirectoryTls.None)
        {
            yield return "tls: without it password and addresses cross the network in the clear, and anybody on the way can add recipients; use ldaps or startTls";
        }

        if (!directory.Enabled)
        {
            yield return "enabled: it is not read any more; what was read last stays in use";
        }
    }

    private static OperationProblem Invalid(string field, string detail) =>
        new(OperationFailure.Invalid, $"{field}: {detail}", field) { Errors = [new FieldError(field, detail)] };
}

/// <summary>A directory with the node that has it.</summary>
internal sealed record ListedDirectory(string Tenant, TenantDirectory Directory, int Revision)
{
    public DirectoryKey Key => new(Tenant, Directory.Name);
}

/// <summary>A directory and how its reading goes.</summary>
public sealed record DirectoryDetail
{
    /// <summary>Unique within its tenant.</summary>
    public required string Name { get; init; }

    /// <summary>Whose it is; rules and domains of this node and those below may use it.</summary>
    public required string Tenant { get; init; }

    /// <summary>Where it is and what is read of it.</summary>
    public required TenantDirectory Settings { get; init; }

    /// <summary>Whether there is a password for the account; it is never shown.</summary>
    public required bool HasPassword { get; init; }

    /// <summary>Domains that take their recipients from it, at most 100.</summary>
    public required IReadOnlyList<string> Domains { get; init; }

    /// <summary>What works and should be looked at nevertheless.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>How its reading goes.</summary>
    public required DirectoryStatus Status { get; init; }

    /// <summary>The revision that last changed its tenant, which is its ETag.</summary>
    public required int Revision { get; init; }
}

/// <summary>How the reading of a directory goes.</summary>
public sealed record DirectoryStatus
{
    /// <summary>Whether what is in force is as the directory was at the last reading.</summary>
    public required DirectoryCondition State { get; init; }

    /// <summary>Why the last reading was not taken over; empty when it was.</summary>
    public required string Trouble { get; init; }

    /// <summary>Since when no reading was taken over; absent when the last one was.</summary>
    public DateTimeOffset? FailingSince { get; init; }

    /// <summary>The last reading lost so much, or the first one found no address, that a person must agree, by <c>:sync?acceptLoss=true</c>.</summary>
    public required bool AwaitsConsent { get; init; }

    /// <summary>When it was last tried; absent before the first time since the start.</summary>
    public DateTimeOffset? LastTry { get; init; }

    /// <summary>When what is in force was read; absent when nothing was ever.</summary>
    public DateTimeOffset? LastSuccess { get; init; }

    /// <summary>Entries with addresses.</summary>
    public required int Entries { get; init; }

    /// <summary>Addresses, aliases too.</summary>
    public required int Addresses { get; init; }

    /// <summary>Groups that rules can name.</summary>
    public required int Groups { get; init; }

    /// <summary>Addresses that the last change brought.</summary>
    public required int Added { get; init; }

    /// <summary>Addresses that the last change took away.</summary>
    public required int Removed { get; init; }
}

/// <summary>State of a directory.</summary>
public enum DirectoryCondition
{
    /// <summary>The last reading is in force.</summary>
    Ok,

    /// <summary>The last reading was not taken over; an older one stays in force, if there is one.</summary>
    Failing,

    /// <summary>Nothing was read yet: mail for unlisted recipients of its domains is answered 451.</summary>
    NeverRead,
}

/// <summary>What a test of a directory found.</summary>
public sealed record DirectoryTrial
{
    /// <summary>Whether it was read to its end.</summary>
    public required bool Succeeded { get; init; }

    /// <summary>What is wrong and what to do about it; empty when nothing is.</summary>
    public required string Trouble { get; init; }

    /// <summary>Entries with addresses.</summary>
    public required int Entries { get; init; }

    /// <summary>Addresses, aliases too.</summary>
    public required int Addresses { get; init; }

    /// <summary>Groups.</summary>
    public required int Groups { get; init; }

    /// <summary>The first five entries.</summary>
    public required IReadOnlyList<DirectoryPreview> First { get; init; }

    /// <summary>What works and should be looked at nevertheless.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }
}

/// <summary>An entry of a directory.</summary>
/// <param name="Addresses">The main one first.</param>
/// <param name="Groups">At most 20 of the groups it is in, also through groups in groups.</param>
public sealed record DirectoryPreview(IReadOnlyList<string> Addresses, IReadOnlyList<string> Groups);
