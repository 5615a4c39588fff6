using System.IO.Compression;
using System.Text;
using System.Text.Json;
using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Api;
using SecuEdge.Appliance.Privacy;
using SecuEdge.Appliance.Settings;

namespace SecuEdge.Appliance.Operations;

/// <summary>
/// Settings and data of a tenant as a zip, with its quarantined mail for those who may read mail, and a manifest that says what is in it and what is
/// not. Everything is written as it is read: the size is that of the disk, never of the memory.
/// </summary>
internal sealed class TenantExport(SiteHolder sites, IEnumerable<ITenantData> data, QuarantinedMail mail, DataFolder folder, TimeProvider timeProvider)
{
    // The other half is for mail that comes meanwhile.
    private const int FreeShare = 2;

    /// <summary>Whether the mail goes into the export, and why not.</summary>
    /// <param name="wish">What the caller asked for.</param>
    public async Task<Outcome<MailPart>> PlanAsync(Caller caller, Tenant tenant, ExportWish wish, CancellationToken cancellationToken)
    {
        var (messages, bytes) = await mail.CountAsync(tenant.Name, cancellationToken);
        if (!wish.HasContent)
        {
            return new MailPart { LeftOutBecause = "It was asked for without: content=false.", Messages = messages, Bytes = bytes };
        }

        if (!caller.May(Permission.ContentRead, tenant.Name, sites.Current))
        {
            return new MailPart { LeftOutBecause = $"{caller.Name} has no contentRead on '{tenant.Name}'.", Messages = messages, Bytes = bytes };
        }

        if (messages > 0 && string.IsNullOrWhiteSpace(wish.Reason) && sites.Current.AsksReason(tenant.Name))
        {
            return new OperationProblem(
                OperationFailure.Invalid, $"reason: is missing; '{tenant.Name}' wants to know why its mail is read: add ?reason=, or leave the mail out with ?content=false", "reason");
        }

        var free = new DriveInfo(folder.Scratch).AvailableFreeSpace / FreeShare;
        return bytes > free
            ? new OperationProblem(
                OperationFailure.Unavailable, $"the {messages} messages in quarantine have {bytes} bytes, and {free} are free for them here; make room, or leave the mail out with ?content=false", "content")
            : new MailPart { IsIncluded = true, Messages = messages, Bytes = bytes };
    }

    /// <returns>The mail that is really in it.</returns>
    public async Task<MailPart> WriteAsync(Caller caller, Tenant tenant, MailPart part, Stream file, CancellationToken cancellationToken)
    {
        using var zip = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true, Encoding.UTF8);
        await using (var entry = await zip.CreateEntry("tenant.json").OpenAsync(cancellationToken))
        {
            await entry.WriteAsync(Encoding.UTF8.GetBytes(SiteJson.Write(new Site { Tenants = [tenant] })), cancellationToken);
        }

        foreach (var source in data)
        {
            await using var entry = await zip.CreateEntry(source.EntryName).OpenAsync(cancellationToken);
            await source.ExportAsync(tenant.Name, entry, cancellationToken);
        }

        var written = part.IsIncluded ? await mail.WriteAsync(zip, tenant.Name, cancellationToken) : part;
        await using (var entry = await zip.CreateEntry("manifest.json").OpenAsync(cancellationToken))
        {
            var manifest = new ExportManifest(tenant.Name, timeProvider.GetUtcNow(), caller.Name, ["tenant.json", .. data.Select(d => d.EntryName)], written);
            await JsonSerializer.SerializeAsync(entry, manifest, ApiJson.Options, cancellationToken);
        }

        return written;
    }
}

/// <summary>What whoever exports a tenant asked for.</summary>
/// <param name="HasContent">With the bytes of quarantined mail.</param>
/// <param name="Reason">For the audit log; the tenant may want one from everybody who reads its mail.</param>
internal sealed record ExportWish(bool HasContent, string? Reason);

/// <summary><c>manifest.json</c> of an export.</summary>
/// <param name="Files">Besides the mail.</param>
internal sealed record ExportManifest(string Tenant, DateTimeOffset At, string By, IReadOnlyList<string> Files, MailPart Quarantine);
