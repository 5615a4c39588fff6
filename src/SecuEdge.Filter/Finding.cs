namespace SecuEdge.Filter;

/// <summary>What kind of message a finding speaks for; the verdict's class is that of its most serious finding.</summary>
public enum MessageClass
{
    Clean,

    /// <summary>Newsletters and the like, wanted by some.</summary>
    Bulk,

    /// <summary>Odd, not convicted.</summary>
    Suspicious,

    /// <summary>Cannot be read by anybody but the recipient.</summary>
    Encrypted,

    /// <summary>Against the company's own rules, harmless otherwise.</summary>
    Policy,

    Spam,

    Phishing,

    Infected,
}

/// <summary>What a finding is about, so that tables and reports can be read by kind; every code belongs to one.</summary>
public enum FindingGroup
{
    /// <summary>Says something about our own work: a check that failed, a limit that was reached.</summary>
    Gateway,

    /// <summary>An engine's opinion.</summary>
    Antivirus,

    /// <summary>How the message or a file in it is built: active content, archives, dangerous types.</summary>
    Structure,

    /// <summary>A name or declared type that does not tell the truth.</summary>
    Name,

    /// <summary>What only the recipient can read.</summary>
    Encryption,

    /// <summary>Unwanted mail.</summary>
    Spam,
}

/// <summary>One thing a check can find, declared once in the code that owns it; score table, settings, API and metrics are rendered from it.</summary>
public sealed record FindingDefinition
{
    /// <summary>UPPER_SNAKE, unique in the product.</summary>
    public required string Code { get; init; }

    /// <summary>Default score; added up to the message's score. 0 where only <see cref="Action"/> matters.</summary>
    public double Score { get; init; }

    public required MessageClass Class { get; init; }

    public FindingGroup Group { get; init; }

    /// <summary>What the finding asks for by itself, whatever the score; null leaves it to the score.</summary>
    public VerdictAction? Action { get; init; }

    /// <summary>The weakest action that a tenant's policy may give it; null leaves the tenant free. For what could not be scanned (R3).</summary>
    public VerdictAction? Floor { get; init; }

    /// <summary>One plain sentence an administrator understands.</summary>
    public required string Text { get; init; }

    /// <summary>A finding of this definition about one concrete thing.</summary>
    public Finding On(string detail = "") => new(Code, Score, Class, Action, Text, detail, Floor, Group);
}

/// <summary>What a check says about one message.</summary>
/// <param name="Detail">The concrete thing: signature and part, header, list. Shown as text, never as markup: it may quote hostile mail.</param>
public sealed record Finding(
    string Code,
    double Score,
    MessageClass Class,
    VerdictAction? Action,
    string Text,
    string Detail,
    VerdictAction? Floor = null,
    FindingGroup Group = FindingGroup.Gateway);
