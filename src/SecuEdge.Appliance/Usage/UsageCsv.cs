using System.Buffers;
using System.Globalization;
using System.Text;

namespace SecuEdge.Appliance.Usage;

/// <summary>
/// The usage as CSV (RFC 4180). It is opened in spreadsheets, so a text that a spreadsheet would take for a formula gets an apostrophe in
/// front: names come from people.
/// </summary>
internal static class UsageCsv
{
    private static readonly SearchValues<char> s_quoted = SearchValues.Create(",\"\r\n\t';");

    /// <summary>Columns are only ever added at the end: programs that bill read them by their place.</summary>
    public const string Head =
        "month,reseller,tenant,display_name,mailboxes_used,mailboxes_receiving,mailboxes_sending,mailboxes_configured,accepts_any_recipient,mailbox_quota,"
        + "in_messages,in_bytes,in_delivered,in_quarantined,in_blocked,out_messages,out_bytes,out_delivered,out_quarantined,out_blocked,mailboxes_unlisted,mailboxes_former\r\n";

    public const string Meaning =
        "With format=csv: a line for each customer, the columns as in JSON: mailboxes_used is mailboxesUsed, in_messages is messages of inbound, out_bytes is bytes of outbound, and so on. "
        + "Bill mailboxes_used: what settings become later does not change it. Which columns are parts of others is said there.";

    public static string Write(IEnumerable<UsageReport> reports)
    {
        var text = new StringBuilder(Head);
        foreach (var report in reports)
        {
            text.AppendJoin(',', Cells(report)).Append("\r\n");
        }

        return text.ToString();
    }

    public static string Cell(string text)
    {
        // What Excel, LibreOffice and Google Sheets take for the beginning of a formula, or skip in front of one.
        var safe = text.Length > 0 && text[0] is ('=' or '+' or '-' or '@' or '\t' or '\r' or '\n' or '\uFF1D' or '\uFF0B' or '\uFF0D' or '\uFF20') ? "'" + text : text;
        return safe.AsSpan().ContainsAny(s_quoted) ? $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : safe;
    }

    private static IEnumerable<string> Cells(UsageReport report) =>
    [
        report.Month, Cell(report.Reseller), Cell(report.Tenant), Cell(report.DisplayName),
        Number(report.MailboxesUsed), Number(report.MailboxesReceiving), Number(report.MailboxesSending), Number(report.MailboxesConfigured),
        report.AcceptsAnyRecipient ? "true" : "false", report.MailboxQuota is { } quota ? Number(quota) : "",
        .. Cells(report.Inbound), .. Cells(report.Outbound), Number(report.MailboxesUnlisted), Number(report.MailboxesFormer),
    ];

    private static IEnumerable<string> Cells(UsageTraffic traffic) =>
        [Number(traffic.Messages), Number(traffic.Bytes), Number(traffic.Delivered), Number(traffic.Quarantined), Number(traffic.Blocked)];

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
