using SecuEdge.Store.MessageLog;

namespace SecuEdge.Appliance.Events;

/// <summary>Names of events, and the patterns by which listeners choose among them: a whole name, <c>message.*</c>, or <c>*</c>.</summary>
internal static class EventNames
{
    public const string DirectoryFailed = "directory.failed";
    public const string DirectoryRecovered = "directory.recovered";
    public const string EngineDegraded = "engine.degraded";
    public const string EngineRecovered = "engine.recovered";
    public const string DomainDisproved = "domain.disproved";
    public const string QuotaExceeded = "quota.exceeded";
    public const string TrialEnding = "trial.ending";
    public const string TrialEnded = "trial.ended";
    public const string WebhookDisabled = "webhook.disabled";
    public const string WebhookTest = "webhook.test";

    /// <summary>All there are, and when they come; what a listener may ask for.</summary>
    public static IReadOnlyList<EventName> All { get; } =
    [
        new("message.accepted", "A message was taken, 250."),
        new("message.rejected", "A message was refused for good, 5xx."),
        new("message.temporarily-refused", "A message was refused for now, 4xx."),
        new("message.quarantined", "A message was put into quarantine."),
        new("message.held", "A message waits to be judged again."),
        new("message.released", "A message was let out of quarantine or hold."),
        new("message.delivered", "A next hop took a message for a recipient."),
        new("message.deferred", "A next hop did not take a message now; it is tried again."),
        new("message.bounced", "A next hop refused a message for good, or it waited too long."),
        new("message.forwarded", "A copy of a quarantined message was sent to somebody."),
        new("message.dropped", "A message was taken out of the queue by somebody."),
        new("message.retro-convicted", "An engine calls an attachment malware that was delivered before."),
        new(DirectoryFailed, "A company's directory cannot be read; what was read before stays in force."),
        new(DirectoryRecovered, "A company's directory can be read again."),
        new(DomainDisproved, "Another tenant proved a domain, and this one lost it."),
        new(EngineDegraded, "An engine does not answer."),
        new(EngineRecovered, "An engine answers again."),
        new(QuotaExceeded, "A tenant protects more mailboxes than agreed, or nearly."),
        new(TrialEnding, "A trial is over in some days."),
        new(TrialEnded, "A trial is over."),
        new(WebhookDisabled, "A webhook failed for so long that it was switched off."),
        new(WebhookTest, "Somebody tries a webhook."),
    ];

    /// <summary>The event of one step of a message; null for steps that only the timeline shows.</summary>
    public static string? Of(MessageEventKind kind, MessageRecord record) => kind switch
    {
        MessageEventKind.Accepted => "message.accepted",
        MessageEventKind.Refused => record.State == MessageState.TemporarilyRefused ? "message.temporarily-refused" : "message.rejected",
        MessageEventKind.Quarantined => "message.quarantined",
        MessageEventKind.Held => "message.held",
        MessageEventKind.Released => "message.released",
        MessageEventKind.Delivered => "message.delivered",
        MessageEventKind.Deferred => "message.deferred",
        MessageEventKind.Bounced => "message.bounced",
        MessageEventKind.Forwarded => "message.forwarded",
        MessageEventKind.Dropped => "message.dropped",
        MessageEventKind.RetroConvicted => "message.retro-convicted",
        _ => null,
    };

    /// <summary>Null when there is an event that the pattern means; otherwise what there is. Who waits for another one would wait for ever.</summary>
    public static string? Refusal(string pattern)
    {
        if (All.Any(e => Matches(pattern, e.Name)))
        {
            return null;
        }

        var noun = pattern.Split('.')[0] + ".";
        var near = All.Where(e => e.Name.StartsWith(noun, StringComparison.Ordinal)).Select(e => e.Name).ToList();
        return $"there is no event '{pattern}'; there are {string.Join(", ", near.Count > 0 ? near : [.. All.Select(e => e.Name)])}, and patterns such as message.* or *";
    }

    public static bool Matches(string pattern, string name) =>
        pattern == "*" || pattern == name || (pattern.EndsWith(".*", StringComparison.Ordinal) && name.StartsWith(pattern[..^1], StringComparison.Ordinal));

    public static bool Matches(IReadOnlyCollection<string> patterns, string name) => patterns.Count == 0 || patterns.Any(p => Matches(p, name));
}

/// <summary>An event that listeners may ask for.</summary>
/// <param name="Name">As in <c>type</c> of the event, and in the events of a webhook.</param>
/// <param name="Description">When it comes.</param>
public sealed record EventName(string Name, string Description);
