using System.Globalization;
using System.Text;
using SecuEdge.Filter;
using SecuEdge.Smtp;

namespace SecuEdge.Appliance.MailFlow;

/// <summary>
/// The header lines put in front of the bytes. Names of the spam headers are SpamAssassin's, because every mail server has rules on them;
/// outbound mail carries no scan result to strangers.
/// </summary>
internal static class TraceHeaders
{
    /// <param name="hostname">Our name (RFC 5321 §4.4).</param>
    public static string Build(string hostname, Envelope envelope, Verdict verdict, IReadOnlyList<Finding> findings)
    {
        var headers = new StringBuilder(512);
        AppendReceived(headers, hostname, envelope);
        headers.Append(CultureInfo.InvariantCulture, $"X-SecuEdge-Reference: {envelope.Reference}\r\n");
        if (envelope.Direction == Direction.Outbound)
        {
            return headers.ToString();
        }

        var isSpam = verdict.Action >= VerdictAction.Tag;
        headers.Append(CultureInfo.InvariantCulture, $"X-SecuEdge-Verdict: {Lower(verdict.Action)}; class={Lower(verdict.Class)}; decided-by={verdict.DecidedBy}\r\n");
        headers.Append(CultureInfo.InvariantCulture, $"X-Spam-Flag: {(isSpam ? "YES" : "NO")}\r\n");
        headers.Append(CultureInfo.InvariantCulture, $"X-Spam-Score: {verdict.Score:0.00}\r\n");
        headers.Append(CultureInfo.InvariantCulture, $"X-Spam-Level: {new string('*', (int)Math.Clamp(verdict.Score, 0, 50))}\r\n");
        headers.Append(CultureInfo.InvariantCulture, $"X-Spam-Status: {(isSpam ? "Yes" : "No")}, score={verdict.Score:0.00}");
        AppendTests(headers, findings);
        return headers.Append("\r\n").ToString();
    }

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
