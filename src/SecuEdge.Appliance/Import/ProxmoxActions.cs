using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using SecuEdge.Filter.Policy.Rules;

namespace SecuEdge.Appliance.Import;

/// <summary>Action objects of Proxmox rules (types 4000 and up) as actions here.</summary>
internal sealed partial class ProxmoxActions(Dump dump, ConversionNotes notes)
{
    /// <summary>Of <see cref="RemoveAttachmentsAction.Text"/>; Proxmox takes 48 more.</summary>
    private const int MaxNoteChars = 2000;

    private readonly ILookup<int, DumpRow> _attributes = dump["attribut"].ToLookup(a => a.Number("object_id"));

    /// <returns>Null when it has no counterpart; a note says which.</returns>
    public RuleAction? Read(DumpRow item, string rule)
    {
        var value = CopyDump.Bytes(item["value"]);
        var where = $"an action of rule '{rule}'";
        switch (item.Number("objecttype"))
        {
            case 4000:
                return new DeliverAction();
            case 4001:
                notes.Changed(where, "Block there may accept the mail and drop it in silence; here the sender is told with 550");
                return new RejectAction();
            case 4002:
                return Notify(item, value, where);
            case 4003:
                return Header(value, where);
            case 4005:
                return Copy(value, where);
            case 4006:
                return new QuarantineAction();
            case 4007:
                return Remove(value, where);
            case 4009:
                return Disclaimer(item, value, where);
            case 4004:
                notes.NotTaken(where, "attaching the original to the processed mail has no counterpart; the original is in quarantine or delivered");
                return null;
            case 4008:
                notes.NotTaken(where, "reporting spam to Proxmox's servers has no counterpart");
                return null;
            case 4999:
                notes.NotTaken(where, "a counter is not needed: every rule is counted");
                return null;
            default:
                notes.Unknown(where, string.Create(CultureInfo.InvariantCulture, $"action type {item.Number("objecttype")} ('{Short(value)}') is not known"));
                return null;
        }
    }

    private NotifyAction? Notify(DumpRow item, string to, string where)
    {
        if (_attributes[item.Number("id")].Any(a => a.Text("name") is "subject" or "body"))
        {
            notes.Changed(where, "the notification's own subject and text are replaced by our template for what becomes of the message");
        }

        if (_attributes[item.Number("id")].Any(a => a.Text("name") == "attach" && CopyDump.Bytes(a["value"]) == "O"))
        {
            notes.NotTaken(where, "the message itself was attached to the notification; here it is in quarantine, delivered, or copied by a copy action");
        }

        var whom = new List<NotifyWhom>();
        string? address = null;
        foreach (var target in to.Split([',', ';', ' '], StringSplitOptions.RemoveEmptyEntries))
        {
            switch (target)
            {
                case "__ADMIN__": whom.Add(NotifyWhom.Administrator); break;
                case "__SENDER__": whom.Add(NotifyWhom.Sender); break;
                case "__RECEIVERS__": whom.Add(NotifyWhom.Recipients); break;
                case var known when known.Contains('@', StringComparison.Ordinal) && address is null:
                    whom.Add(NotifyWhom.Address);
                    address = known;
                    break;
                default:
                    notes.NotTaken(where, $"'{target}' is not notified: one address besides administrator, sender and recipients");
                    break;
            }
        }

        return whom.Count == 0 ? null : new NotifyAction { Whom = whom, Address = address };
    }

    private TagAction? Header(string value, string where)
    {
        var colon = value.IndexOf(':', StringComparison.Ordinal);
        var (name, text) = colon > 0 ? (value[..colon], value[(colon + 1)..]) : ("", "");
        if (name.Equals("subject", StringComparison.OrdinalIgnoreCase) && text.Split("__SUBJECT__") is [{ Length: > 0 } prefix, ""] && !Macro().IsMatch(prefix))
        {
            return new TagAction { Subject = prefix.TrimEnd() };
        }

        if (Macro().IsMatch(text))
        {
            notes.NotTaken(where, $"header '{name}' with the macro in '{Short(text)}' is not set; X-Spam-Status, X-Spam-Score and X-Spam-Level are set on all inbound mail");
            return null;
        }

        if (!HeaderName().IsMatch(name))
        {
            notes.NotTaken(where, $"'{Short(value)}' is no header field");
            return null;
        }

        return new TagAction { Header = new HeaderField(name, text.Trim()) };
    }

    private CopyAction? Copy(string value, string where)
    {
        var (isOriginal, target) = value is [var first, ':', .. var rest] ? (first == '1', rest) : (true, value);
        if (!isOriginal)
        {
            notes.Changed(where, $"the copy to {target} was one of the processed mail there, and is one of the mail as received here");
        }

        var targets = target.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).ToLookup(t => Macro().IsMatch(t));
        foreach (var macro in targets[true])
        {
            notes.NotTaken(where, $"no copy is sent to {macro}: a copy has one address that is always the same");
        }

        foreach (var more in targets[false].Skip(1))
        {
            notes.NotTaken(where, $"a second copy to {more}: add a rule of its own for it");
        }

        return targets[false].FirstOrDefault() is { } only ? new CopyAction(only) : null;
    }

    /// <summary><c>all,quarantine:text</c>; older versions wrote <c>all:text</c>.</summary>
    private RemoveAttachmentsAction Remove(string value, string where)
    {
        var colon = value.IndexOf(':', StringComparison.Ordinal);
        var flags = (colon < 0 ? value : value[..colon]).Split(',');
        var text = colon < 0 ? "" : value[(colon + 1)..];
        if (flags is [_, "1"])
        {
            notes.NotTaken(where, "the original is not put into an attachment quarantine; use a quarantine action instead if it must be kept");
        }

        if (Macro().IsMatch(text) || text.Contains('<', StringComparison.Ordinal))
        {
            notes.Changed(where, "the text of the note with macros or HTML is replaced by ours");
            text = "";
        }

        if (text.Length > MaxNoteChars)
        {
            notes.Changed(where, string.Create(CultureInfo.InvariantCulture, $"the text of the note is cut at {MaxNoteChars} characters: shorten it"));
            text = text[..MaxNoteChars];
        }

        return new RemoveAttachmentsAction { Which = flags[0] == "1" ? new AttachmentCondition { In = AttachmentPlace.Outside } : null, Text = text };
    }

    private BannerAction? Disclaimer(DumpRow item, string value, string where)
    {
        var html = Macro().Replace(value, "");
        if (html != value)
        {
            var macros = string.Join(", ", Macro().Matches(value).Select(m => m.Value).Distinct());
            notes.Changed(where, $"{macros} of the disclaimer, which Proxmox fills in, is left out: read the text and mend it");
        }

        var lines = html.Replace("<br>", "\n", StringComparison.OrdinalIgnoreCase).Replace("<br/>", "\n", StringComparison.OrdinalIgnoreCase);
        var text = WebUtility.HtmlDecode(Tag().Replace(lines, "")).Trim();
        if (text.Length == 0)
        {
            notes.NotTaken(where, $"the disclaimer '{Short(value)}' has no text for those who read mail as plain text; write one");
            return null;
        }

        var isTop = _attributes[item.Number("id")].Any(a => a.Text("name") == "top" && CopyDump.Bytes(a["value"]) == "1");
        return new BannerAction { Text = text, Html = html, At = isTop ? BannerPlace.Top : BannerPlace.Bottom };
    }

    private static string Short(string text) => text.Length <= 200 ? text : text[..200];

    [GeneratedRegex("__[A-Z_]+__")]
    private static partial Regex Macro();

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tag();

    [GeneratedRegex("^[!-9;-~]{1,70}$")]
    private static partial Regex HeaderName();
}
