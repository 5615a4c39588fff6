using SecuEdge.Smtp;

namespace SecuEdge.Filter.Policy.Rules.Matching;

/// <summary>What can be wrong with the actions of one rule, alone and together.</summary>
internal static class ActionCheck
{
    // Fields by which mail programs and gateways tell who sent it, how to read it and whether it is genuine.
    private static readonly string[] Kept =
        ["From", "To", "Cc", "Bcc", "Sender", "Reply-To", "Date", "Message-ID", "Received", "Return-Path", "MIME-Version", "DKIM-Signature", "Authentication-Results"];

    public static void Check(IReadOnlyList<RuleAction> actions, string place, List<string> errors)
    {
        var final = -1;
        for (var i = 0; i < actions.Count; i++)
        {
            var at = $"{place}[{i}]";
            if (actions[i].IsFinal && final >= 0)
            {
                errors.Add($"{at}: '{NameOf(actions[i])}' contradicts '{NameOf(actions[final])}' before it; a message can go only one way: take one out");
            }
            else if (actions[i].IsFinal)
            {
                final = i;
            }

            CheckOne(actions[i], at, errors);
        }

        if (final >= 0 && actions[final] is RejectAction or DiscardAction)
        {
            for (var i = 0; i < actions.Count; i++)
            {
                if (actions[i] is CopyAction && actions[final] is RejectAction)
                {
                    errors.Add($"{place}[{i}]: 'copy' would keep what 'reject' of this rule tells the sender that nobody has; write 'quarantine' or 'discard' instead of 'reject', or give the copy a rule of its own");
                }
                else if (actions[i] is TagAction or RemoveAttachmentsAction or BannerAction or RedirectAction or GreylistAction)
                {
                    errors.Add($"{place}[{i}]: '{NameOf(actions[i])}' is never done, because '{NameOf(actions[final])}' of this rule lets nobody have the message; take one of them out");
                }
            }
        }
    }

    /// <summary>As in JSON.</summary>
    public static string NameOf(RuleAction action) => action switch
    {
        DeliverAction => "deliver",
        HoldAction => "hold",
        QuarantineAction => "quarantine",
        RejectAction => "reject",
        DiscardAction => "discard",
        ScoreAction => "score",
        TagAction => "tag",
        RemoveAttachmentsAction => "removeAttachments",
        BannerAction => "banner",
        RedirectAction => "redirect",
        CopyAction => "copy",
        GreylistAction => "greylist",
        NotifyAction => "notify",
        _ => throw new InvalidOperationException($"unknown action {action.GetType().Name}"),
    };

    private static void CheckOne(RuleAction action, string at, List<string> errors)
    {
        switch (action)
        {
            case HoldAction { Minutes: not null, Until: not null }:
                errors.Add($"{at}.until: says another end than minutes; leave one of them out");
                break;
            case DiscardAction { Confirm: false }:
                errors.Add($"{at}.confirm: is not true; the sender will believe that his mail arrived, so confirm that it shall be thrown away, or quarantine or reject it");
                break;
            case RejectAction { Text: var text } when text.Any(c => c is < ' ' or > '~'):
                errors.Add($"{at}.text: has characters that not every mail server can pass on; write one line of plain ASCII");
                break;
            case ScoreAction { Add: var add } when !double.IsFinite(add) || add == 0:
                errors.Add($"{at}.add: adds nothing; write a number other than 0");
                break;
            case TagAction { Subject: null or "", Header: null }:
                errors.Add($"{at}: marks nothing; give subject, header or both");
                break;
            case TagAction tag:
                CheckTag(tag, at, errors);
                break;
            case RedirectAction redirect:
                CheckAddress(redirect.To, at + ".to", errors);
                break;
            case CopyAction copy:
                CheckAddress(copy.To, at + ".to", errors);
                break;
            case NotifyAction notify when notify.Whom.Contains(NotifyWhom.Address):
                CheckAddress(notify.Address ?? "", at + ".address", errors);
                break;
            case NotifyAction { Address: { } address }:
                errors.Add($"{at}.address: '{address}' is never told; add 'address' to whom, or leave it out");
                break;
            default:
                break;
        }
    }

    private static void CheckTag(TagAction tag, string at, List<string> errors)
    {
        if (tag.Subject?.Any(char.IsControl) == true)
        {
            errors.Add($"{at}.subject: has control characters; write one line");
        }

        if (tag.Header is not { } header)
        {
            return;
        }

        if (Kept.Contains(header.Name, StringComparer.OrdinalIgnoreCase)
            || header.Name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase)
            || header.Name.StartsWith("ARC-", StringComparison.OrdinalIgnoreCase))
        {
            errors.Add($"{at}.header.name: '{header.Name}' tells mail programs who wrote it or how to read it and cannot be replaced; choose a name beginning with X-");
        }
        else if (header.Name.Equals("Subject", StringComparison.OrdinalIgnoreCase))
        {
            errors.Add($"{at}.header.name: is the subject, which a header would replace; use subject of the same action to write in front of it");
        }

        if (header.Value.Any(char.IsControl))
        {
            errors.Add($"{at}.header.value: has control characters; write one line");
        }
    }

    private static void CheckAddress(string text, string at, List<string> errors)
    {
        if (!MailPath.TryParse(text, out var path) || path.LocalPart.Length == 0 || path.Domain.Length == 0)
        {
            errors.Add($"{at}: '{text}' is no mail address; write it as name@example.com");
        }
    }
}
