using System.Collections;
using System.Numerics;
using System.Security.Cryptography;

namespace SecuEdge.Appliance.Settings.Recipients;

/// <summary>
/// The mailboxes of a large domain: a set of lower-case local parts in pieces of some hundred. A change makes new pieces where it falls and shares
/// all others with the book before, so that one mailbox more costs a few kilobytes of the journal and not the whole list.
/// </summary>
internal sealed class RecipientBook : IReadOnlyList<string>
{
    /// <summary>Up to here the list stands in the tenant's own document, where a person reads it: some 1 KB, so that a thousand domains fit.</summary>
    internal const int MaxListed = 50;

    // A piece of 256 names is some 4 KB. Between 64 and 512 nothing is dealt out anew, which would write every piece again.
    private const int UsualPiece = 256;
    private const int SmallestPiece = 64;
    private const int LargestPiece = 512;

    private readonly RecipientPiece[] _pieces;
    private string[]? _sorted;

    internal RecipientBook(RecipientPiece[] pieces)
    {
        _pieces = pieces;
        Count = pieces.Sum(p => p.LocalParts.Count);
        Digest = Convert.ToHexStringLower(SHA256.HashData(pieces.SelectMany(p => p.Digest).ToArray()));
    }

    public int Count { get; }

    /// <summary>Equal for equal books; a piece that is missing or of another revision changes it.</summary>
    public string Digest { get; }

    public IReadOnlyList<RecipientPiece> Pieces => _pieces;

    public string this[int index] => Sorted[index];

    private string[] Sorted => _sorted ??= [.. _pieces.SelectMany(p => p.LocalParts).Order(StringComparer.Ordinal)];

    /// <summary>The list as it is kept: a book when it is long and all of it is in order. Otherwise validation says what is wrong at its place.</summary>
    /// <param name="before">What the domain had; its pieces are shared.</param>
    public static IReadOnlyList<string> Keep(IReadOnlyList<string> recipients, string domain, RecipientBook? before)
    {
        if (recipients is RecipientBook kept)
        {
            return kept.Count > MaxListed ? kept : [.. kept];
        }

        return recipients.Count <= MaxListed || recipients.Any(r => TenantValidation.AddressTrouble(r, domain) is not null) ? recipients
            : Of(recipients.Select(KeyOf), before) is { Count: > MaxListed } book ? book
            : recipients;
    }

    /// <summary>As <see cref="Keep"/>, all domains of a tenant.</summary>
    public static Tenant Keep(Tenant tenant, Tenant? before)
    {
        if (tenant.Domains.All(d => d.Recipients.Count <= MaxListed && d.Recipients is not RecipientBook) || ReferenceEquals(tenant.Domains, before?.Domains))
        {
            return tenant;
        }

        return tenant with
        {
            Domains =
            [
                .. tenant.Domains.Select(d =>
                    Keep(d.Recipients, d.Name, before?.Domains.FirstOrDefault(b => b.Name.Equals(d.Name, StringComparison.OrdinalIgnoreCase))?.Recipients as RecipientBook) is var recipients
                    && ReferenceEquals(recipients, d.Recipients) ? d : d with { Recipients = recipients }),
            ],
        };
    }

    public static RecipientBook Of(IEnumerable<string> localParts, RecipientBook? before)
    {
        var all = localParts.ToHashSet(StringComparer.Ordinal);
        var pieces = new List<string>[PiecesFor(all.Count, before?._pieces.Length ?? 0)];
        for (var i = 0; i < pieces.Length; i++)
        {
            pieces[i] = new List<string>(LargestPiece);
        }

        foreach (var localPart in all)
        {
            pieces[IndexOf(localPart, pieces.Length)].Add(localPart);
        }

        var isDealtAlike = before?._pieces.Length == pieces.Length;
        return new RecipientBook([.. pieces.Select((p, i) => RecipientPiece.Of(p, isDealtAlike ? before!._pieces[i] : null))]);
    }

    /// <summary>A local part, a whole address or <c>*</c>, as it stands in a book.</summary>
    public static string KeyOf(string address) => DomainRoute.LocalPart(address).ToLowerInvariant();

    /// <param name="key">See <see cref="KeyOf"/>.</param>
    public bool Contains(string key) => _pieces[IndexOf(key, _pieces.Length)].Contains(key);

    /// <summary>The book after some came and went.</summary>
    public RecipientBook With(IReadOnlyCollection<string> added, IReadOnlyCollection<string> removed)
    {
        var pieces = _pieces.ToArray();
        foreach (var group in added.Concat(removed).Distinct().GroupBy(k => IndexOf(k, pieces.Length)))
        {
            var (before, touched) = (pieces[group.Key], group.ToHashSet(StringComparer.Ordinal));
            pieces[group.Key] = RecipientPiece.Of([.. before.LocalParts.Where(k => !touched.Contains(k)), .. touched.Where(added.Contains)], before);
        }

        var book = new RecipientBook(pieces);
        return PiecesFor(book.Count, pieces.Length) == pieces.Length ? book : Of(book, null);
    }

    /// <summary>In their order, those after a key.</summary>
    public IEnumerable<string> After(string? key)
    {
        var found = key is null ? -1 : Array.BinarySearch(Sorted, key, StringComparer.Ordinal);
        return Sorted.Skip(found >= 0 ? found + 1 : key is null ? 0 : ~found);
    }

    public IEnumerator<string> GetEnumerator() => Sorted.AsEnumerable().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static int PiecesFor(int count, int before) =>
        before > 0 && count <= before * LargestPiece && count >= before * SmallestPiece ? before : (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(1, count / UsualPiece));

    /// <summary>On disk: which piece a name is in must never change. FNV-1a, its bits mixed once more because only the lowest are used.</summary>
    private static int IndexOf(string key, int pieces)
    {
        var hash = 2166136261u;
        foreach (var character in key)
        {
            hash = unchecked((hash ^ character) * 16777619u);
        }

        hash ^= hash >> 16;
        hash = unchecked(hash * 0x7FEB352Du);
        hash ^= hash >> 15;
        return (int)(hash & (uint)(pieces - 1));
    }
}
