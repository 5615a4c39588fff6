using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace SecuEdge.Filter.Policy.Rules;

/// <summary>
/// What a rule asks of a message. Plain data, written by people and tools as JSON with a <c>type</c>; a <see cref="RuleSet"/> is what is compiled
/// from it. A new condition is one record, one line in this list, and its matcher.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(AllCondition), "all")]
[JsonDerivedType(typeof(AnyCondition), "any")]
[JsonDerivedType(typeof(NotCondition), "not")]
[JsonDerivedType(typeof(ObjectCondition), "object")]
[JsonDerivedType(typeof(SenderCondition), "sender")]
[JsonDerivedType(typeof(RecipientCondition), "recipient")]
[JsonDerivedType(typeof(TimeCondition), "time")]
[JsonDerivedType(typeof(SizeCondition), "size")]
[JsonDerivedType(typeof(AttachmentCountCondition), "attachmentCount")]
[JsonDerivedType(typeof(AttachmentCondition), "attachment")]
[JsonDerivedType(typeof(EncryptedCondition), "encrypted")]
[JsonDerivedType(typeof(HeaderCondition), "header")]
[JsonDerivedType(typeof(WordsCondition), "words")]
[JsonDerivedType(typeof(PatternCondition), "pattern")]
[JsonDerivedType(typeof(LanguageCondition), "language")]
[JsonDerivedType(typeof(ClassCondition), "class")]
[JsonDerivedType(typeof(ScoreCondition), "score")]
[JsonDerivedType(typeof(FindingCondition), "finding")]
[JsonDerivedType(typeof(EngineCondition), "engine")]
[JsonDerivedType(typeof(AuthenticationCondition), "authentication")]
[JsonDerivedType(typeof(CampaignCondition), "campaign")]
[JsonDerivedType(typeof(FirstContactCondition), "firstContact")]
[JsonDerivedType(typeof(OriginCondition), "origin")]
public abstract record Condition;

/// <summary>Every one holds.</summary>
public sealed record AllCondition([property: MinLength(1)] IReadOnlyList<Condition> Of) : Condition;

/// <summary>At least one holds.</summary>
public sealed record AnyCondition([property: MinLength(1)] IReadOnlyList<Condition> Of) : Condition;

/// <summary>Does not hold.</summary>
public sealed record NotCondition(Condition Of) : Condition;

/// <summary>What the policy object of that name says; looked up where the rule is written, then up the tree.</summary>
public sealed record ObjectCondition(string Name) : Condition;

/// <summary>Who sent it.</summary>
public sealed record SenderCondition : Condition
{
    /// <summary><c>eva@example.com</c>, <c>@example.com</c> (the domain), <c>@*.example.com</c> (its subdomains), <c>newsletter-*@*</c>.</summary>
    public IReadOnlyList<string> Addresses { get; init; } = [];

    /// <summary>Groups by list, <c>managers</c>; of outbound mail also those of a directory, <c>office/Sales</c>.</summary>
    public IReadOnlyList<string> Groups { get; init; } = [];

    /// <summary>Which sender is meant.</summary>
    public SenderPlace In { get; init; } = SenderPlace.Either;
}

public enum SenderPlace
{
    /// <summary>Envelope or header From.</summary>
    Either,
    Envelope,

    /// <summary>Header From, what the reader sees.</summary>
    Header,
}

/// <summary>For whom it is: the recipient being decided about.</summary>
public sealed record RecipientCondition : Condition
{
    /// <summary>Patterns as of <see cref="SenderCondition.Addresses"/>.</summary>
    public IReadOnlyList<string> Addresses { get; init; } = [];

    /// <summary>Groups by list, <c>managers</c>, or of a directory, <c>office/Sales</c>.</summary>
    public IReadOnlyList<string> Groups { get; init; } = [];
}

/// <summary>When it came, in the tenant's time zone.</summary>
public sealed record TimeCondition : Condition
{
    /// <summary>Empty = every day.</summary>
    public IReadOnlyList<DayOfWeek> Weekdays { get; init; } = [];

    /// <summary>Null = from midnight.</summary>
    public TimeOnly? From { get; init; }

    /// <summary>Exclusive; before <see cref="From"/> means past midnight. Null = to midnight.</summary>
    public TimeOnly? To { get; init; }

    public HolidayUse Holidays { get; init; } = HolidayUse.Ignore;
}

public enum HolidayUse
{
    /// <summary>A holiday is a day like its weekday.</summary>
    Ignore,

    /// <summary>Holds only on a holiday of the tenant's calendar.</summary>
    Only,

    /// <summary>Never holds on one.</summary>
    Except,

    /// <summary>Holds on the weekdays given, and on every holiday: nights, week-ends and holidays.</summary>
    Also,
}

/// <summary>Size of the whole message, bytes, both ends included.</summary>
public sealed record SizeCondition([property: Range(0, long.MaxValue)] long? AtLeast, [property: Range(0, long.MaxValue)] long? AtMost) : Condition;

/// <summary>Number of attachments, files in archives not counted.</summary>
public sealed record AttachmentCountCondition([property: Range(0, 1_000_000)] int? AtLeast, [property: Range(0, 1_000_000)] int? AtMost) : Condition;

/// <summary>At least one file of the message is all of this.</summary>
public sealed record AttachmentCondition : Condition
{
    /// <summary>Kinds by content, never by name.</summary>
    public IReadOnlyList<AttachmentKind> Kinds { get; init; } = [];

    /// <summary>Media types by content, <c>*</c> at the end allowed: <c>audio/*</c>.</summary>
    public IReadOnlyList<string> Types { get; init; } = [];

    /// <summary>Without dot, any case.</summary>
    public IReadOnlyList<string> Extensions { get; init; } = [];

    /// <summary>Names with <c>*</c> and <c>?</c>, any case.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>SHA-256 of its bytes.</summary>
    public IReadOnlyList<string> Hashes { get; init; } = [];

    [Range(0, long.MaxValue)]
    public long? AtLeast { get; init; }

    /// <summary>Macros, scripts and the like inside.</summary>
    public bool? HasActiveContent { get; init; }

    /// <summary>Locked with a password.</summary>
    public bool? IsEncrypted { get; init; }

    public AttachmentPlace In { get; init; } = AttachmentPlace.Anywhere;
}

public enum AttachmentKind
{
    Image,
    Audio,
    Video,
    Document,
    Archive,

    /// <summary>Programs, scripts, shortcuts, installers.</summary>
    Executable,
    Text,
    Message,
    Cryptographic,

    /// <summary>Nothing known.</summary>
    Unknown,
}

public enum AttachmentPlace
{
    Anywhere,

    /// <summary>Attached as such.</summary>
    Outside,

    /// <summary>In an archive, document or attached message.</summary>
    Inside,
}

/// <summary>Only the recipient can read it.</summary>
public sealed record EncryptedCondition : Condition
{
    /// <summary>Empty = any.</summary>
    public IReadOnlyList<EncryptionKind> Kinds { get; init; } = [];
}

public enum EncryptionKind
{
    Smime,
    Pgp,

    /// <summary>Archive or document with a password that nobody here knows.</summary>
    Archive,
}

/// <summary>A header field as decoded. With none of the texts: the field exists.</summary>
public sealed record HeaderCondition : Condition
{
    [Required]
    public required string Name { get; init; }

    /// <summary>Any case.</summary>
    public string? Contains { get; init; }

    /// <summary>Any case.</summary>
    public string? EqualTo { get; init; }

    /// <summary>Regular expression, any case, without look-around and back-references, so that its time is bounded by its input.</summary>
    public string? Matches { get; init; }
}

/// <summary>The text weighs at least this much by a word list.</summary>
public sealed record WordsCondition : Condition
{
    /// <summary>Name of a list of the tenant or above, or of one that we bring (<c>insults-fr</c> …).</summary>
    [Required]
    public required string List { get; init; }

    [Range(0.001, 1_000_000)]
    public double AtLeast { get; init; } = 1;

    /// <summary>Empty = everywhere.</summary>
    public IReadOnlyList<TextPlace> In { get; init; } = [];
}

public enum TextPlace
{
    Subject,
    Body,

    /// <summary>Text of documents and names of files.</summary>
    Attachments,
}

/// <summary>A regular expression finds something in the text. Without look-around and back-references, so that its time is bounded by its input.</summary>
public sealed record PatternCondition : Condition
{
    [Required, MaxLength(1000)]
    public required string Pattern { get; init; }

    public bool IgnoreCase { get; init; } = true;

    /// <summary>Empty = everywhere.</summary>
    public IReadOnlyList<TextPlace> In { get; init; } = [];
}

/// <summary>The text is written in one of these languages (ISO 639-1: <c>fr</c>, <c>en</c>). Too little text is none.</summary>
public sealed record LanguageCondition([property: MinLength(1)] IReadOnlyList<string> AnyOf) : Condition;

/// <summary>What kind of mail the findings make it.</summary>
public sealed record ClassCondition([property: MinLength(1)] IReadOnlyList<MessageClass> AnyOf) : Condition;

/// <summary>The score, both ends included.</summary>
public sealed record ScoreCondition(double? AtLeast, double? AtMost) : Condition;

/// <summary>One of these findings is there; <c>*</c> at the end allowed.</summary>
public sealed record FindingCondition([property: MinLength(1)] IReadOnlyList<string> AnyOf) : Condition;

/// <summary>An engine convicted something. Empty = any engine.</summary>
public sealed record EngineCondition : Condition
{
    public IReadOnlyList<string> AnyOf { get; init; } = [];

    /// <summary>Part of the signature's name.</summary>
    public string? Signature { get; init; }
}

/// <summary>What sender authentication said.</summary>
public sealed record AuthenticationCondition(AuthenticationMethod Method, [property: MinLength(1)] IReadOnlyList<string> AnyOf) : Condition;

public enum AuthenticationMethod
{
    Spf,
    Dkim,
    Dmarc,
    Arc,
}

/// <summary>Belongs to a campaign: many like it in a short time. Null name = any.</summary>
public sealed record CampaignCondition(string? Name) : Condition;

/// <summary>The tenant never exchanged mail with this sender's address before.</summary>
public sealed record FirstContactCondition : Condition;

/// <summary>Where the connection came from. What is given is tried with or.</summary>
public sealed record OriginCondition : Condition
{
    /// <summary>Addresses or CIDR networks.</summary>
    public IReadOnlyList<string> Networks { get; init; } = [];

    /// <summary>ISO 3166-1: <c>FR</c>. Needs the table of networks, which the administrator brings.</summary>
    public IReadOnlyList<string> Countries { get; init; } = [];

    /// <summary>Autonomous systems by number. Needs the table, too.</summary>
    public IReadOnlyList<int> AutonomousSystems { get; init; } = [];
}
