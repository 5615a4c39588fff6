using System.Globalization;

namespace SecuEdge.Filter.Scanners.Icap;

/// <summary>
/// From an answer to a result. ICAP itself only knows "unchanged" and "changed"; what was found stands in fields that the products share by
/// habit. Clean is only what is said to be unchanged, with nothing found in any field:
/// <list type="number">
/// <item>An error of the service, or of the page it encapsulates: failed.</item>
/// <item>Something found: the worst of <c>X-Infection-Found</c> (its type tells malware from containers), all of <c>X-Violations-Found</c>,
/// <c>X-Virus-ID</c> and the fields of single products. An archive may be called encrypted beside the virus in it.</item>
/// <item>Blocked without a name: a field says so, another HTTP status, another body.</item>
/// <item>204, or the same bytes: clean.</item>
/// </list>
/// </summary>
internal static class IcapVerdict
{
    private const int MaxNameLength = 200;

    // A field of a product that names what was found. Trend Micro, Sophos and OPSWAT use the first, McAfee the second, F-Secure the third.
    private static readonly string[] NameFields = ["X-Virus-ID", "X-Virus-Name", "X-FSecure-Infection-Name", "X-Threat-Name", "X-Infection-Name"];

    // Why something was blocked, where nothing names it. X-Response-Desc comes with clean answers too, so it is never a verdict.
    private static readonly string[] ReasonFields = ["X-Blocked-Reason", "X-Block-Reason", "X-Response-Desc"];

    private static readonly string[] NothingFound = ["", "-", "0", "none", "no", "clean", "ok", "null", "n/a", "no threats", "no threat", "not found", "no virus"];

    private static readonly string[] NotBlocked = ["", "-", "0", "no", "false", "none"];

    public static ScanResult Of(IcapAnswer answer)
    {
        var reply = answer.Reply;
        // Symantec says 201 where others say 200. 206 needs an Allow that we never send.
        if (reply.Status is not (200 or 201 or 204))
        {
            return new ScanResult.Failed(FormattableString.Invariant($"the service answers {reply.Status} {reply.Reason}").TrimEnd());
        }

        if (Found(reply) is { } found)
        {
            return found;
        }

        if (answer.HttpStatus is >= 500)
        {
            return new ScanResult.Failed(string.Create(CultureInfo.InvariantCulture, $"the service answers with a page of status {answer.HttpStatus}"));
        }

        if (Blocked(answer) is { } why)
        {
            return Named(Reason(reply) is { Length: > 0 } reason ? reason : why);
        }

        return answer switch
        {
            // From a preview the service has the right to say that it needs no more.
            { Reply.Status: 204, WasSentWhole: false, IsFromPreview: false } => new ScanResult.Failed("the service answered before it had the whole file"),
            { Reply.Status: 204 } or { Body: IcapBody.Same } => new ScanResult.Clean(),
            _ => new ScanResult.Failed("the service neither passed the file nor said why"),
        };
    }

    private static ScanResult? Found(IcapReply reply)
    {
        List<ScanResult> found = [.. Lines(reply["X-Infection-Found"]).Select(FromInfection).OfType<ScanResult>()];
        // The type that one field gives is true of the same name in others.
        var typed = found.OfType<ScanResult.Heuristic>().Select(h => h.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var names = Violations(reply["X-Violations-Found"]).Concat(NameFields.SelectMany(field => Lines(reply[field])))
            .Select(line => line.Trim('"')).Where(name => !IsOneOf(NothingFound, name) && !typed.Contains(Bounded(name)));
        found.AddRange(names.Select(Named));
        if (found.Count == 0 && FirstLine(reply["X-FSecure-Scan-Result"]).ToLowerInvariant() is "infected" or "suspected" or "suspicious")
        {
            return Named(FirstLine(reply["X-FSecure-Scan-Result"]).ToLowerInvariant());
        }

        return found.OrderByDescending(WeightOf).FirstOrDefault();
    }

    private static int WeightOf(ScanResult result) => result switch
    {
        ScanResult.Infected => 3,
        ScanResult.Heuristic { Kind: HeuristicKind.LimitsExceeded } => 2,
        ScanResult.Heuristic { Kind: HeuristicKind.Other } => 1,
        _ => 0,
    };

    // "Type=0; Resolution=2; Threat=Eicar;" 0 is malware, 1 a rule of the service, 2 a container it could not or would not look into.
    private static ScanResult? FromInfection(string text)
    {
        var (type, threat) = ("", (string?)null);
        foreach (var item in FirstLine(text).Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = item.IndexOf('=', StringComparison.Ordinal);
            var key = equals < 0 ? "" : item[..equals].Trim().ToLowerInvariant();
            type = key == "type" ? item[(equals + 1)..].Trim() : type;
            threat = key == "threat" ? item[(equals + 1)..].Trim() : threat;
        }

        if (IsOneOf(NothingFound, threat ?? FirstLine(text)))
        {
            return null;
        }

        // What does not follow the form is taken for the worst.
        var name = Bounded(threat ?? FirstLine(text));
        return type is "1" or "2" ? new ScanResult.Heuristic(name, KindOf(name)) : new ScanResult.Infected(name);
    }

    // The number of violations, then for each: file, threat, problem, resolution.
    private static IEnumerable<string> Violations(string text)
    {
        var lines = Lines(text);
        if (lines.Length == 0 || IsOneOf(NothingFound, lines[0]))
        {
            return [];
        }

        return lines.Length > 2 ? lines.Where((_, i) => i % 4 == 2) : [lines[^1]];
    }

    private static string? Blocked(IcapAnswer answer)
    {
        var reply = answer.Reply;
        if (FirstLine(reply["X-Response-Info"]).StartsWith("block", StringComparison.OrdinalIgnoreCase) || !IsOneOf(NotBlocked, FirstLine(reply["X-Blocked"])))
        {
            return "blocked without a name";
        }

        if (answer.HttpStatus is { } status && status != 200)
        {
            return string.Create(CultureInfo.InvariantCulture, $"blocked without a name (status {status})");
        }

        return answer.Body == IcapBody.Other || (answer.Reply.Status != 204 && answer.Body == IcapBody.None) ? "blocked without a name (content replaced)" : null;
    }

    private static string Reason(IcapReply reply) =>
        ReasonFields.Select(field => FirstLine(reply[field])).FirstOrDefault(reason => !IsOneOf(NothingFound, reason)) ?? "";

    // Products name containers in the fields of viruses too: "Encrypted Archive" is none.
    private static ScanResult Named(string name)
    {
        var bounded = Bounded(name);
        return KindOf(bounded) is var kind and not HeuristicKind.Other ? new ScanResult.Heuristic(bounded, kind) : new ScanResult.Infected(bounded);
    }

    private static HeuristicKind KindOf(string name)
    {
        bool Says(string words) => name.Contains(words, StringComparison.OrdinalIgnoreCase);
        if (Says("encrypted archive") || Says("encrypted container") || Says("encrypted file") || Says("encrypted document") || Says("password protected") || Says("password-protected"))
        {
            return HeuristicKind.Encrypted;
        }

        return Says("size violation") || Says("size exceeded") || Says("limit exceeded") || Says("limits exceeded") || Says("exceeds limit") || Says("depth violation")
            || Says("container violation") || Says("maximum ") || Says("scan timeout") || Says("not scanned") || Says("unscannable")
            ? HeuristicKind.LimitsExceeded
            : HeuristicKind.Other;
    }

    private static string[] Lines(string value) => value.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static string FirstLine(string value)
    {
        var end = value.IndexOf('\n', StringComparison.Ordinal);
        return (end < 0 ? value : value[..end]).Trim().Trim('"');
    }

    private static bool IsOneOf(string[] words, string value) => words.Contains(value.Trim(), StringComparer.OrdinalIgnoreCase);

    private static string Bounded(string name) => name.Length <= MaxNameLength ? name : name[..MaxNameLength];
}
