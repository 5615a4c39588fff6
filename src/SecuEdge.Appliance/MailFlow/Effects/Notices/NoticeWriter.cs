using System.Globalization;
using System.Net;
using System.Text;
using MimeKit;
using SecuEdge.Appliance.Settings.Notices;

namespace SecuEdge.Appliance.MailFlow.Effects.Notices;

/// <summary>
/// Writes a notice as plain text and HTML. Subjects, names of files and addresses are a stranger's words: one line each, bounded, escaped,
/// and never anything but a value.
/// </summary>
internal static class NoticeWriter
{
    private const int MaxValue = 300;

    private static readonly FormatOptions Format = CreateFormat();

    /// <summary>As the reader sees it.</summary>
    public static RenderedNotice Render(NoticeWords words, IReadOnlyDictionary<string, string> values, int suppressed)
    {
        // A subject is read in a list of subjects: 150 characters tell it from the others.
        var subject = Plain.Line(Fill(words.Text.Subject, values, v => Plain.Line(v, 100)), 150);
        var (text, more) = (Fill(words.Text.Text, values, v => Plain.Line(v, MaxValue)), Suppressed(words.Text.Language, suppressed));
        return new RenderedNotice(subject, more.Length == 0 ? text : $"{text}\n\n{more}", Html(words.Text, values, more));
    }

    public static (byte[] Bytes, string Subject) Write(Notice notice, string hostname, DateTimeOffset now)
    {
        var (subject, text, html) = Render(notice.Words, notice.Values, notice.Suppressed);
        var body = new MultipartAlternative { Part("plain", text), Part("html", html) };
        body.Boundary = $"notice-{notice.Reference}";
        using var message = new MimeMessage { Date = now, MessageId = $"{notice.Reference}@{hostname}", Subject = subject, Body = body };
        message.From.Add(new MailboxAddress("SecuEdge", $"postmaster@{hostname}"));
        message.To.Add(MailboxAddress.TryParse(notice.To, out var to) ? to : new MailboxAddress("", notice.To));
        if (notice.Words.ReplyTo is { } answers && MailboxAddress.TryParse(answers, out var replyTo))
        {
            message.ReplyTo.Add(replyTo);
        }

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

    private static string Html(NoticeText words, IReadOnlyDictionary<string, string> values, string more)
    {
        string Safe(string value) => WebUtility.HtmlEncode(Plain.Line(value, MaxValue));
        if (words.Html is not { } own)
        {
            var lines = Fill(WebUtility.HtmlEncode(words.Text.ReplaceLineEndings("\n")), values, Safe) + (more.Length == 0 ? "" : $"\n\n{more}");
            return $"<html><body>\n{string.Join("<br>\n", lines.Split('\n'))}\n</body></html>\n";
        }

        var html = Fill(own, values, Safe);
        var end = html.LastIndexOf("</body", StringComparison.OrdinalIgnoreCase);
        return more.Length == 0 ? html : html.Insert(end < 0 ? html.Length : end, $"<p>{more}</p>");
    }

    private static string Fill(string template, IReadOnlyDictionary<string, string> values, Func<string, string> makeSafe) =>
        NoticePlaceholders.Fill(template, name => makeSafe(values.GetValueOrDefault(name, "")));

    private static string Suppressed(string language, int suppressed)
    {
        if (suppressed == 0)
        {
            return "";
        }

        return language.StartsWith("fr", StringComparison.OrdinalIgnoreCase)
            ? string.Create(CultureInfo.InvariantCulture, $"Depuis l'avis précédent, {suppressed} autres messages semblables n'ont pas fait l'objet d'un avis.")
            : string.Create(CultureInfo.InvariantCulture, $"Since the last notice there were {suppressed} more messages like this one, without a notice each.");
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
}

/// <summary>A notice with everything filled in.</summary>
internal sealed record RenderedNotice(string Subject, string Text, string Html);
