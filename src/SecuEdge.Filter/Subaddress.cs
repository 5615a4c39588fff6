namespace SecuEdge.Filter;

/// <summary>
/// <c>eva+shop@example.com</c> is a name that eva gave to somebody (RFC 5233): most servers deliver it to her, so whatever is said of eva is said
/// of it, too, unless it is named itself.
/// </summary>
public static class Subaddress
{
    /// <summary>Where the part for the server ends: at the first plus, or at the end of the local part.</summary>
    public static int Start(ReadOnlySpan<char> localPart) => localPart.IndexOf('+') is var plus and > 0 ? plus : localPart.Length;

    /// <summary>The address without it; the same object where there is none.</summary>
    public static string Without(string address)
    {
        var at = address.LastIndexOf('@');
        var start = at > 0 ? Start(address.AsSpan(0, at)) : at;
        return start == at ? address : string.Concat(address.AsSpan(0, start), address.AsSpan(at));
    }
}
