using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace SecuEdge.Filter.Policy.Rules;

/// <summary>
/// What a rule does. The dispositions (deliver, hold, quarantine, reject, discard) are final: they say where the message goes and end the
/// questions. The others are effects: they add up, whatever the disposition, and are carried out when the message is delivered; copies and notices
/// in any case.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(DeliverAction), "deliver")]
[JsonDerivedType(typeof(HoldAction), "hold")]
[JsonDerivedType(typeof(QuarantineAction), "quarantine")]
[JsonDerivedType(typeof(RejectAction), "reject")]
[JsonDerivedType(typeof(DiscardAction), "discard")]
[JsonDerivedType(typeof(ScoreAction), "score")]
[JsonDerivedType(typeof(TagAction), "tag")]
[JsonDerivedType(typeof(RemoveAttachmentsAction), "removeAttachments")]
[JsonDerivedType(typeof(BannerAction), "banner")]
[JsonDerivedType(typeof(RedirectAction), "redirect")]
[JsonDerivedType(typeof(CopyAction), "copy")]
[JsonDerivedType(typeof(GreylistAction), "greylist")]
[JsonDerivedType(typeof(NotifyAction), "notify")]
public abstract record RuleAction
{
    /// <summary>Says where the message goes.</summary>
    [JsonIgnore]
    public virtual bool IsFinal => false;
}

/// <summary>Deliver in spite of the score. Never in spite of antivirus: what an engine convicted stays.</summary>
public sealed record DeliverAction : RuleAction
{
    [JsonIgnore]
    public override bool IsFinal => true;
}

/// <summary>
/// Keep for some minutes, or until a day and hour, look again, then deliver. What findings or scores stop stays stopped: a hold never weakens.
/// </summary>
/// <param name="Minutes">An hour when neither this nor <see cref="Until"/> is given: by then engines know what was new.</param>
public sealed record HoldAction([property: Range(1, 1440)] int? Minutes = null) : RuleAction
{
    /// <summary>When neither minutes nor an hour is given.</summary>
    public const int UsualMinutes = 60;

    /// <summary>Instead of minutes: over the weekend, until Monday 08:00.</summary>
    public HoldUntil? Until { get; init; }

    /// <summary>When the hold ends.</summary>
    /// <param name="zone">Of the tenant.</param>
    public DateTimeOffset EndAfter(DateTimeOffset now, TimeZoneInfo zone) => Until?.NextAfter(now, zone) ?? now + TimeSpan.FromMinutes(Minutes ?? UsualMinutes);

    [JsonIgnore]
    public override bool IsFinal => true;
}

/// <summary>Keep for a person.</summary>
public sealed record QuarantineAction : RuleAction
{
    /// <summary>Name under which the console and the list show it: <c>policy</c>, <c>legal</c>.</summary>
    [RegularExpression("^[a-z0-9-]{1,40}$")]
    public string Queue { get; init; } = "policy";

    [JsonIgnore]
    public override bool IsFinal => true;
}

/// <summary>Refuse with 550 5.7.1 while the sender still listens.</summary>
public sealed record RejectAction : RuleAction
{
    /// <summary>Plain ASCII sentence for the sender; empty = ours.</summary>
    [MaxLength(200)]
    public string Text { get; init; } = "";

    [JsonIgnore]
    public override bool IsFinal => true;
}

/// <summary>Accept and throw away. The sender believes it arrived, so it must be said twice that this is wanted.</summary>
public sealed record DiscardAction : RuleAction
{
    /// <summary>Must be true.</summary>
    public bool Confirm { get; init; }

    [JsonIgnore]
    public override bool IsFinal => true;
}

/// <summary>Add to the score.</summary>
public sealed record ScoreAction([property: Range(-100.0, 100.0)] double Add) : RuleAction;

/// <summary>Mark it for eyes and for filters behind us.</summary>
public sealed record TagAction : RuleAction
{
    /// <summary>Put in front of the subject, unless it stands there already.</summary>
    [MaxLength(100)]
    public string? Subject { get; init; }

    /// <summary>Header field set; one of that name that came with the message is removed.</summary>
    public HeaderField? Header { get; init; }
}

public sealed record HeaderField([property: Required, RegularExpression("^[!-9;-~]{1,70}$")] string Name, [property: MaxLength(500)] string Value);

/// <summary>
/// Replace files by a note that says what was there and why it is not. Signatures stay. Where the whole message or its encrypted content would go,
/// it is kept in quarantine as it came.
/// </summary>
public sealed record RemoveAttachmentsAction : RuleAction
{
    /// <summary>Which; null = those that made the rule hold, or all when its condition is not about files.</summary>
    public AttachmentCondition? Which { get; init; }

    /// <summary>Sentence of the note; empty = ours, in the tenant's language.</summary>
    [MaxLength(2000)]
    public string Text { get; init; } = "";
}

/// <summary>
/// Disclaimer or warning in the body, plain and HTML. At the top it stands before a signed message as a part of its own; encrypted mail gets none.
/// </summary>
public sealed record BannerAction : RuleAction
{
    [Required, MaxLength(5000)]
    public required string Text { get; init; }

    /// <summary>Null = made of <see cref="Text"/>. Trusted: an administrator's.</summary>
    [MaxLength(20_000)]
    public string? Html { get; init; }

    public BannerPlace At { get; init; } = BannerPlace.Bottom;
}

public enum BannerPlace
{
    Bottom,
    Top,
}

/// <summary>Deliver to somebody else instead.</summary>
public sealed record RedirectAction([property: Required] string To) : RuleAction;

/// <summary>
/// Send a copy as received, without the recipients seeing it (archive, BCC). It is sent whatever becomes of the message: kept, thrown away, or
/// refused by a later rule; with held mail, when its hold ends. Only a rule that is asked before it and decides hides it. Mail that is not known to
/// be harmless is copied only when it is let out.
/// </summary>
public sealed record CopyAction([property: Required] string To) : RuleAction;

/// <summary>451 to an unknown sender the first time; who comes back after the time is let through.</summary>
public sealed record GreylistAction : RuleAction
{
    /// <summary>Three minutes are Proxmox's.</summary>
    [Range(1, 60)]
    public int Minutes { get; init; } = 3;
}

/// <summary>Tell somebody. A sender is told only where he is one of ours: never an answer to a forged address.</summary>
public sealed record NotifyAction : RuleAction
{
    [MinLength(1)]
    public required IReadOnlyList<NotifyWhom> Whom { get; init; }

    /// <summary>For <see cref="NotifyWhom.Address"/>.</summary>
    public string? Address { get; init; }

    /// <summary>
    /// Name of a template: <c>blocked</c>, <c>removed</c>, <c>quarantined</c>, <c>delivered</c>, or one that the tenant has or inherits. Null = the one of
    /// these four that says what becomes of the message.
    /// </summary>
    public string? Template { get; init; }
}

public enum NotifyWhom
{
    Sender,
    Recipients,

    /// <summary>The tenant's administrator.</summary>
    Administrator,
    Address,
}
