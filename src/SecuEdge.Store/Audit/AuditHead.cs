using System.Globalization;

namespace SecuEdge.Store.Audit;

/// <summary>One place of the chain: whoever knows it can later see whether the log still leads there.</summary>
public sealed record AuditHead(long Number, string Hash)
{
    /// <summary>Before the first entry.</summary>
    public static AuditHead None { get; } = new(0, new string('0', 64));

    /// <summary><c>number:hash</c>, as the log of the appliance shows it and <c>audit verify</c> takes it.</summary>
    public static bool TryParse(string text, out AuditHead head)
    {
        head = None;
        if (text.Split(':') is not [var number, var hash]
            || !long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed)
            || hash.Length != 64
            || !hash.All(char.IsAsciiHexDigitLower))
        {
            return false;
        }

        head = new AuditHead(parsed, hash);
        return true;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Number}:{Hash}");
}

/// <summary>Where a reader of the files stands: everything before the offset of that month is read.</summary>
public sealed record AuditPosition(int Month, long Offset);
