using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Privacy;
using SecuEdge.Appliance.Settings;

namespace SecuEdge.Appliance.Operations;

/// <summary>
/// The end of a tenant:
/// <list type="number">
/// <item>all its data into a zip, which is kept for some weeks and is also the answer: the caller may hang up before he has it;</item>
/// <item>an audit entry at the node above, where it stays readable;</item>
/// <item>its data erased wherever it is kept;</item>
/// <item>the tenant deleted, so that no mail comes any more;</item>
/// <item>erased once more: what came meanwhile.</item>
/// </list>
/// Whatever fails before the tenant is deleted leaves it in place, and the call can be made again. As long as the export is kept, revisions keep
/// its settings, so that it can be rolled back; then both are erased (<see cref="DeletedTenantOperations"/>).
/// </summary>
internal sealed partial class TenantDeletion(
    SiteEditor editor, SiteHolder sites, IEnumerable<ITenantData> data, TenantExport export, DeletedTenants deleted, DataFolder folder, Auditor auditor, ILogger<TenantDeletion> logger)
{
    /// <summary>Settings and data of a tenant as a zip; the file goes when the stream is closed.</summary>
    public async Task<Outcome<Stream>> ExportAsync(Caller caller, string name, ExportWish wish, CancellationToken cancellationToken)
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

        var planned = await export.PlanAsync(caller, route.Tenant, wish, cancellationToken);
        if (planned.Value is not { } mail)
        {
            return planned.Problem!;
        }

        await auditor.RecordAsync(
            caller, "tenant.export", route.Tenant.Name, route.Tenant.Name, $"Exports settings and personal data, {With(mail)}.", cancellationToken, wish.Reason ?? "");
        var file = Scratch();
        try
        {
            await export.WriteAsync(caller, route.Tenant, mail, file, cancellationToken);
            file.Position = 0;
            return new Outcome<Stream>(file, null);
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
    }

    /// <param name="confirmation">The name once more.</param>
    /// <returns>The export, which is kept for some weeks.</returns>
    public async Task<Outcome<(DeletedTenant Kept, Stream Export)>> DeleteAsync(
        Caller caller, string name, string? confirmation, ExportWish wish, int? expectedRevision, CancellationToken cancellationToken)
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

        var planned = await export.PlanAsync(caller, tenant, wish, cancellationToken);
        if (planned.Value is not { } mail)
        {
            return planned.Problem!;
        }

        if (confirmation != tenant.Name)
        {
            return Unconfirmed(tenant, mail);
        }

        var kept = await deleted.KeepAsync(caller, tenant, route.Parent?.Tenant.Name ?? Tenant.Root, file => export.WriteAsync(caller, tenant, mail, file, cancellationToken));
        var above = route.Parent?.Tenant.Name ?? Tenant.Root;
        try
        {
            await auditor.RecordAsync(caller, "tenant.delete", above, tenant.Name, $"Exported ({kept.SizeBytes} bytes, {With(mail)}); erases and deletes it.", cancellationToken, wish.Reason ?? "");
        }
        catch
        {
            deleted.Remove(kept.Id);
            throw;
        }

        // From here on the client does not decide any more, and the export stays whatever happens: it may be all that is left.
        return await EraseAndRemoveAsync(caller, tenant.Name, above, expectedRevision) is { } late ? late : (kept, deleted.Open(kept.Id)!);
    }

    /// <returns>Why it is not done; null when it is.</returns>
    private async Task<OperationProblem?> EraseAndRemoveAsync(Caller caller, string name, string above, int? expectedRevision)
    {
        var problem = await EraseAsync(name, CancellationToken.None)
            ? (await RemoveAsync(caller, name, expectedRevision, plan: false, CancellationToken.None)).Problem
            : new OperationProblem(OperationFailure.Unavailable, $"not all data of '{name}' could be erased, so it was not deleted; the log of the appliance says why. Try again");
        if (problem is not null)
        {
            await auditor.RecordAsync(caller, "tenant.delete", above, name, problem.Detail, CancellationToken.None, succeeded: false);
            return problem;
        }

        await EraseAsync(name, CancellationToken.None);
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

    /// <summary>A file that goes when it is closed.</summary>
    private FileStream Scratch() => new(
        Path.Combine(folder.Scratch, $"export-{Guid.NewGuid():n}.zip"),
        new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Options = FileOptions.DeleteOnClose | FileOptions.Asynchronous,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });

    private static OperationProblem Unconfirmed(Tenant tenant, MailPart mail) => new(
        OperationFailure.Invalid,
        mail.IsIncluded
            ? $"all mail and settings of '{tenant.Name}' will be erased, once the export has them with {mail.Messages} messages of its quarantine ({mail.Bytes} bytes); confirm it with ?confirm={tenant.Name}"
            : $"all mail and settings of '{tenant.Name}' will be erased, and {mail.Messages} messages of its quarantine ({mail.Bytes} bytes) will not be in the export, as that asks for contentRead and not for content=false; confirm it with ?confirm={tenant.Name}",
        "confirm");

    private static string With(MailPart mail) => mail.IsIncluded ? $"with the content of {mail.Messages} quarantined messages" : $"without the content of {mail.Messages} quarantined messages";

    [LoggerMessage(Level = LogLevel.Error, Message = "Data of tenant {Tenant} could not be erased")]
    private partial void LogEraseFailed(string tenant, Exception exception);
}
