using System.Buffers;

namespace SecuEdge.Store.Files;

/// <summary>The only way a reference becomes a file name: what is not plainly a name is refused, so that no path comes from outside.</summary>
internal static class SafeName
{
    private const int MaxLength = 64;

    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    public static bool IsSafe(string reference) =>
        reference.Length is > 0 and <= MaxLength && !reference.AsSpan().ContainsAnyExcept(Allowed);

    public static string Require(string reference) =>
        IsSafe(reference) ? reference : throw new ArgumentException("A reference is 1-64 letters, digits, '-' or '_'.", nameof(reference));
}
