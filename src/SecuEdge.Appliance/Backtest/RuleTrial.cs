using System.ComponentModel.DataAnnotations;
using SecuEdge.Content;
using SecuEdge.Filter;
using SecuEdge.Filter.Policy.Rules;

namespace SecuEdge.Appliance.Backtest;

/// <summary>A rule, and the message on which it is tried: described here, or one that came.</summary>
public sealed record RuleTrialRequest
{
    /// <summary>The rule; it need not be in the policy.</summary>
    [Required]
    public required Rule Rule { get; init; }

    /// <summary>The message as you describe it; either this or <see cref="Reference"/>.</summary>
    public TrialFacts? Facts { get; init; }

    /// <summary>Reference of a message of the last 30 days. Its body was not kept, so conditions about words are unknown.</summary>
    [MaxLength(40)]
    public string? Reference { get; init; }

    /// <summary>The recipient asked about; left out, the first of the message.</summary>
    [MaxLength(320)]
    public string? Recipient { get; init; }
}

/// <summary>A message in a few words; what is left out is not there.</summary>
public sealed record TrialFacts
{
    /// <summary>Into the tenant or out of it.</summary>
    public Direction Direction { get; init; } = Direction.Inbound;

    /// <summary>When it comes; left out, now.</summary>
    public DateTimeOffset? At { get; init; }

    /// <summary>Envelope sender; empty for delivery reports.</summary>
    [MaxLength(320)]
    public string Sender { get; init; } = "";

    /// <summary>Address in header From; left out, the envelope sender.</summary>
    [MaxLength(320)]
    public string? HeaderFrom { get; init; }

    /// <summary>Address of the client that brings it.</summary>
    [MaxLength(45)]
    public string ClientAddress { get; init; } = "";

    /// <summary>As the reader sees it.</summary>
    [MaxLength(1000)]
    public string Subject { get; init; } = "";

    /// <summary>Text of the body; left out, conditions about words are unknown.</summary>
    [MaxLength(100_000)]
    public string? Body { get; init; }

    /// <summary>Header fields besides the subject.</summary>
    [MaxLength(200)]
    public IReadOnlyList<HeaderField> Headers { get; init; } = [];

    /// <summary>Size of the whole message.</summary>
    [Range(0, long.MaxValue)]
    public long SizeBytes { get; init; }

    /// <summary>Its files.</summary>
    [MaxLength(200)]
    public IReadOnlyList<TrialFile> Attachments { get; init; } = [];

    /// <summary>How only the recipient can read it.</summary>
    public IReadOnlyList<EncryptionKind> Encryption { get; init; } = [];

    /// <summary>ISO 639-1; empty when there is too little text.</summary>
    [MaxLength(3)]
    public string Language { get; init; } = "";

    /// <summary>Codes of findings.</summary>
    [MaxLength(200)]
    public IReadOnlyList<string> Findings { get; init; } = [];

    /// <summary>The score of the findings.</summary>
    [Range(-10_000.0, 10_000.0)]
    public double Score { get; init; }

    /// <summary>What kind of mail the findings make it.</summary>
    public MessageClass Class { get; init; } = MessageClass.Clean;

    /// <summary>What engines convicted.</summary>
    [MaxLength(200)]
    public IReadOnlyList<ConvictionFact> Convictions { get; init; } = [];

    /// <summary>What sender authentication said.</summary>
    public IReadOnlyDictionary<AuthenticationMethod, string> Authentication { get; init; } = new Dictionary<AuthenticationMethod, string>();

    /// <summary>The tenant never exchanged mail with the sender; left out, nobody knows.</summary>
    public bool? IsFirstContact { get; init; }

    /// <summary>Name of the campaign; empty for none; left out, nobody knows.</summary>
    [MaxLength(200)]
    public string? Campaign { get; init; }

    /// <summary>ISO 3166-1; left out, nobody knows.</summary>
    [MaxLength(2)]
    public string? Country { get; init; }

    /// <summary>Left out, nobody knows.</summary>
    public int? AutonomousSystem { get; init; }

    internal PolicyFacts Of(string tenant, string recipient, DateTimeOffset now) => new()
    {
        Reference = "TRIAL",
        At = At ?? now,
        Tenant = tenant,
        Direction = Direction,
        Sender = Sender,
        HeaderFrom = HeaderFrom ?? Sender,
        Recipients = [recipient],
        ClientAddress = ClientAddress,
        Subject = Subject,
        Headers = [new("Subject", Subject), .. Headers.Select(h => new KeyValuePair<string, string>(h.Name, h.Value))],
        SizeBytes = SizeBytes,
        Flags = Encryption.Aggregate(AnatomyFlags.None, (flags, kind) => flags | FlagOf(kind)),
        Attachments = [.. Attachments.Select((a, i) => a.Of($"{i + 1}"))],
        Language = Language,
        Findings = [.. Findings.Select(code => new Finding(code, 0, Class, null, code, ""))],
        Convictions = Convictions,
        Authentication = Authentication,
        IsFirstContact = IsFirstContact,
        Campaign = Campaign,
        Country = Country,
        AutonomousSystem = AutonomousSystem,
        Text = Body is null ? null : new MessageText(Subject, Body, [.. Attachments.Select(a => a.Name)]),
    };

    private static AnatomyFlags FlagOf(EncryptionKind kind) => kind switch
    {
        EncryptionKind.Smime => AnatomyFlags.EncryptedSmime,
        EncryptionKind.Pgp => AnatomyFlags.EncryptedPgp,
        EncryptionKind.Archive => AnatomyFlags.EncryptedArchive,
        _ => throw new InvalidOperationException($"unknown encryption {kind}"),
    };
}

/// <summary>A file of the message.</summary>
public sealed record TrialFile
{
    /// <summary>With extension.</summary>
    [MaxLength(255)]
    public string Name { get; init; } = "";

    /// <summary>By content.</summary>
    public required AttachmentKind Kind { get; init; }

    /// <summary>Media type by content.</summary>
    [MaxLength(200)]
    public string Type { get; init; } = "application/octet-stream";

    /// <summary>Its size.</summary>
    [Range(0, long.MaxValue)]
    public long SizeBytes { get; init; }

    /// <summary>SHA-256 of its bytes.</summary>
    [MaxLength(64)]
    public string Sha256 { get; init; } = "";

    /// <summary>In an archive, document or attached message.</summary>
    public bool IsInside { get; init; }

    /// <summary>Macros, scripts and the like inside.</summary>
    public bool HasActiveContent { get; init; }

    /// <summary>Locked with a password.</summary>
    public bool IsEncrypted { get; init; }

    internal AttachmentFacts Of(string path) => new()
    {
        Path = path,
        Name = Name,
        Type = Type,
        Kind = Kind,
        SizeBytes = SizeBytes,
        Sha256 = Sha256,
        IsInside = IsInside,
        Flags = (HasActiveContent ? AnatomyFlags.ActiveContent : AnatomyFlags.None) | (IsEncrypted ? AnatomyFlags.EncryptedArchive : AnatomyFlags.None),
    };
}

/// <summary>What the rule says of the message.</summary>
public sealed record RuleTrialResult
{
    /// <summary>False when it is switched off or of the other direction; then it does nothing, whatever its conditions say.</summary>
    public required bool IsAsked { get; init; }

    /// <summary>Whether its condition holds; unknown where something was not recorded or not given.</summary>
    public required Truth Holds { get; init; }

    /// <summary>One sentence with the values compared.</summary>
    public required string Why { get; init; }

    /// <summary>The recipient asked about.</summary>
    public required string Recipient { get; init; }

    /// <summary>Each condition for itself, the whole first, in the order written.</summary>
    public required IReadOnlyList<TriedCondition> Conditions { get; init; }

    /// <summary>What would be done: the rule's actions when it is asked, holds, and does not only watch.</summary>
    public required IReadOnlyList<RuleAction> Then { get; init; }
}
