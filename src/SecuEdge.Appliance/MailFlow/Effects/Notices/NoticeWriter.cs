using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using MimeKit;

namespace SecuEdge.Appliance.MailFlow.Effects.Notices;

/// <summary>
/// Writes a notice as plain text and HTML. Subjects, names of files and addresses are a stranger's words: one line each, bounded, escaped,
/// and never anything but a value.
/// </summary>
internal static partial class NoticeWriter
{
    private const int MaxValue = 300;

    private static readonly FormatOptions Format = CreateFormat();

    public static (byte[] Bytes, string Subject) Write(Notice notice, string hostname, DateTimeOffset now)
    {
        var (subjectTemplate, textTemplate) = NoticeTemplates.Find(notice.Template, notice.Language);
        // A subject is read in a list of subjects: 150 characters tell it from the others.
        var subject = Plain.Line(Fill(subjectTemplate, notice, v => Plain.Line(v, 100)), 150);
        var text = Fill(textTemplate, notice, v => Plain.Line(v, MaxValue)) + Suppressed(notice);
        var html = string.Join("<br>\n", (Fill(WebUtility.HtmlEncode(textTemplate), notice, v => WebUtility.HtmlEncode(Plain.Line(v, MaxValue))) + Suppressed(notice)).Split('\n'));
        var body = new MultipartAlternative { Part("plain", text), Part("html", $"<html><body>\n{html}\n</body></html>\n") };
        body.Boundary = $"notice-{notice.Reference}";
        using var message = new MimeMessage { Date = now, MessageId = $"{notice.Reference}@{hostname}", Subject = subject, Body = body };
        message.From.Add(new MailboxAddress("SecuEdge", $"postmaster@{hostname}"));
        message.To.Add(MailboxAddress.TryParse(notice.To, out var to) ? to : new MailboxAddress("", notice.To));
        // RFC 3834 §5, and what Exchange listens to: nobody answers a notice.
        message.Headers.Add(HeaderId.AutoSubmitted, "auto-generated");
        message.Headers.Add("X-Auto-Response-Suppress", "All");
        using var bytes = new MemoryStream();
        var format = Format;
        if (!Ascii.IsValid(notice.To))
        {
            format = Format.Clone();
            format.International = true;
        }

        message.WriteTo(format, bytes);
        return (bytes.ToArray(), subject);
    }

    /// <summary>In one pass: a value that looks like a macro stays what it is.</summary>
    private static string Fill(string template, Notice notice, Func<string, string> makeSafe) =>
        Macro().Replace(template, m => notice.Values.TryGetValue(m.Groups[1].Value, out var value) ? makeSafe(value) : m.Value);

    private static string Suppressed(Notice notice)
    {
        if (notice.Suppressed == 0)
        {
            return "";
        }

        return notice.Language == "fr"
            ? string.Create(CultureInfo.InvariantCulture, $"\n\nDepuis l'avis précédent, {notice.Suppressed} autres messages semblables n'ont pas fait l'objet d'un avis.")
            : string.Create(CultureInfo.InvariantCulture, $"\n\nSince the last notice there were {notice.Suppressed} more messages like this one, without a notice each.");
    }

    private static TextPart Part(string subtype, string text)
    {
        var part = new TextPart(subtype) { ContentTransferEncoding = ContentEncoding.QuotedPrintable };
        part.SetText(Encoding.UTF8, text.ReplaceLineEndings("\r\n") + "\r\n");
        return part;
    }

    private static FormatOptions CreateFormat()
    {
        var format = FormatOptions.Default.Clone();
        format.NewLineFormat = NewLineFormat.Dos;
        return format;
    }

    [GeneratedRegex(@"\{\{([a-z]+)\}\}")]
    private static partial Regex Macro();
}
