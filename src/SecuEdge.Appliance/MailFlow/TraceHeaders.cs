using System.Globalization;
using System.Text;
using SecuEdge.Filter;
using SecuEdge.Smtp;
using SecuEdge.Store.MessageLog;

namespace SecuEdge.Appliance.MailFlow;

/// <summary>
/// The header lines put in front of the bytes. Names of the spam headers are SpamAssassin's, because every mail server has rules on them;
/// outbound mail carries no scan result to strangers.
/// </summary>
internal static class TraceHeaders
{
    /// <summary>The record with the headers of some recipients. Each sees his own verdict; one for all is kept once.</summary>
    /// <param name="hostname">Our name (RFC 5321 §4.4).</param>
    public static MessageRecord Put(MessageRecord record, string hostname, Envelope envelope, Judgement judgement, IEnumerable<int> indexes)
    {
        var made = new Dictionary<Verdict, string>(ReferenceEqualityComparer.Instance);
        record = record.Change(indexes, (recipient, index) => recipient with { TraceHeaders = Of(judgement.Verdicts[index]) });
        var texts = record.Recipients.Select(r => r.TraceHeaders ?? record.TraceHeaders).Distinct(StringComparer.Ordinal).Take(2).ToList();
        return texts is [var only] ? record with { TraceHeaders = only, Recipients = [.. record.Recipients.Select(r => r with { TraceHeaders = null })] } : record;

        string Of(Verdict verdict) => made.TryGetValue(verdict, out var known) ? known
            : made[verdict] = Build(hostname, envelope, verdict, verdict.Undecided is { } undecided ? [.. judgement.Report.Findings, undecided] : judgement.Report.Findings);
    }

    /// <param name="hostname">Our name (RFC 5321 §4.4).</param>
    /// <param name="verdict">Null says nothing of one.</param>
    public static string Build(string hostname, Envelope envelope, Verdict? verdict, IReadOnlyList<Finding> findings)
    {
        var headers = new StringBuilder(512);
        AppendReceived(headers, hostname, envelope);
        headers.Append(CultureInfo.InvariantCulture, $"X-SecuEdge-Reference: {envelope.Reference}\r\n");
        if (verdict is null || envelope.Direction == Direction.Outbound)
        {
            return headers.ToString();
        }

        // Who decided, and not who else acted: a rule that only sends a copy is nothing for the reader of the mail.
        // Held mail leaves when the hold is over: a mail server must not take it for spam because it was held.
        var action = HoldRule.Released(verdict);
        var isSpam = action >= VerdictAction.Tag;
        headers.Append(CultureInfo.InvariantCulture, $"X-SecuEdge-Verdict: {Lower(action)}; class={Lower(verdict.Class)}; decided-by={verdict.DecidedBy}\r\n");
        headers.Append(CultureInfo.InvariantCulture, $"X-Spam-Flag: {(isSpam ? "YES" : "NO")}\r\n");
        headers.Append(CultureInfo.InvariantCulture, $"X-Spam-Score: {verdict.Score:0.00}\r\n");
        headers.Append(CultureInfo.InvariantCulture, $"X-Spam-Level: {new string('*', (int)Math.Clamp(verdict.Score, 0, 50))}\r\n");
        headers.Append(CultureInfo.InvariantCulture, $"X-Spam-Status: {(isSpam ? "Yes" : "No")}, score={verdict.Score:0.00}");
        AppendTests(headers, findings);
        return headers.Append("\r\n").ToString();
    }

    /// <summary>The same for mail that a person let out: a mail server's rule about spam headers would take it away again.</summary>
    public static string Released(string headers) =>
        headers.Replace("X-Spam-Flag: YES\r\n", "X-Spam-Flag: NO\r\n", StringComparison.Ordinal).Replace("X-Spam-Status: Yes,", "X-Spam-Status: No,", StringComparison.Ordinal);

    private static void AppendReceived(StringBuilder headers, string hostname, Envelope envelope)
    {
        // RFC 5321 §4.4, protocol names of RFC 3848 and RFC 6531 §4.3.
        var protocol = (envelope.IsSmtpUtf8 ? "UTF8SMTP" : envelope.IsEsmtp ? "ESMTP" : "SMTP")
            + (envelope.TlsVersion is not null && (envelope.IsEsmtp || envelope.IsSmtpUtf8) ? "S" : "")
            + (envelope.AuthenticatedAs is not null ? "A" : "");
        var address = envelope.ClientAddress.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6
            ? $"IPv6:{envelope.ClientAddress}"
            : envelope.ClientAddress.ToString();
        headers.Append(CultureInfo.InvariantCulture, $"Received: from {envelope.HeloName} ([{address}])\r\n\tby {hostname} with {protocol} id {envelope.Reference}");

        // With several recipients "for" would show one of them to the others (RFC 5321 §7.6).
        if (envelope.Recipients is [var only])
        {
            headers.Append(CultureInfo.InvariantCulture, $"\r\n\tfor <{only}>");
        }

        headers.Append(CultureInfo.InvariantCulture, $";\r\n\t{envelope.ReceivedAt:ddd, dd MMM yyyy HH:mm:ss} +0000\r\n");
    }

    /// <summary>Folded below 78 characters (RFC 5322 §2.1.1).</summary>
    private static void AppendTests(StringBuilder headers, IReadOnlyList<Finding> findings)
    {
        headers.Append("\r\n\ttests=");
        var column = 14;
        for (var i = 0; i < findings.Count; i++)
        {
            var code = findings[i].Code;
            if (i > 0)
            {
                headers.Append(',');
                if (column + code.Length > 76)
                {
                    headers.Append("\r\n\t");
                    column = 8;
                }
            }

            headers.Append(code);
            column += code.Length + 1;
        }

        if (findings.Count == 0)
        {
            headers.Append("none");
        }
    }

    private static string Lower<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();
}
