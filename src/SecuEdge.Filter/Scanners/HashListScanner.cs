using System.Security.Cryptography;
using SecuEdge.Content;
using SecuEdge.Filter.Scanners.HashLists;

namespace SecuEdge.Filter.Scanners;

/// <summary>
/// The administrator's lists of hashes as an engine: exact, and nobody has to agree. Its answers are never remembered: entries come and
/// expire at any moment, and a look-up costs less than remembering it.
/// </summary>
public sealed class HashListScanner(HashListStore lists) : IScanner
{
    public string Name => "hashlist";

    public ScannerStatus Status => new(lists.Unreadable.Count == 0, lists.Version, null, TroubleOf()) { IsDaily = false };

    /// <summary>A body is a file like any other to a list.</summary>
    public bool ReadsMime => false;

    public bool Wants(ScanTarget target) => target.Part is not null && target.Sha256.Length > 0 && lists.Denies(target.Tenant).Any;

    public async Task<ScanResult> ScanAsync(ScanTarget target, CancellationToken cancellationToken)
    {
        if (lists.FindDenied(target.Sha256, target.Tenant) is { } match)
        {
            return new ScanResult.Infected(NameOf(match));
        }

        if (lists.Unreadable is [var unreadable, ..])
        {
            return new ScanResult.Failed($"hash list {unreadable} cannot be read");
        }

        // Every part is hashed a second time for it, so only where a list has one.
        if (!lists.Denies(target.Tenant).Md5)
        {
            return new ScanResult.Clean();
        }

        try
        {
            return lists.FindDenied(await Md5Async(target.Bytes, cancellationToken), target.Tenant) is { } other
                ? new ScanResult.Infected(NameOf(other))
                : new ScanResult.Clean();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new ScanResult.Failed("the file to scan cannot be read");
        }
    }

    private static string NameOf(HashListMatch match) => match.Comment.Length == 0 ? match.List : $"{match.List}: {match.Comment}";

#pragma warning disable CA5351 // Lists of malware name it by MD5; what somebody makes to collide with one is unwanted, too.
    private static async Task<string> Md5Async(IByteSource bytes, CancellationToken cancellationToken)
    {
        if (bytes.Memory is { } memory)
        {
            return Convert.ToHexStringLower(MD5.HashData(memory.Span));
        }

        await using var stream = bytes.OpenRead();
        return Convert.ToHexStringLower(await MD5.HashDataAsync(stream, cancellationToken));
    }
#pragma warning restore CA5351

    private string TroubleOf() =>
        string.Join("; ", lists.Unreadable
            .Select(name => $"hash list {name} cannot be read, so no mail with files is accepted: import it again or delete it")
            .Concat(lists.All.Where(list => list.Trouble.Length > 0).Select(list => $"hash list {list.Name}: {list.Trouble}")));
}
