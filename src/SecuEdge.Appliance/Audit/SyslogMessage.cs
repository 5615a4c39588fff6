using System.Globalization;
using System.Text;
using SecuEdge.Store.Audit;

namespace SecuEdge.Appliance.Audit;

/// <summary>An audit entry as a syslog message (RFC 5424) in a frame that tells its length (RFC 5425 §4.3, RFC 6587 §3.4.1).</summary>
internal static class SyslogMessage
{
    // Facility 13, log audit; severity 5 for what was done, 4 for what was refused (RFC 5424 §6.2.1).
    private const int Done = (13 * 8) + 5;
    private const int Refused = (13 * 8) + 4;

    // RFC 5612: the number kept for documentation; the appliance has none of its own.
    private const string ElementId = "secuedge@32473";

    public static byte[] Frame(AuditEntry entry, string hostname)
    {
        var message = Encoding.UTF8.GetBytes(Text(entry, hostname));
        return [.. Encoding.ASCII.GetBytes(message.Length.ToString(CultureInfo.InvariantCulture) + " "), .. message];
    }

    public static string Text(AuditEntry entry, string hostname)
    {
        var text = new StringBuilder(600);
        text.Append(CultureInfo.InvariantCulture, $"<{(entry.Succeeded ? Done : Refused)}>1 {entry.At.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'} {Name(hostname, 255)} secuedge - {Name(entry.Action, 32)} [{ElementId}");
        Add(text, "number", entry.Number.ToString(CultureInfo.InvariantCulture));
        Add(text, "actor", entry.Actor);
        Add(text, "address", entry.Address);
        Add(text, "tenant", entry.Tenant);
        Add(text, "target", entry.Target);
        Add(text, "reason", entry.Reason);
        Add(text, "succeeded", entry.Succeeded ? "true" : "false");
        Add(text, "previousHash", entry.PreviousHash);
        Add(text, "hash", entry.Hash);

        // RFC 5424 §6.4: the mark in front says that the text is UTF-8.
        text.Append("] \uFEFF");
        foreach (var c in entry.Detail)
        {
            text.Append(char.IsControl(c) ? ' ' : c);
        }

        return text.ToString();
    }

    private static void Add(StringBuilder text, string name, string value)
    {
        if (value.Length == 0)
        {
            return;
        }

        text.Append(' ').Append(name).Append("=\"");
        foreach (var c in value)
        {
            // RFC 5424 §6.3.3: these three are escaped; control characters would only harm who reads it.
            if (c is '"' or '\\' or ']')
            {
                text.Append('\\');
            }

            text.Append(char.IsControl(c) ? ' ' : c);
        }

        text.Append('"');
    }

    /// <summary>Printable ASCII without spaces; a dash for nothing.</summary>
    private static string Name(string value, int limit)
    {
        var name = new string([.. value.Select(c => c is > ' ' and < '\u007f' ? c : '_').Take(limit)]);
        return name.Length == 0 ? "-" : name;
    }
}
