using SecuEdge.Appliance.Settings;
using SecuEdge.Appliance.Settings.Notices;
using SecuEdge.Filter.Policy.Rules;
using SecuEdge.Store.MessageLog;
using SecuEdge.Store.Spool;

namespace SecuEdge.Appliance.MailFlow.Effects.Notices;

/// <summary>A notice that is decided and not yet sent.</summary>
/// <param name="Reference">Its own.</param>
/// <param name="Tenant">Whose mail it is.</param>
/// <param name="Cause">Who wanted it: <c>Rule 'no-films' of acme</c>.</param>
/// <param name="Story">How its own timeline begins.</param>
/// <param name="Words">Of the template in force, before anything is filled in.</param>
/// <param name="Values">Of the placeholders, as they are: whoever writes them into something makes them safe for it.</param>
/// <param name="Suppressed">How many of the same kind were not sent since the last one.</param>
internal sealed record Notice(
    string Reference, string Tenant, string To, string Cause, string Story, NoticeWords Words, IReadOnlyDictionary<string, string> Values, int Suppressed)
{
    /// <summary>Reference of the message it tells of; null for one that is only tried.</summary>
    public string? About { get; init; }

    /// <summary>The rule whose turn at <see cref="NoticeLimit"/> it took; null for one that is only tried.</summary>
    public RuleEffect? Effect { get; init; }
}

/// <summary>A notice that is on disk and not yet on its way.</summary>
internal sealed record CommittedNotice(Notice Notice, ISpoolEntry Entry, MessageRecord Record);

/// <summary>The notices of a message that are on disk, and what its timeline says of all that were planned.</summary>
internal sealed record CommittedNotices(IReadOnlyList<CommittedNotice> Stored, IReadOnlyList<MessageEvent> Events);

/// <summary>What a notice says, in the language of its reader.</summary>
/// <param name="Node">Where the template is written.</param>
internal sealed record NoticeWords(string Template, string Node, NoticeText Text, string? ReplyTo)
{
    public static NoticeWords Of(PlacedNotice placed, string language) => new(placed.Template.Name, placed.Node, placed.Template.In(language), placed.Template.ReplyTo);
}
