using SecuEdge.Appliance.Settings;
using SecuEdge.Appliance.Supervision;
using SecuEdge.Filter.Scanners.HashLists;

namespace SecuEdge.Appliance.Operations;

/// <summary>What an administrator does with lists of hashes.</summary>
internal sealed partial class HashListOperations(HashListStore lists, SiteHolder sites, HashListOptions options, ILogger<HashListOperations> logger)
{
    public long MaxBytes => options.MaxBytes;

    public IReadOnlyList<HashListInfo> All => lists.All;

    public Outcome<HashListInfo> Find(string name) => lists.Find(name) is { } list ? list : NotFound(name);

    /// <summary>Every list that has the hash now.</summary>
    public Outcome<IReadOnlyList<HashListMatch>> Lookup(string hash) =>
        hash.Length is 32 or 64 && hash.All(char.IsAsciiHexDigit)
            ? new Outcome<IReadOnlyList<HashListMatch>>(lists.FindAll(hash), null)
            : new OperationProblem(OperationFailure.Invalid, $"'{hash}' is neither a SHA-256 (64 hexadecimal digits) nor an MD5 (32)");

    /// <summary>Replaces the list, or makes it. One with an address may be empty: it is fetched at the next update.</summary>
    public async Task<Outcome<HashListInfo>> ImportAsync(
        Caller caller, HashListInfo draft, Stream text, DateTimeOffset? expires, CancellationToken cancellationToken)
    {
        if (draft.Tenant.Length > 0 && sites.Current.FindTenant(draft.Tenant) is null)
        {
            return new OperationProblem(OperationFailure.Invalid, $"tenant: there is no tenant '{draft.Tenant}'");
        }

        if (draft.Url is { Scheme: not ("http" or "https") } || draft.Sha256Url is { Scheme: not ("http" or "https") } || draft.Url is null != draft.Sha256Url is null)
        {
            return new OperationProblem(OperationFailure.Invalid, "url, sha256Url: give both or neither, as https addresses: a list is only taken with its checksum");
        }

        return await ChangeAsync(caller, draft.Name, () => lists.ImportAsync(draft, text, expires, cancellationToken));
    }

    public async Task<Outcome<HashListInfo>> AddAsync(Caller caller, string name, Stream text, CancellationToken cancellationToken) =>
        lists.Find(name) is null ? NotFound(name) : await ChangeAsync(caller, name, () => lists.AddAsync(name, text, cancellationToken));

    public async Task<Outcome<string>> RemoveAsync(Caller caller, string name, CancellationToken cancellationToken)
    {
        if (!await lists.RemoveAsync(name, cancellationToken))
        {
            return NotFound(name);
        }

        LogChanged(caller.Name, name, 0);
        return name;
    }

    private async Task<Outcome<HashListInfo>> ChangeAsync(Caller caller, string name, Func<Task<HashListImport>> change)
    {
        try
        {
            var import = await change();
            if (import.Info is not { } info)
            {
                return new OperationProblem(OperationFailure.Invalid, string.Join("; ", import.Errors));
            }

            LogChanged(caller.Name, name, info.Sha256Entries + info.Md5Entries + info.AddedEntries);
            return info;
        }
        catch (IOException exception) when (exception is not Microsoft.AspNetCore.Http.BadHttpRequestException)
        {
            LogFailed(name, exception);
            return new OperationProblem(OperationFailure.Unavailable, "the list could not be stored; check free disk space and try again");
        }
    }

    private static OperationProblem NotFound(string name) => new(OperationFailure.NotFound, $"there is no hash list '{name}'");

    [LoggerMessage(Level = LogLevel.Information, Message = "{Caller} changed hash list {Name}: {Entries} entries")]
    private partial void LogChanged(string caller, string name, long entries);

    [LoggerMessage(Level = LogLevel.Error, Message = "Hash list {Name} could not be stored")]
    private partial void LogFailed(string name, Exception exception);
}
