using SecuEdge.Appliance.Settings;
using SecuEdge.Store.Settings;

namespace SecuEdge.Appliance.Operations;

/// <summary>Reads and changes the site. Importing the same file twice changes nothing and makes no revision.</summary>
internal sealed class SiteOperations(ISettingsStore store, SiteHolder holder) : IDisposable
{
    private readonly SemaphoreSlim _oneAtATime = new(1, 1);

    public SiteRevision? Revision => store.Current;

    public string Export() => SiteJson.Write(holder.Current.Site);

    /// <summary>Puts the stored site in force; called once at start.</summary>
    /// <returns>Why the stored site is not usable; empty when it is.</returns>
    public IReadOnlyList<string> Load()
    {
        if (store.Current is not { } revision)
        {
            return [];
        }

        var (site, errors) = SiteJson.Read(revision.Json);
        if (site is not null)
        {
            holder.Current = new SiteDirectory(site);
        }

        return errors;
    }

    public void Dispose() => _oneAtATime.Dispose();

    /// <param name="plan">Only say what would change.</param>
    public async Task<Outcome<SiteImport>> ImportAsync(Caller caller, string json, string comment, bool plan, CancellationToken cancellationToken)
    {
        var (site, errors) = SiteJson.Read(json);
        if (site is null)
        {
            return new OperationProblem(OperationFailure.Invalid, string.Join("\n", errors));
        }

        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            var changes = SiteDifference.Between(holder.Current.Site, site);
            if (changes.Count > 0 && !plan)
            {
                await store.SaveAsync(SiteJson.Write(site), caller.Name, comment, cancellationToken);
                holder.Current = new SiteDirectory(site);
            }

            return new SiteImport(changes, Applied: changes.Count > 0 && !plan, store.Current?.Number ?? 0);
        }
        catch (IOException)
        {
            return new OperationProblem(OperationFailure.Unavailable, "the site could not be stored; check free disk space and try again");
        }
        finally
        {
            _oneAtATime.Release();
        }
    }
}

/// <param name="Changes">Lines beginning with + - or ~; empty when the file equals what is in force.</param>
public sealed record SiteImport(IReadOnlyList<string> Changes, bool Applied, int Revision);
