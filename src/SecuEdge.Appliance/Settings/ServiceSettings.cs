using System.ComponentModel.DataAnnotations;

namespace SecuEdge.Appliance.Settings;

/// <summary>What a tenant sets besides its policy. Null = inherited.</summary>
public sealed record ServiceSettings
{
    /// <summary>Language of notices and pages: <c>en</c> or <c>fr</c>.</summary>
    [RegularExpression("^(en|fr)$")]
    public string? Language { get; init; }

    /// <summary>IANA name, <c>Europe/Paris</c>, in which times of rules are meant; UTC where no node says any.</summary>
    [MaxLength(64)]
    public string? TimeZone { get; init; }

    /// <summary>Who is told: notices to the administrator, warnings of quota and trial.</summary>
    public IReadOnlyList<string>? Contacts { get; init; }

    /// <summary>How long things are kept.</summary>
    [Joins(Joining.ByPart)]
    public Retention? Retention { get; init; }

    /// <summary>Protected mailboxes that were sold; more is a warning, never a refusal of mail.</summary>
    [Range(0, 10_000_000)]
    public int? MailboxQuota { get; init; }

    /// <summary>Whoever opens a quarantined mail must say why.</summary>
    public bool? ReasonRequired { get; init; }

    /// <summary>What is in force where no node says anything.</summary>
    internal static ServiceSettings Usual(Retention retention) => new() { Language = "en", TimeZone = "UTC", Contacts = [], Retention = retention, ReasonRequired = false };
}

/// <summary>Days that things are kept, by class. Null = inherited.</summary>
public sealed record Retention
{
    /// <summary>Bytes of quarantined mail. 30 is usual among peers (7 to 60).</summary>
    [Range(1, 3650)]
    public int? QuarantineDays { get; init; }

    /// <summary>Facts for back-tests.</summary>
    [Range(0, 365)]
    public int? FactsDays { get; init; }

    /// <summary>Stories of messages.</summary>
    [Range(1, 3650)]
    public int? LogDays { get; init; }

    /// <summary>Addresses and subjects in the message log become pseudonyms after this; 180 where no node says anything. 3650 = never.</summary>
    [Range(1, 3650)]
    public int? PseudonymiseAfterDays { get; init; }

    /// <summary>Entries of all tenants are one chain: the longest number of any tenant decides for all, month by month.</summary>
    [Range(30, 3650)]
    public int? AuditDays { get; init; }
}
