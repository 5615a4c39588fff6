using System.Text;
using SecuEdge.Content.Containers;

namespace SecuEdge.Content.Documents.Ole;

/// <summary>
/// [MS-OXMSG]: a message as a compound file, a stream for each property, called by its number and type in hexadecimal. Attachments are
/// storages; messages inside messages are storages in these, and come here by their own properties.
/// </summary>
internal static class OutlookMessage
{
    private const int MaxTextBytes = 1024 * 1024;
    private const string Subject = "0037";
    private const string Body = "1000";
    private const string HtmlBody = "1013";
    private const string RtfBody = "1009";
    private const string AttachedData = "3701";
    private static readonly string[] AttachedNames = ["3707", "3704", "3001"];

    public static void Read(CompoundFile file, string storage, DocumentVisit visit)
    {
        if (storage[(storage.LastIndexOf('/') + 1)..].StartsWith("__attach", StringComparison.OrdinalIgnoreCase))
        {
            AddAttachment(file, storage, visit);
            return;
        }

        visit.AddText(TextOf(file, storage, Subject));
        visit.AddText(TextOf(file, storage, Body));
        if (Property(file, storage, HtmlBody, "0102") is { } html)
        {
            visit.AddFile(new EntryDraft { Name = "body.html" }, () => file.Open(html));
        }
        else if (TextOf(file, storage, HtmlBody) is { Length: > 0 } text)
        {
            visit.AddFile(new EntryDraft { Name = "body.html" }, () => new MemoryStream(Encoding.UTF8.GetBytes(text), writable: false));
        }

        if (Property(file, storage, RtfBody, "0102") is { } rtf)
        {
            visit.AddFile(new EntryDraft { Name = "body.rtf" }, () => new MemoryStream(CompressedRtf.Decompress(file.Read(rtf, 16 * MaxTextBytes), 64 * MaxTextBytes), writable: false));
        }
    }

    private static void AddAttachment(CompoundFile file, string storage, DocumentVisit visit)
    {
        var name = AttachedNames.Select(property => TextOf(file, storage, property)).FirstOrDefault(text => text.Length > 0);
        if (Property(file, storage, AttachedData, "0102") is { } data)
        {
            visit.AddFile(new EntryDraft { Name = name }, () => file.Open(data));
        }
    }

    /// <summary>[MS-OXCDATA] §2.11.1: type 001F is UTF-16, 001E the sender's code page.</summary>
    private static string TextOf(CompoundFile file, string storage, string property) =>
        Property(file, storage, property, "001F") is { } wide ? Encoding.Unicode.GetString(file.Read(wide, MaxTextBytes)).TrimEnd('\0')
        : Property(file, storage, property, "001E") is { } narrow ? Text.Charsets.OfUnknown(file.Read(narrow, MaxTextBytes)).TrimEnd('\0')
        : "";

    private static CompoundEntry? Property(CompoundFile file, string storage, string property, string type) =>
        file.FindIn(storage, $"__substg1.0_{property}{type}") is { IsStream: true } stream ? stream : null;
}
