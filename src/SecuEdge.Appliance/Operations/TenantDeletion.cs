using System.IO.Compression;
using System.Text;
using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Settings;

namespace SecuEdge.Appliance.Operations;

/// <summary>
/// The end of a tenant:
/// <list type="number">
/// <item>all its data into a zip, which the caller gets as the answer;</item>
/// <item>an audit entry at the node above, where it stays readable;</item>
/// <item>its data erased wherever it is kept;</item>
/// <item>the tenant deleted, so that no mail comes any more;</item>
/// <item>erased once more: what came meanwhile.</item>
/// </list>
/// Whatever fails before the tenant is deleted leaves it in place, and the call can be made again. Revisions keep its settings, so that it can
/// be rolled back; its users and tokens go by themselves as soon as the node is gone.
/// </summary>
internal sealed partial class TenantDeletion(
    SiteEditor editor, SiteHolder sites, IEnumerable<ITenantData> data, DataFolder folder, Auditor auditor, ILogger<TenantDeletion> logger)
{
    /// <summary>Settings and data of a tenant as a zip; the file goes when the stream is closed.</summary>
    public async Task<Outcome<Stream>> ExportAsync(Caller caller, string name, CancellationToken cancellationToken)
    {
        // Whoever answers the letters of persons need not see the settings otherwise.
        if (sites.Current.FindTenant(name) is not { } route
            || !(caller.May(Permission.TenantsRead, route.Tenant.Name, sites.Current) || caller.May(Permission.PrivacyManage, route.Tenant.Name, sites.Current)))
        {
            return SiteEditor.NoTenant(name);
        }

        // Mail of people: managing the tenant is not enough to carry all of it away.
        if (!caller.May(Permission.PrivacyManage, route.Tenant.Name, sites.Current))
        {
            return NotForExport(route.Tenant);
        }

        await auditor.RecordAsync(caller, "tenant.export", route.Tenant.Name, route.Tenant.Name, "Exports settings, mail and personal data.", cancellationToken);
        return new Outcome<Stream>(await WriteAsync(route.Tenant, cancellationToken), null);
    }

    /// <param name="confirmation">The name once more.</param>
    /// <returns>The export.</returns>
    public async Task<Outcome<Stream>> DeleteAsync(Caller caller, string name, string? confirmation, int? expectedRevision, CancellationToken cancellationToken)
    {
        if (sites.Current.FindTenant(name) is not { } route || !caller.May(Permission.TenantsRead, route.Tenant.Name, sites.Current))
        {
            return SiteEditor.NoTenant(name);
        }

        var tenant = route.Tenant;
        var trial = await RemoveAsync(caller, tenant.Name, expectedRevision, plan: true, cancellationToken);
        if (trial.Problem is { } problem)
        {
            return problem;
        }

        // The answer is the export: whoever may not have that cannot have it by deleting, either.
        if (!caller.May(Permission.PrivacyManage, tenant.Name, sites.Current))
        {
            return NotForExport(tenant);
        }

        if (confirmation != tenant.Name)
        {
            return new OperationProblem(OperationFailure.Invalid, $"all mail and settings of '{tenant.Name}' will be erased; confirm it with ?confirm={tenant.Name}", "confirm");
        }

        var export = await WriteAsync(tenant, cancellationToken);
        try
        {
            if (await EraseAndRemoveAsync(caller, route, export.Length, expectedRevision, cancellationToken) is not { } late)
            {
                return new Outcome<Stream>(export, null);
            }

            await export.DisposeAsync();
            return late;
        }
        catch
        {
            await export.DisposeAsync();
            throw;
        }
    }

    /// <returns>Why it is not done; null when it is.</returns>
    private async Task<OperationProblem?> EraseAndRemoveAsync(Caller caller, TenantRoute route, long exported, int? expectedRevision, CancellationToken cancellationToken)
    {
        var name = route.Tenant.Name;
        var above = route.Parent?.Tenant.Name ?? Tenant.Root;
        await auditor.RecordAsync(caller, "tenant.delete", above, name, $"Exported ({exported} bytes); erases and deletes it.", cancellationToken);
        var problem = await EraseAsync(name, cancellationToken)
            ? (await RemoveAsync(caller, name, expectedRevision, plan: false, cancellationToken)).Problem
            : new OperationProblem(OperationFailure.Unavailable, $"not all data of '{name}' could be erased, so it was not deleted; the log of the appliance says why. Try again");
        if (problem is not null)
        {
            await auditor.RecordAsync(caller, "tenant.delete", above, name, problem.Detail, cancellationToken, succeeded: false);
            return problem;
        }

        await EraseAsync(name, cancellationToken);
        return null;
    }

    private async Task<bool> EraseAsync(string tenant, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var source in data)
            {
                await source.EraseAsync(tenant, cancellationToken);
            }

            return true;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogEraseFailed(tenant, e);
            return false;
        }
    }

    private static OperationProblem NotForExport(Tenant tenant) =>
        new(OperationFailure.Forbidden, $"the export holds mail and personal data; ask for privacyManage on '{tenant.Name}'");

    private Task<Outcome<SiteChange>> RemoveAsync(Caller caller, string name, int? expectedRevision, bool plan, CancellationToken cancellationToken) => editor.ChangeAsync(
        caller,
        $"delete '{name}'",
        site =>
            expectedRevision is { } expected && SiteEditor.Stale(site, name, expected) is { } stale ? stale
            : name == Tenant.Root ? new OperationProblem(OperationFailure.Conflict, "the provider is the root of the tree and cannot be deleted")
            : site.Children(name).Count() is var below and > 0 ? new OperationProblem(OperationFailure.Conflict, $"'{name}' has {below} tenant(s) below it; delete or move them first")
            : new Outcome<IReadOnlyList<TenantChange>>([TenantChange.Of(site, name, null)], null),

        // Written down before anything was erased, at the node above.
        _ => [],
        placeOf: null,
        plan,
        cancellationToken);

    private async Task<Stream> WriteAsync(Tenant tenant, CancellationToken cancellationToken)
    {
        var file = new FileStream(
            Path.Combine(folder.Scratch, $"export-{Guid.NewGuid():n}.zip"),
            new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.ReadWrite,
                Options = FileOptions.DeleteOnClose | FileOptions.Asynchronous,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            });
        try
        {
            using (var zip = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true, Encoding.UTF8))
            {
                await using (var entry = await zip.CreateEntry("tenant.json").OpenAsync(cancellationToken))
                {
                    await entry.WriteAsync(Encoding.UTF8.GetBytes(SiteJson.Write(new Site { Tenants = [tenant] })), cancellationToken);
                }

                foreach (var source in data)
                {
                    await using var entry = await zip.CreateEntry(source.EntryName).OpenAsync(cancellationToken);
                    await source.ExportAsync(tenant.Name, entry, cancellationToken);
                }
            }

            file.Position = 0;
            return file;
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Data of tenant {Tenant} could not be erased")]
    private partial void LogEraseFailed(string tenant, Exception exception);
}
