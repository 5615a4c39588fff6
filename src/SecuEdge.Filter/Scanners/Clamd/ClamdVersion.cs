using System.Globalization;

namespace SecuEdge.Filter.Scanners.Clamd;

/// <summary>
/// Reads the answer to VERSION: <c>ClamAV 1.4.3/27500/Mon Nov 17 10:00:00 2025</c>, or <c>ClamAV 1.4.3</c> with signatures of one's own
/// only.
/// </summary>
/// <param name="Text">As shown to people and sent in the report: <c>1.4.3/27500</c>.</param>
/// <param name="SignaturesAt">When the daily database was built; null when the database has no version.</param>
internal sealed record ClamdVersion(string Text, DateTimeOffset? SignaturesAt)
{
    private const string Product = "ClamAV ";

    /// <param name="clamdZone">clamd writes its local time without saying which; ours, since it runs beside us.</param>
    public static bool TryParse(string answer, TimeZoneInfo clamdZone, out ClamdVersion version)
    {
        version = new ClamdVersion("", null);
        var fields = answer.TrimEnd('\n').Split('/');
        if (!answer.StartsWith(Product, StringComparison.Ordinal) || fields[0].Length == Product.Length || answer.Length > 200)
        {
            return false;
        }

        var engine = fields[0][Product.Length..];
        if (!engine.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '+' or '_'))
        {
            return false;
        }

        version = new ClamdVersion(engine, null);
        if (fields.Length < 3 || !uint.TryParse(fields[1], NumberStyles.None, CultureInfo.InvariantCulture, out var signatures))
        {
            return true;
        }

        // ctime pads the day with a blank.
        var isDate = DateTime.TryParseExact(
            fields[2], "ddd MMM d HH:mm:ss yyyy", CultureInfo.InvariantCulture, DateTimeStyles.AllowInnerWhite, out var local);
        var at = isDate ? new DateTimeOffset(local, clamdZone.GetUtcOffset(local)).ToUniversalTime() : (DateTimeOffset?)null;
        version = new ClamdVersion($"{engine}/{signatures.ToString(CultureInfo.InvariantCulture)}", at);
        return true;
    }
}
