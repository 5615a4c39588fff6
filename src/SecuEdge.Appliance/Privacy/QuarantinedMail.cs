using System.IO.Compression;
using SecuEdge.Store.Quarantine;

namespace SecuEdge.Appliance.Privacy;

/// <summary>The bytes of a tenant's quarantined mail, a file each, as they were received.</summary>
internal sealed class QuarantinedMail(IQuarantine quarantine)
{
    private const string Folder = "quarantine/";

    public async Task<(int Messages, long Bytes)> CountAsync(string tenant, CancellationToken cancellationToken)
    {
        var (messages, bytes) = (0, 0L);
        await foreach (var entry in OfAsync(tenant, cancellationToken))
        {
            messages++;
            bytes += entry.Message.SizeBytes;
        }

        return (messages, bytes);
    }

    public async Task<MailPart> WriteAsync(ZipArchive zip, string tenant, CancellationToken cancellationToken)
    {
        var (messages, bytes) = (0, 0L);
        List<string> missing = [];
        await foreach (var kept in OfAsync(tenant, cancellationToken))
        {
            if (Open(kept.Reference) is not { } source)
            {
                missing.Add(kept.Reference);
                continue;
            }

            await using (source)
            {
                // Mail is mostly text and base64: the fastest way finds nearly all there is.
                await using var entry = await zip.CreateEntry($"{Folder}{kept.Reference}.eml", CompressionLevel.Fastest).OpenAsync(cancellationToken);
                await source.CopyToAsync(entry, cancellationToken);
                messages++;
                bytes += source.Length;
            }
        }

        return new MailPart { IsIncluded = true, Messages = messages, Bytes = bytes, Missing = missing };
    }

    /// <summary>Null when somebody deleted it since it was listed, or its file is lost.</summary>
    private Stream? Open(string reference)
    {
        try
        {
            return quarantine.OpenBytes(reference)?.OpenRead();
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    private async IAsyncEnumerable<QuarantineEntry> OfAsync(string tenant, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? cursor = null;
        do
        {
            var page = await quarantine.ListAsync(new QuarantineQuery { Tenant = tenant, Limit = 200, Cursor = cursor }, cancellationToken);
            foreach (var entry in page.Items)
            {
                yield return entry;
            }

            cursor = page.Next;
        }
        while (cursor is not null);
    }
}

/// <summary>Quarantined mail in an export: how much, or why not.</summary>
public sealed record MailPart
{
    /// <summary>The bytes are there, a file <c>quarantine/REFERENCE.eml</c> each; infected ones, too.</summary>
    public bool IsIncluded { get; init; }

    /// <summary>Why not; absent when they are.</summary>
    public string? LeftOutBecause { get; init; }

    /// <summary>Messages that are there, or were left out.</summary>
    public int Messages { get; init; }

    /// <summary>Their bytes, before compression.</summary>
    public long Bytes { get; init; }

    /// <summary>References of those that were listed and could not be read any more.</summary>
    public IReadOnlyList<string> Missing { get; init; } = [];
}
