using System.Text.Json;
using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Privacy;
using SecuEdge.Appliance.Settings;
using SecuEdge.Store.State;

namespace SecuEdge.Appliance.Operations;

/// <summary>
/// Exports of deleted tenants, kept for some weeks: the answer to the deletion may never have arrived. A zip each below <c>exports/</c>; which
/// there are is one small document, written after the zip is on disk and before anything is erased.
/// </summary>
internal sealed partial class DeletedTenants(DataFolder folder, ApplianceOptions options, IStateFiles state, TimeProvider timeProvider, ILogger<DeletedTenants> logger)
{
    private const string StateName = "deleted-tenants";

    private readonly Lock _lock = new();
    private List<DeletedTenant>? _all;

    /// <summary>Newest first.</summary>
    public IReadOnlyList<DeletedTenant> All
    {
        get
        {
            lock (_lock)
            {
                return Load();
            }
        }
    }

    /// <param name="write">Writes the zip, and says what mail is in it.</param>
    /// <param name="above">The node it stood below.</param>
    public async Task<DeletedTenant> KeepAsync(Caller caller, Tenant tenant, string above, Func<Stream, Task<MailPart>> write)
    {
        var now = timeProvider.GetUtcNow();
        var id = Secrets.NewId("x");
        var asPrivateFile = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Options = FileOptions.Asynchronous,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        try
        {
            await using var file = new FileStream(PathOf(id), asPrivateFile);
            var mail = await write(file);
            file.Flush(flushToDisk: true);
            var kept = new DeletedTenant
            {
                Id = id,
                Name = tenant.Name,
                Parent = above,
                DeletedAt = now,
                DeletedBy = caller.Name,
                ErasedAt = now.AddDays(options.DeletedTenantDays),
                SizeBytes = file.Length,
                Quarantine = mail,
            };
            lock (_lock)
            {
                Save([kept, .. Load()]);
            }

            return kept;
        }
        catch
        {
            File.Delete(PathOf(id));
            throw;
        }
    }

    /// <summary>Null when it was erased meanwhile.</summary>
    public Stream? Open(string id)
    {
        try
        {
            return new FileStream(PathOf(id), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 64 * 1024, FileOptions.Asynchronous);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    public void Remove(string id)
    {
        File.Delete(PathOf(id));
        lock (_lock)
        {
            Save([.. Load().Where(t => t.Id != id)]);
        }
    }

    /// <summary>Under the lock. A zip that a crash left without its line belongs to a tenant that is still there.</summary>
    private List<DeletedTenant> Load()
    {
        if (_all is { } known)
        {
            return known;
        }

        try
        {
            _all = state.Read(StateName) is { } bytes ? JsonSerializer.Deserialize<List<DeletedTenant>>(bytes, SiteJson.Options) ?? [] : [];
        }
        catch (JsonException e)
        {
            // The files stay: an administrator can still find them in the folder.
            LogNotLoaded(e);
            return _all = [];
        }

        foreach (var path in Directory.EnumerateFiles(folder.Exports, "*.zip").Where(p => !_all.Any(t => PathOf(t.Id) == p)).ToList())
        {
            File.Delete(path);
        }

        return _all;
    }

    private void Save(List<DeletedTenant> all)
    {
        state.Write(StateName, JsonSerializer.SerializeToUtf8Bytes(all, SiteJson.Options));
        _all = all;
    }

    private string PathOf(string id) => Path.Combine(folder.Exports, id + ".zip");

    [LoggerMessage(Level = LogLevel.Error, Message = "The list of deleted tenants cannot be read; their exports stay in the folder exports")]
    private partial void LogNotLoaded(Exception exception);
}

/// <summary>A tenant that was deleted, or whose deletion was begun, and whose export is still kept.</summary>
public sealed record DeletedTenant
{
    /// <summary>Of the export; random.</summary>
    public required string Id { get; init; }

    /// <summary>Name the tenant had.</summary>
    public required string Name { get; init; }

    /// <summary>The node it stood below; whoever manages privacy there may have the export.</summary>
    public required string Parent { get; init; }

    /// <summary>When it was deleted.</summary>
    public required DateTimeOffset DeletedAt { get; init; }

    /// <summary>User or token that deleted it.</summary>
    public required string DeletedBy { get; init; }

    /// <summary>When the export, and the tenant's past in the history of settings, are erased for good.</summary>
    public required DateTimeOffset ErasedAt { get; init; }

    /// <summary>Size of the export.</summary>
    public required long SizeBytes { get; init; }

    /// <summary>Its quarantined mail: whoever fetches an export with mail in it needs contentRead, too.</summary>
    public MailPart Quarantine { get; init; } = new();
}
