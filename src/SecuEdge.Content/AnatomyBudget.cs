using System.ComponentModel.DataAnnotations;

namespace SecuEdge.Content;

/// <summary>
/// Limits of taking one message apart, shared by the whole tree. Reaching one is the flag <see cref="AnatomyFlags.OverBudget"/> (or
/// <see cref="AnatomyFlags.Bomb"/>), never an exception: policy decides what happens to what could not be looked at.
/// </summary>
public sealed record AnatomyBudget
{
    /// <summary>Header block of the message or of a part, bytes. Postfix: 100 KB for one header; 512 KB leaves room for long References and ARC chains.</summary>
    [Range(16 * 1024, 16 * 1024 * 1024)]
    public int MaxHeaderBytes { get; init; } = 512 * 1024;

    [Range(10, 100_000)]
    public int MaxHeaders { get; init; } = 1_000;

    /// <summary>MIME and archive depth together.</summary>
    [Range(1, 1_000)]
    public int MaxDepth { get; init; } = 100;

    /// <summary>Archives in archives; peers use 5 to 8.</summary>
    [Range(1, 100)]
    public int MaxArchiveDepth { get; init; } = 10;

    [Range(10, 1_000_000)]
    public int MaxParts { get; init; } = 1_000;

    /// <summary>Entries in one archive; beyond it the archive is flagged.</summary>
    [Range(10, 1_000_000)]
    public int MaxEntries { get; init; } = 20_000;

    /// <summary>Decoded bytes of one entry.</summary>
    [Range(1024, long.MaxValue)]
    public long MaxEntryBytes { get; init; } = 100L * 1024 * 1024;

    /// <summary>Decoded bytes of all parts and entries together.</summary>
    [Range(1024, long.MaxValue)]
    public long MaxTotalBytes { get; init; } = 400L * 1024 * 1024;

    /// <summary>Decoded to encoded size of a container above 1 MB decoded. 200:1 is far beyond honest documents; deflate's limit is 1,032:1.</summary>
    [Range(2, 100_000)]
    public int MaxRatio { get; init; } = 200;

    public TimeSpan MaxTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Passwords tried on all locked archives of a message together. A list of a hundred on ten files is no burden, on ten thousand it is.</summary>
    [Range(0, 100_000)]
    public int MaxPasswordAttempts { get; init; } = 1_000;

    /// <summary>Time for trying passwords. 7z and RAR make one attempt cost about a tenth of a second on purpose.</summary>
    public TimeSpan MaxPasswordTime { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>Characters of text kept for checks, of each body and document. Of all bodies together four times as much.</summary>
    [Range(1024, 64 * 1024 * 1024)]
    public int MaxTextChars { get; init; } = 256 * 1024;

    /// <summary>Parts up to this size stay in memory, larger ones become scratch files.</summary>
    [Range(0, 64 * 1024 * 1024)]
    public int MaxPartBytesInMemory { get; init; } = 256 * 1024;
}
