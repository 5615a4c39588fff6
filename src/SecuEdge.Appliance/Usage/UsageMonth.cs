using System.Globalization;

namespace SecuEdge.Appliance.Usage;

/// <summary>A month as people write it, <c>2026-11</c>, and as the store numbers it, 202611.</summary>
internal static class UsageMonth
{
    public static int Of(DateTimeOffset at) => (at.UtcDateTime.Year * 100) + at.UtcDateTime.Month;

    public static int? Parse(string text) =>
        DateOnly.TryParseExact(text, "yyyy-MM", CultureInfo.InvariantCulture, DateTimeStyles.None, out var month) ? (month.Year * 100) + month.Month : null;

    public static string Text(int month) => string.Create(CultureInfo.InvariantCulture, $"{month / 100:d4}-{month % 100:d2}");
}
