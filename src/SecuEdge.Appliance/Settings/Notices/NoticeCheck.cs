using System.Text.RegularExpressions;
using SecuEdge.Filter.Policy.Rules;
using SecuEdge.Smtp;

namespace SecuEdge.Appliance.Settings.Notices;

/// <summary>What can be wrong with a tenant's templates of notices, alone and with those above them.</summary>
internal static partial class NoticeCheck
{
    // A reseller's brand in all its variants; each is kept with every revision of the tenant.
    private const int MaxTemplates = 100;

    private const int MaxTexts = 30;
    private const int MaxSubject = 200;
    private const int MaxText = 10_000;
    private const int MaxHtml = 50_000;

    public static void Check(Tenant tenant, string at, List<string> errors)
    {
        if (tenant.NoticeTemplates.Count > MaxTemplates)
        {
            errors.Add($"{at}noticeTemplates: {tenant.NoticeTemplates.Count} are more than the {MaxTemplates} that one node may have; join some, or put them into nodes below");
        }

        var used = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < tenant.NoticeTemplates.Count; i++)
        {
            var (template, place) = (tenant.NoticeTemplates[i], $"{at}noticeTemplates[{i}]");
            if (!Name().IsMatch(template.Name))
            {
                errors.Add($"{place}.name: '{template.Name}' is not a name; use 1-63 lower-case letters, digits, dots and dashes");
            }
            else if (!used.Add(template.Name))
            {
                errors.Add($"{place}.name: '{template.Name}' is used twice; every one needs its own name");
            }

            Check(template, place, errors);
        }
    }

    /// <summary>A template whose name a node above has locked.</summary>
    public static void CheckLocks(TenantRoute tenant, string at, List<string> errors)
    {
        for (var i = 0; i < tenant.Tenant.NoticeTemplates.Count; i++)
        {
            var name = tenant.Tenant.NoticeTemplates[i].Name;
            if (tenant.Parent?.FindNotice(name) is { Template.Locked: true } locked)
            {
                errors.Add($"{at}noticeTemplates[{i}].name: '{name}' is a locked template of {locked.Node}, which nobody below can replace; choose another name");
            }
        }
    }

    /// <summary>Rules that name a template which is not there would send the general one.</summary>
    public static void CheckUse(TenantRoute tenant, string at, List<string> errors)
    {
        for (var r = 0; r < tenant.Tenant.Rules.Count; r++)
        {
            var actions = tenant.Tenant.Rules[r].Then;
            for (var a = 0; a < actions.Count; a++)
            {
                if (actions[a] is NotifyAction { Template: { } name } && BuiltInNotices.Find(name) is null && tenant.FindNotice(name) is null)
                {
                    errors.Add($"{at}rules[{r}].then[{a}].template: there is no notice template '{name}'; there are: {string.Join(", ", tenant.Notices().Select(n => n.Template.Name))}");
                }
            }
        }
    }

    private static void Check(NoticeTemplate template, string at, List<string> errors)
    {
        if (template.Comment.Length > 500)
        {
            errors.Add($"{at}.comment: is too long: {template.Comment.Length}, at most 500");
        }

        if (template.ReplyTo is { } address && (!MailPath.TryParse(address, out var path) || path.LocalPart.Length == 0 || path.Domain.Length == 0))
        {
            errors.Add($"{at}.replyTo: '{address}' is no mail address; write it as name@example.com");
        }

        if (template.Texts.Count is 0 or > MaxTexts)
        {
            errors.Add($"{at}.texts: are {template.Texts.Count}; write 1 to {MaxTexts}, one for each language");
        }

        var languages = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        for (var t = 0; t < template.Texts.Count; t++)
        {
            var (text, place) = (template.Texts[t], $"{at}.texts[{t}]");
            if (!Language().IsMatch(text.Language))
            {
                errors.Add($"{place}.language: '{text.Language}' is no language; write it as fr or fr-CH");
            }
            else if (!languages.Add(text.Language))
            {
                errors.Add($"{place}.language: '{text.Language}' is there twice");
            }

            CheckWords(text.Subject, MaxSubject, $"{place}.subject", errors);
            CheckWords(text.Text, MaxText, $"{place}.text", errors);
            if (text.Subject.Any(char.IsControl))
            {
                errors.Add($"{place}.subject: has control characters; write one line");
            }

            if (text.Text.Any(c => char.IsControl(c) && c is not ('\r' or '\n' or '\t')))
            {
                errors.Add($"{place}.text: has control characters; take them out");
            }

            if (text.Html is { } html)
            {
                CheckWords(html, MaxHtml, $"{place}.html", errors);
                CheckHtml(html, $"{place}.html", errors);
            }
        }
    }

    private static void CheckWords(string words, int longest, string at, List<string> errors)
    {
        if (string.IsNullOrWhiteSpace(words))
        {
            errors.Add($"{at}: is empty; write what the reader is told");
        }
        else if (words.Length > longest)
        {
            errors.Add($"{at}: is too long: {words.Length}, at most {longest}");
        }
        else if (NoticePlaceholders.Problem(words) is { } problem)
        {
            errors.Add($"{at}: {problem}");
        }
    }

    /// <summary>An escaped value is only text between tags: in an attribute or a style it could still be an address that acts.</summary>
    private static void CheckHtml(string html, string at, List<string> errors)
    {
        if (Active().Match(html) is { Success: true } active)
        {
            errors.Add($"{at}: has '{active.Value}', which mail programs do not show; take it out");
        }
        else if (HasPlaceholderInTag(html) || HasPlaceholderInStyle(html))
        {
            errors.Add($"{at}: has a placeholder inside a tag or a style; put it between tags");
        }
    }

    /// <summary>With and without regard to quotes: where the two differ, mail programs do, too.</summary>
    private static bool HasPlaceholderInTag(string html)
    {
        var (inTag, inQuotedTag, quote) = (false, false, '\0');
        for (var i = 0; i < html.Length; i++)
        {
            var c = html[i];
            if (c == '{' && (inTag || inQuotedTag) && i + 1 < html.Length && html[i + 1] == '{')
            {
                return true;
            }

            inTag = c == '<' || (inTag && c != '>');
            if (quote != '\0')
            {
                quote = c == quote ? '\0' : quote;
            }
            else if (inQuotedTag && c is ('"' or '\''))
            {
                quote = c;
            }
            else
            {
                inQuotedTag = c == '<' || (inQuotedTag && c != '>');
            }
        }

        return false;
    }

    private static bool HasPlaceholderInStyle(string html)
    {
        for (var start = 0; (start = html.IndexOf("<style", start, StringComparison.OrdinalIgnoreCase)) >= 0;)
        {
            var end = html.IndexOf("</style", start, StringComparison.OrdinalIgnoreCase);
            end = end < 0 ? html.Length : end;
            if (html.AsSpan(start, end - start).Contains("{{", StringComparison.Ordinal))
            {
                return true;
            }

            start = end;
        }

        return false;
    }

    [GeneratedRegex(@"^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Name();

    [GeneratedRegex(@"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Language();

    [GeneratedRegex(@"<\s*(script|iframe|object|embed|form|meta|base|svg|math)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Active();
}
