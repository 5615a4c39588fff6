namespace SecuEdge.Filter.Scanners.HashLists;

/// <summary>What an entry of a list means.</summary>
public enum HashListKind
{
    /// <summary>The file is malware, or unwanted for another reason.</summary>
    Deny,

    /// <summary>The file is known and good: it need not wait for a second look. It takes nothing away from what engines say.</summary>
    Allow,
}

/// <summary>One list, without its entries.</summary>
public sealed record HashListInfo
{
    public required string Name { get; init; }

    /// <summary>Whose mail it is for; empty = everybody's.</summary>
    public string Tenant { get; init; } = "";

    public HashListKind Kind { get; init; }

    public DateTimeOffset ChangedAt { get; init; }

    public long Sha256Entries { get; init; }

    public long Md5Entries { get; init; }

    /// <summary>Added since it was last written as a whole.</summary>
    public int AddedEntries { get; init; }

    /// <summary>Where it is fetched from; null when it is only imported.</summary>
    public Uri? Url { get; init; }

    /// <summary>Where the checksum of what is at <see cref="Url"/> is published.</summary>
    public Uri? Sha256Url { get; init; }

    /// <summary>Of the text that was imported, lower-case hex: the same file again is no change.</summary>
    public string SourceSha256 { get; init; } = "";

    /// <summary>Why it is not in force or not up to date; empty otherwise.</summary>
    public string Trouble { get; init; } = "";
}

/// <summary>One entry as text says it.</summary>
/// <param name="Hash">32 bytes of SHA-256 or 16 of MD5.</param>
/// <param name="ExpiryDay">Last day it holds, in days since <see cref="HashListDays.Epoch"/>; 0 = for ever.</param>
/// <param name="Comment">What it is; empty without.</param>
internal readonly record struct HashListEntry(byte[] Hash, ushort ExpiryDay, string Comment);

/// <summary>Two bytes for a date: lists have millions of entries, and a day more or less does not matter.</summary>
internal static class HashListDays
{
    public static DateOnly Epoch { get; } = new(2000, 1, 1);

    public static ushort Of(DateOnly date) => (ushort)Math.Clamp(date.DayNumber - Epoch.DayNumber, 1, ushort.MaxValue);

    public static ushort Of(DateTimeOffset time) => Of(DateOnly.FromDateTime(time.UtcDateTime));

    public static bool IsOver(ushort expiryDay, ushort today) => expiryDay != 0 && expiryDay < today;

    /// <summary>Of two entries for one hash the one that holds longer counts.</summary>
    public static ushort Longer(ushort one, ushort other) => one == 0 || other == 0 ? (ushort)0 : Math.Max(one, other);
}
