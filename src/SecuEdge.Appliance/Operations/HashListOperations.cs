using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Settings;
using SecuEdge.Appliance.Supervision;
using SecuEdge.Filter.Scanners.HashLists;
using SecuEdge.Store.Audit;

namespace SecuEdge.Appliance.Operations;

/// <summary>What an administrator does with lists of hashes.</summary>
internal sealed partial class HashListOperations(HashListStore lists, SiteHolder sites, HashListOptions options, Auditor auditor, ILogger<HashListOperations> logger)
{
    // A customer's own lists are what his people found, some thousand hashes; feeds are the provider's.
    private const int MaxListsOfTenant = 10;
    private const long MaxBytesOfTenant = 10 * 1024 * 1024;

    // An MD5 in a line of its own is the shortest entry.
    private const long MaxEntriesOfTenant = MaxBytesOfTenant / 33;

    /// <summary>Largest text the caller may import as a list.</summary>
    public long MaxBytes(Caller caller) => caller.MayAtRoot(Permission.PolicyWrite) ? options.MaxBytes : Math.Min(options.MaxBytes, MaxBytesOfTenant);

    public IReadOnlyList<HashListInfo> List(Caller caller) => [.. lists.All.Where(l => May(caller, Permission.PolicyRead, l.Tenant))];

    public Outcome<HashListInfo> Find(Caller caller, string name) =>
        lists.Find(name) is { } list && May(caller, Permission.PolicyRead, list.Tenant) ? list : NotFound(name);

    /// <summary>Every list of his that has the hash now.</summary>
    public Outcome<IReadOnlyList<HashListMatch>> Lookup(Caller caller, string hash) =>
        hash.Length is 32 or 64 && hash.All(char.IsAsciiHexDigit)
            ? new Outcome<IReadOnlyList<HashListMatch>>([.. lists.FindAll(hash).Where(m => May(caller, Permission.PolicyRead, m.Tenant))], null)
            : new OperationProblem(OperationFailure.Invalid, $"'{hash}' is neither a SHA-256 (64 hexadecimal digits) nor an MD5 (32)");

    /// <summary>Replaces the list, or makes it. One with an address may be empty: it is fetched at the next update.</summary>
    public async Task<Outcome<HashListInfo>> ImportAsync(
        Caller caller, HashListInfo draft, Stream text, DateTimeOffset? expires, CancellationToken cancellationToken)
    {
        if (RefusedDraft(caller, draft) is { } refusal)
        {
            return refusal;
        }

        if (draft.Url is { } url && !IsWeb(url) || draft.Sha256Url is { } sum && !IsWeb(sum) || draft.Url is null != draft.Sha256Url is null)
        {
            return new OperationProblem(OperationFailure.Invalid, "url, sha256Url: give both or neither, as https addresses: a list is only taken with its checksum");
        }

        return await ChangeAsync(caller, "hash-list.import", draft.Tenant, draft.Name, "Replaces the hash list", () => lists.ImportAsync(draft, text, expires, cancellationToken));
    }

    public async Task<Outcome<HashListInfo>> AddAsync(Caller caller, string name, Stream text, CancellationToken cancellationToken) =>
        (RefusedChange(caller, name) ?? RefusedGrowth(caller, name)) is { } refusal
            ? refusal
            : await ChangeAsync(caller, "hash-list.add", lists.Find(name)!.Tenant, name, "Adds entries to the hash list", () => lists.AddAsync(name, text, cancellationToken));

    public async Task<Outcome<string>> RemoveAsync(Caller caller, string name, CancellationToken cancellationToken)
    {
        if (RefusedChange(caller, name) is { } refusal)
        {
            return refusal;
        }

        var tenant = lists.Find(name)?.Tenant ?? "";
        var isRemoved = await auditor.DoAsync(
            new Deed(caller, "hash-list.delete", tenant, name, "Removes the hash list"), () => lists.RemoveAsync(name, CancellationToken.None), done => done ? "It was gone already." : "");
        if (!isRemoved)
        {
            return NotFound(name);
        }

        LogChanged(caller.Name, name, 0);
        return name;
    }

    private async Task<Outcome<HashListInfo>> ChangeAsync(
        Caller caller, string action, string tenant, string name, string detail, Func<Task<HashListImport>> change)
    {
        try
        {
            var import = await auditor.DoAsync(new Deed(caller, action, tenant, name, detail), change, done => string.Join("; ", done.Errors));
            if (import.Info is not { } info)
            {
                return new OperationProblem(OperationFailure.Invalid, string.Join("; ", import.Errors));
            }

            var entries = info.Sha256Entries + info.Md5Entries + info.AddedEntries;
            LogChanged(caller.Name, name, entries);
            return info;
        }
        catch (IOException exception) when (exception is not (Microsoft.AspNetCore.Http.BadHttpRequestException or AuditUnavailableException))
        {
            LogFailed(name, exception);
            return new OperationProblem(OperationFailure.Unavailable, "the list could not be stored; check free disk space and try again");
        }
    }

    /// <summary>A list without a tenant is the appliance's.</summary>
    private bool May(Caller caller, Permission permission, string tenant) =>
        caller.May(permission, tenant.Length == 0 ? Tenant.Root : tenant, sites.Current);

    private OperationProblem? RefusedChange(Caller caller, string name) =>
        lists.Find(name) is not { } list ? NotFound(name)
        : May(caller, Permission.PolicyWrite, list.Tenant) ? null
        : May(caller, Permission.PolicyRead, list.Tenant) ? MailGate.Forbidden(Permission.PolicyWrite, list.Tenant)
        : NotFound(name);

    /// <summary>
    /// Names are one space for all. So that an answer does not tell which names others have, whoever is not the provider may make only names
    /// that begin with his tenant's: those nobody else has.
    /// </summary>
    private OperationProblem? RefusedDraft(Caller caller, HashListInfo draft)
    {
        var site = sites.Current;
        if (draft.Tenant.Length > 0 && (site.FindTenant(draft.Tenant) is null || !May(caller, Permission.PolicyWrite, draft.Tenant)))
        {
            return site.FindTenant(draft.Tenant) is not null && May(caller, Permission.PolicyRead, draft.Tenant)
                ? MailGate.Forbidden(Permission.PolicyWrite, draft.Tenant)
                : new OperationProblem(OperationFailure.Invalid, $"tenant: there is no tenant '{draft.Tenant}'", "tenant");
        }

        if (caller.MayAtRoot(Permission.PolicyWrite))
        {
            return null;
        }

        if (draft.Url is not null || draft.Sha256Url is not null)
        {
            // The appliance fetches it from where it stands, and what inside hosts answer would be told to the caller.
            return new OperationProblem(OperationFailure.Forbidden, "url, sha256Url: are the provider's to set; leave them out and import the list", "url");
        }

        if (draft.Tenant.Length == 0)
        {
            return new OperationProblem(OperationFailure.Forbidden, "tenant: is missing; lists for everybody are the provider's");
        }

        var known = lists.Find(draft.Name);
        if (known is not null && May(caller, Permission.PolicyWrite, known.Tenant))
        {
            return null;
        }

        return !draft.Name.StartsWith(draft.Tenant + "_", StringComparison.Ordinal)
            ? new OperationProblem(OperationFailure.Invalid, $"name: begin it with the tenant's: '{draft.Tenant}_{draft.Name}'", "name")
            : known is not null ? new OperationProblem(OperationFailure.Conflict, $"the provider has a list '{draft.Name}' for somebody else; choose another name")
            : lists.All.Count(l => l.Tenant.Equals(draft.Tenant, StringComparison.OrdinalIgnoreCase)) >= MaxListsOfTenant
                ? new OperationProblem(OperationFailure.Conflict, $"'{draft.Tenant}' has {MaxListsOfTenant} lists already; delete one, or add the entries to one of them")
            : null;
    }

    /// <summary>What cannot be imported at once cannot be added bit by bit.</summary>
    private OperationProblem? RefusedGrowth(Caller caller, string name) =>
        lists.Find(name) is { } list && list.Sha256Entries + list.Md5Entries + list.AddedEntries >= MaxEntriesOfTenant && !caller.MayAtRoot(Permission.PolicyWrite)
            ? new OperationProblem(OperationFailure.Conflict, $"the list '{name}' has {MaxEntriesOfTenant} entries or more; import a shorter one")
            : null;

    private static OperationProblem NotFound(string name) => new(OperationFailure.NotFound, $"there is no hash list '{name}'");

    /// <summary>A relative address has no scheme to ask for.</summary>
    private static bool IsWeb(Uri url) => url is { IsAbsoluteUri: true, Scheme: "http" or "https" };

    [LoggerMessage(Level = LogLevel.Information, Message = "{Caller} changed hash list {Name}: {Entries} entries")]
    private partial void LogChanged(string caller, string name, long entries);

    [LoggerMessage(Level = LogLevel.Error, Message = "Hash list {Name} could not be stored")]
    private partial void LogFailed(string name, Exception exception);
}
