using SecuEdge.Store.MessageLog;

namespace SecuEdge.Appliance.Events;

/// <summary>Names of events, and the patterns by which listeners choose among them: a whole name, <c>message.*</c>, or <c>*</c>.</summary>
internal static class EventNames
{
    public const string DirectoryFailed = "directory.failed";
    public const string DirectoryRecovered = "directory.recovered";
    public const string EngineDegraded = "engine.degraded";
    public const string EngineRecovered = "engine.recovered";
    public const string WebhookDisabled = "webhook.disabled";
    public const string WebhookTest = "webhook.test";

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

    /// <summary>Lower-case words with dots and dashes, at the end perhaps a star.</summary>
    public static bool IsPattern(string pattern)
    {
        var name = pattern.EndsWith(".*", StringComparison.Ordinal) ? pattern[..^2] : pattern;
        return pattern == "*" || (name.Length is > 0 and <= 64 && name.All(c => char.IsAsciiLetterLower(c) || c is '.' or '-') && name[0] is not '.' && name[^1] is not '.');
    }

    public static bool Matches(string pattern, string name) =>
        pattern == "*" || pattern == name || (pattern.EndsWith(".*", StringComparison.Ordinal) && name.StartsWith(pattern[..^1], StringComparison.Ordinal));

    public static bool Matches(IReadOnlyCollection<string> patterns, string name) => patterns.Count == 0 || patterns.Any(p => Matches(p, name));
}
