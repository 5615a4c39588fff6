using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace SecuEdge.Appliance.Settings.Recipients;

/// <summary>Some hundred local parts of a <see cref="RecipientBook"/>, in their order; one document of the settings store.</summary>
internal sealed class RecipientPiece
{
    private readonly string[] _localParts;

    private RecipientPiece(string[] sorted)
    {
        _localParts = sorted;
        Digest = SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', sorted)));
    }

    public IReadOnlyList<string> LocalParts => _localParts;

    public IReadOnlyList<byte> Digest { get; }

    /// <param name="before">Used again when it says the same.</param>
    public static RecipientPiece Of(List<string> localParts, RecipientPiece? before)
    {
        localParts.Sort(StringComparer.Ordinal);
        return before is not null && localParts.SequenceEqual(before._localParts) ? before : new RecipientPiece([.. localParts]);
    }

    /// <exception cref="JsonException">It is no list of names.</exception>
    public static RecipientPiece Read(string json) =>
        JsonSerializer.Deserialize<string?[]>(json) is { } parts && Array.IndexOf(parts, null) < 0 ? new RecipientPiece(parts!) : throw new JsonException("is no list of names");

    public string Write() => JsonSerializer.Serialize(_localParts, SiteDocuments.Compact);

    public bool Contains(string key) => Array.BinarySearch(_localParts, key, StringComparer.Ordinal) >= 0;
}
