using System.Globalization;
using System.Text;
using MimeKit;
using SecuEdge.Content;
using SecuEdge.Store.MessageLog;

namespace SecuEdge.Appliance.MailFlow;

/// <summary>Everything a delivery report says.</summary>
internal sealed record Bounce(
    string Reference, string Hostname, DateTimeOffset At, MessageRecord Failed, IReadOnlyList<DeliveryFailure> Failures, byte[] OriginalHeader)
{
    public string From => $"MAILER-DAEMON@{Hostname}";

    public string MessageId => $"{Reference}@{Hostname}";
}

/// <summary>
/// Writes delivery reports (RFC 3464 in a multipart/report of RFC 6522): words for the person, fields for programs, and the header of the
/// message it is about. Not its body: that may be the very thing another server refused.
/// </summary>
internal static class BounceWriter
{
    public const string Subject = "Your message could not be delivered / Votre message n'a pas pu être remis";

    // What a person needs to recognise the message; some mail has headers without end.
    private const int MaxHeaderBytes = 32 * 1024;

    private static readonly FormatOptions Format = CreateFormat();

    public static byte[] Write(Bounce bounce)
    {
        var report = new MultipartReport("delivery-status")
        {
            Part("text", "plain", Encoding.UTF8.GetBytes(Explanation(bounce)), "utf-8"),
            Part("message", "delivery-status", Encoding.UTF8.GetBytes(Status(bounce)), null),
            Part("text", "rfc822-headers", bounce.OriginalHeader, null),
        };
        report.Boundary = $"report-{bounce.Reference}";
        var isInternational = !Ascii.IsValid(bounce.Failed.ReversePath);
        using var message = new MimeMessage { Date = bounce.At, MessageId = bounce.MessageId, Subject = Subject, Body = report };
        message.From.Add(new MailboxAddress("Mail delivery", bounce.From));
        message.To.Add(new MailboxAddress("", bounce.Failed.ReversePath));
        // RFC 3834 §5: nobody shall answer this, RFC 3464 asks for the null reverse-path besides.
        message.Headers.Add(HeaderId.AutoSubmitted, "auto-replied");
        if (bounce.Failed.MessageId.Length > 0 && Ascii.IsValid(bounce.Failed.MessageId))
        {
            message.InReplyTo = bounce.Failed.MessageId;
        }

        using var bytes = new MemoryStream();
        var format = Format;
        if (isInternational)
        {
            format = Format.Clone();
            format.International = true;
        }

        message.WriteTo(format, bytes);
        return bytes.ToArray();
    }

    /// <summary>The header block with CRLF line ends, cut at a line if it is very long.</summary>
    public static async Task<byte[]> ReadHeaderAsync(IByteSource bytes, CancellationToken cancellationToken)
    {
        var buffer = new byte[MaxHeaderBytes];
        await using var stream = bytes.OpenRead();
        var count = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        var read = buffer.AsSpan(0, count);
        var end = read.IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            end = count < MaxHeaderBytes ? count : Math.Max(0, read.LastIndexOf("\r\n"u8));
        }

        return [.. read[..end], .. "\r\n"u8];
    }

    private static MimePart Part(string type, string subtype, byte[] content, string? charset)
    {
        var isPlain = Ascii.IsValid(content) && Encoding.ASCII.GetString(content).Split('\n').All(l => l.Length <= 990);
        var part = new MimePart(type, subtype)
        {
            Content = new MimeContent(new MemoryStream(content)),
            // RFC 6522 §3 allows an encoding for the text parts; delivery-status is ASCII by construction.
            ContentTransferEncoding = isPlain ? ContentEncoding.SevenBit : ContentEncoding.QuotedPrintable,
        };
        if (charset is not null)
        {
            part.ContentType.Charset = charset;
        }

        return part;
    }

    private static string Explanation(Bounce bounce)
    {
        var text = new StringBuilder();
        var (failed, failures) = (bounce.Failed, bounce.Failures);
        var subject = failed.Subject.Length > 0 ? $" \"{OneLine(failed.Subject)}\"" : "";
        text.Append(CultureInfo.InvariantCulture, $"Your message{subject} of {failed.ReceivedAt:yyyy-MM-dd HH:mm} UTC could not be delivered to:\r\n\r\n");
        foreach (var failure in failures)
        {
            var end = failure.IsExpired ? " (given up after trying for days)" : "";
            text.Append(CultureInfo.InvariantCulture, $"  {OneLine(failed.Recipients[failure.Index].Address)}{end}\r\n");
            text.Append(CultureInfo.InvariantCulture, $"    {OneLine(failure.Reply.ToString())}\r\n\r\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"If you need help, give your administrator the reference {failed.Reference}.\r\n\r\n");
        text.Append("Votre message n'a pas pu être remis aux destinataires ci-dessus, pour les raisons indiquées. ");
        text.Append(CultureInfo.InvariantCulture, $"Pour obtenir de l'aide, donnez à votre administrateur la référence {failed.Reference}.\r\n");
        return text.ToString();
    }

    /// <summary>RFC 3464 §2: one group about the message, one for each recipient, separated by empty lines.</summary>
    private static string Status(Bounce bounce)
    {
        var failed = bounce.Failed;
        var status = new StringBuilder();
        status.Append(CultureInfo.InvariantCulture, $"Reporting-MTA: dns; {bounce.Hostname}\r\n");
        status.Append(CultureInfo.InvariantCulture, $"X-SecuEdge-Reference: {failed.Reference}\r\n");
        status.Append(CultureInfo.InvariantCulture, $"Arrival-Date: {Date(failed.ReceivedAt)}\r\n");
        foreach (var failure in bounce.Failures)
        {
            var hasRemote = failure.NextHop.Length > 0;
            status.Append(CultureInfo.InvariantCulture, $"\r\nFinal-Recipient: {AddressField(failed.Recipients[failure.Index].Address)}\r\nAction: failed\r\n");
            status.Append(CultureInfo.InvariantCulture, $"Status: {StatusCode(failure)}\r\n");
            if (hasRemote)
            {
                status.Append(CultureInfo.InvariantCulture, $"Remote-MTA: dns; {Printable(HostOf(failure.NextHop))}\r\n");
                status.Append(CultureInfo.InvariantCulture, $"Diagnostic-Code: smtp; {Fold(Printable(failure.Reply.ToString()))}\r\n");
            }

            status.Append(CultureInfo.InvariantCulture, $"Last-Attempt-Date: {Date(bounce.At)}\r\n");
        }

        return status.ToString();
    }

    /// <summary>RFC 3463: an expired message keeps the subject of its last trouble as 5.4.7, everything else its own code.</summary>
    private static string StatusCode(DeliveryFailure failure) =>
        failure.IsExpired ? "5.4.7" : failure.Reply.EnhancedCode is { } code && code.StartsWith('5') ? code : "5.0.0";

    /// <summary>RFC 6533 §3: an address beyond ASCII in the form that ASCII mail can carry.</summary>
    private static string AddressField(string address)
    {
        if (Ascii.IsValid(address))
        {
            return $"rfc822; {Printable(address)}";
        }

        var text = new StringBuilder("utf-8; ");
        foreach (var rune in address.EnumerateRunes())
        {
            text.Append(rune.Value is > 0x20 and < 0x7F and not ('\\' or '+' or '=')
                ? rune.ToString()
                : string.Create(CultureInfo.InvariantCulture, $"\\x{{{rune.Value:X}}}"));
        }

        return text.ToString();
    }

    private static string HostOf(string nextHop) => nextHop.Split(' ')[0] is var host && host.LastIndexOf(':') is var colon and > 0 ? host[..colon] : host;

    private static string Date(DateTimeOffset at) => at.ToUniversalTime().ToString("ddd, dd MMM yyyy HH:mm:ss '+0000'", CultureInfo.InvariantCulture);

    private static string OneLine(string text) => string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));

    /// <summary>A next hop's words in a field of ours: nothing in them may begin another field.</summary>
    private static string Printable(string text) => string.Concat(text.Select(c => c is >= ' ' and <= '~' ? c : '?'));

    /// <summary>RFC 5322 §2.1.1: lines of at most 998 characters; 500 leave room for the field's name.</summary>
    private static string Fold(string text) => text.Length <= 500 ? text : string.Concat(text.AsSpan(0, 500), "...");

    private static FormatOptions CreateFormat()
    {
        var format = FormatOptions.Default.Clone();
        format.NewLineFormat = NewLineFormat.Dos;
        return format;
    }
}
