using System.Globalization;
using SecuEdge.Appliance.Settings;
using SecuEdge.Content;
using SecuEdge.Filter;
using SecuEdge.Filter.Policy.Rules;

namespace SecuEdge.Appliance.MailFlow.Effects.Notices;

/// <summary>What a notice says of a message: a value for each of <see cref="Settings.Notices.NoticePlaceholders"/>, as it is and nothing made safe.</summary>
internal sealed class NoticeValues(SiteDirectory site, Envelope envelope, Judgement judgement, DateTimeOffset now)
{
    private const int MaxItems = 10;

    /// <param name="outcome">What becomes of the message for the recipient because of whom the rule tells somebody.</param>
    /// <param name="recipient">Who reads it as one of the recipients, and must not learn of the others.</param>
    /// <param name="language">Of the template.</param>
    public Dictionary<string, string> Of(RuleEffect effect, VerdictAction outcome, string? recipient, string language)
    {
        var tenant = site.FindTenant(envelope.Tenant);
        var files = effect.Files.Count > 0
            ? effect.Files
            : [.. judgement.Verdicts.SelectMany(v => v.Effects).Where(e => e.Rule == effect.Rule && e.Node == effect.Node).SelectMany(e => e.Files).Distinct()];
        return new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["sender"] = SenderOf(envelope.ReversePath.IsNull ? "" : envelope.ReversePath.ToString()),
            ["recipients"] = recipient ?? List([.. envelope.Recipients.Select(r => r.ToString())]),
            ["subject"] = judgement.Anatomy.Headers.Subject,
            ["rule"] = effect.Rule,
            ["reason"] = tenant?.Policy.Rules.Rules.FirstOrDefault(r => r.Node == effect.Node && r.Rule.Name == effect.Rule)?.Rule.Comment is { Length: > 0 } comment ? comment : effect.Rule,
            ["reference"] = envelope.Reference,
            ["attachments"] = List([.. files.Select(f => NameOf(judgement.Anatomy, f))]),
            ["virus"] = List([.. judgement.Report.Engines.SelectMany(e => e.Convictions.Select(c => c.Signature)).Distinct()]),
            ["action"] = ActionIn(language, outcome),
            ["time"] = TimeIn(tenant, language, now),
            ["tenant"] = NameOf(tenant, envelope.Tenant),
        };
    }

    public static string SenderOf(string reversePath) => reversePath.Length == 0 ? "<>" : reversePath;

    /// <summary>Enough of them to recognise the message.</summary>
    public static string List(IReadOnlyList<string> items) =>
        items.Count == 0 ? "-" : string.Join(", ", items.Take(MaxItems)) + (items.Count > MaxItems ? ", …" : "");

    public static string NameOf(TenantRoute? tenant, string name) => tenant?.Tenant.DisplayName is { Length: > 0 } shown ? shown : name;

    public static string TimeIn(TenantRoute? tenant, string language, DateTimeOffset time)
    {
        var zone = tenant?.Service.TimeZone;
        var local = zone is null ? time.ToUniversalTime() : TimeZoneInfo.ConvertTime(time, TimeZoneInfo.FindSystemTimeZoneById(zone));
        return local.ToString(IsFrench(language) ? "dd/MM/yyyy HH:mm" : "yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) + $" ({zone ?? "UTC"})";
    }

    /// <summary>What became of the message, in the languages that are built in.</summary>
    public static string ActionIn(string language, VerdictAction action) => IsFrench(language)
        ? action switch
        {
            VerdictAction.Deliver => "remis",
            VerdictAction.Tag => "remis et marqué",
            VerdictAction.Hold => "retenu quelques minutes",
            VerdictAction.Quarantine => "mis en quarantaine",
            VerdictAction.Discard => "supprimé",
            VerdictAction.Defer => "différé",
            VerdictAction.Reject => "refusé",
            _ => throw new ArgumentOutOfRangeException(nameof(action), action, null),
        }
        : action switch
        {
            VerdictAction.Deliver => "delivered",
            VerdictAction.Tag => "delivered and marked",
            VerdictAction.Hold => "held for some minutes",
            VerdictAction.Quarantine => "quarantined",
            VerdictAction.Discard => "discarded",
            VerdictAction.Defer => "deferred",
            VerdictAction.Reject => "refused",
            _ => throw new ArgumentOutOfRangeException(nameof(action), action, null),
        };

    private static bool IsFrench(string language) => language.StartsWith("fr", StringComparison.OrdinalIgnoreCase);

    private static string NameOf(MessageAnatomy anatomy, string path) =>
        anatomy.AllParts().FirstOrDefault(p => p.Path == path)?.FileName ?? path[(path.LastIndexOf('/') + 1)..];
}
