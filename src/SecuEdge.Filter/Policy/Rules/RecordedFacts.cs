namespace SecuEdge.Filter.Policy.Rules;

/// <summary>
/// What is kept of facts: a few kilobytes whatever the message, and never its body. Where something had no room the facts say so, and a rule
/// that would need it is answered "unknown" instead of "no".
/// </summary>
public static class RecordedFacts
{
    private const int MaxHeaders = 64;
    private const int MaxHeaderChars = 4 * 1024;
    private const int MaxAttachments = 100;
    private const int MaxRecipients = 100;
    private const int MaxFindings = 100;
    private const int MaxText = 300;

    /// <summary>The path of a message and what hops and signatures added on it: long, and hardly a rule is about it. One that is, is told so.</summary>
    private static readonly HashSet<string> TraceFields = new(StringComparer.OrdinalIgnoreCase)
    {
        "Received", "X-Received", "Return-Path", "Delivered-To", "DKIM-Signature", "DomainKey-Signature", "X-Google-DKIM-Signature",
        "ARC-Seal", "ARC-Message-Signature", "ARC-Authentication-Results", "Authentication-Results", "Received-SPF", "X-MS-Exchange-AntiSpam-MessageData",
        "X-MS-Exchange-AntiSpam-MessageData-0", "X-Gm-Message-State", "X-Google-Smtp-Source", "Autocrypt", "Face", "X-Face",
    };

    /// <summary>Whether nobody can say from recorded facts if a message had a field of this name.</summary>
    internal static bool IsLeftOut(string header) => TraceFields.Contains(header);

    /// <param name="verdicts">In the order of the recipients.</param>
    public static PolicyFacts Of(PolicyFacts facts, IReadOnlyList<PastVerdict> verdicts)
    {
        var (headers, areCut) = Headers(facts.Headers);
        return facts with
        {
            Subject = Cut(facts.Subject),
            IsSubjectCut = facts.IsSubjectCut || facts.Subject.Length > MaxText,
            Sender = Cut(facts.Sender),
            HeaderFrom = Cut(facts.HeaderFrom),
            Recipients = [.. facts.Recipients.Take(MaxRecipients)],
            Verdicts = [.. verdicts.Take(MaxRecipients)],
            Headers = headers,
            AreHeadersCut = facts.AreHeadersCut || areCut,
            Attachments = [.. facts.Attachments.Take(MaxAttachments).Select(a => a with { Path = Cut(a.Path), Name = Cut(a.Name), OtherNames = [.. a.OtherNames.Select(Cut)] })],
            // With the end of a name its extension goes.
            AreAttachmentsCut = facts.AreAttachmentsCut || facts.Attachments.Count > MaxAttachments || facts.Attachments.Any(a => a.Name.Length > MaxText || a.OtherNames.Any(n => n.Length > MaxText)),
            // The strongest and the heaviest decide; the rest of a list that long cannot change it.
            Findings = [.. Strongest(facts.Findings).Select(f => f with { Detail = Cut(f.Detail) })],
            Convictions = [.. facts.Convictions.Take(MaxFindings)],
            Text = null,
        };
    }

    private static (List<KeyValuePair<string, string>> Headers, bool AreCut) Headers(IReadOnlyList<KeyValuePair<string, string>> all)
    {
        List<KeyValuePair<string, string>> kept = [];
        var areCut = false;
        var left = MaxHeaderChars;
        foreach (var (name, value) in all)
        {
            if (TraceFields.Contains(name))
            {
                continue;
            }

            var shown = Cut(value);
            areCut |= shown.Length < value.Length;
            if (kept.Count == MaxHeaders || name.Length + shown.Length > left)
            {
                areCut = true;
                continue;
            }

            kept.Add(new(name, shown));
            left -= name.Length + shown.Length;
        }

        return (kept, areCut);
    }

    private static IEnumerable<Finding> Strongest(IReadOnlyList<Finding> findings) => findings.Count <= MaxFindings
        ? findings
        : findings.Select((f, i) => (f, i)).OrderByDescending(p => p.f.Action).ThenByDescending(p => Math.Abs(p.f.Score)).Take(MaxFindings).OrderBy(p => p.i).Select(p => p.f);

    private static string Cut(string text)
    {
        if (text.Length <= MaxText)
        {
            return text;
        }

        // Not through the middle of a character: JSON could not say it.
        return text[..(char.IsHighSurrogate(text[MaxText - 1]) ? MaxText - 1 : MaxText)];
    }
}
