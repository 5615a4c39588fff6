using MimeKit;

namespace SecuEdge.Content.Mime;

/// <summary>Header fields as text for checks and the message log.</summary>
internal static class HeaderFacts
{
    /// <summary>Longer values are cut: nobody reads them, and they would be kept with every log record.</summary>
    private const int MaxValueChars = 8 * 1024;

    public static MessageHeaders Read(HeaderList headers, string bodyType)
    {
        var all = new List<KeyValuePair<string, string>>(headers.Count);
        string subject = "", to = "", messageId = "", date = "";
        Header? from = null;
        var received = 0;
        var isAutomatic = IsReport(bodyType);
        foreach (var header in headers)
        {
            var value = ValueOf(header);
            all.Add(new(header.Field, value));
            switch (header.Id)
            {
                case HeaderId.Subject when subject.Length == 0:
                    subject = value;
                    break;
                case HeaderId.From:
                    from ??= header;
                    break;
                case HeaderId.To when to.Length == 0:
                    to = value;
                    break;
                case HeaderId.MessageId when messageId.Length == 0:
                    messageId = value;
                    break;
                case HeaderId.Date when date.Length == 0:
                    date = value;
                    break;
                case HeaderId.Received:
                    received++;
                    break;
                default:
                    isAutomatic = isAutomatic || SaysAutomatic(header, value);
                    break;
            }
        }

        var (name, address) = FirstMailbox(from);
        return new MessageHeaders
        {
            Subject = subject,
            From = name,
            FromAddress = address,
            To = to,
            MessageId = messageId,
            Date = date,
            ReceivedCount = received,
            IsAutomatic = isAutomatic,
            All = all,
        };
    }

    private static string ValueOf(Header header)
    {
        var value = header.Value.Trim();
        return value.Length <= MaxValueChars ? value : value[..MaxValueChars];
    }

    /// <summary>RFC 3464 and RFC 8098: answers to reports would make loops.</summary>
    private static bool IsReport(string bodyType) =>
        bodyType is "multipart/report" or "message/delivery-status" or "message/disposition-notification" or "message/feedback-report";

    private static bool SaysAutomatic(Header header, string value) => header.Id switch
    {
        // RFC 3834 §5: anything but "no", which may carry parameters or a comment.
        HeaderId.AutoSubmitted => !value.Split(';', ' ', '(')[0].Equals("no", StringComparison.OrdinalIgnoreCase),

        // RFC 3834 §2: a null reverse-path, as the previous hop wrote it down.
        HeaderId.ReturnPath => value is "<>",
        HeaderId.Precedence => value.Equals("auto_reply", StringComparison.OrdinalIgnoreCase),
        _ => header.Field.Equals("X-Autoreply", StringComparison.OrdinalIgnoreCase) || header.Field.Equals("X-Autorespond", StringComparison.OrdinalIgnoreCase),
    };

    private static (string Name, string Address) FirstMailbox(Header? from)
    {
        if (from is null || !InternetAddressList.TryParse(from.RawValue, out var list) || list.Mailboxes.FirstOrDefault() is not { } mailbox)
        {
            return (from is null ? "" : ValueOf(from), "");
        }

        var at = mailbox.Address.LastIndexOf('@');
        var address = at < 0 ? "" : string.Concat(mailbox.Address.AsSpan(0, at + 1), mailbox.Address[(at + 1)..].ToLowerInvariant());
        return (string.IsNullOrEmpty(mailbox.Name) ? $"<{mailbox.Address}>" : $"{mailbox.Name} <{mailbox.Address}>", address);
    }
}
