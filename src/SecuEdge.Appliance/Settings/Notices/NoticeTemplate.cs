using System.ComponentModel.DataAnnotations;

namespace SecuEdge.Appliance.Settings.Notices;

/// <summary>
/// The words of a notice that rules send by its name. In force at the node and below it; one of the same name further down the tree, or of a
/// built-in name (<c>blocked</c>, <c>removed</c>, <c>quarantined</c>), replaces it.
/// </summary>
public sealed record NoticeTemplate
{
    public static NoticeTemplate Example { get; } = new()
    {
        Name = "blocked",
        ReplyTo = "support@reseller.example",
        Texts =
        [
            new NoticeText { Language = "en", Subject = "Message blocked: {{subject}}", Text = "From: {{sender}}\nAsk us and name {{reference}}." },
            new NoticeText { Language = "fr", Subject = "Message bloqué : {{subject}}", Text = "De : {{sender}}\nDemandez-nous en citant {{reference}}." },
        ],
    };

    /// <summary>Unique within its tenant: lower-case letters, digits, dots and dashes, 1-63.</summary>
    [Required]
    public required string Name { get; init; }

    /// <summary>What it is for, in the words of whoever wrote it.</summary>
    [MaxLength(500)]
    public string Comment { get; init; } = "";

    /// <summary>Nobody further down the tree can replace it.</summary>
    public bool Locked { get; init; }

    /// <summary>Where answers of readers go; null = to the appliance's postmaster.</summary>
    [MaxLength(320)]
    public string? ReplyTo { get; init; }

    /// <summary>One for each language. Of those the tenant's language is taken, else English, else the first one.</summary>
    [MinLength(1), MaxLength(30)]
    public required IReadOnlyList<NoticeText> Texts { get; init; }

    /// <summary>The words for a reader of that language.</summary>
    /// <param name="language">As <c>fr</c> or <c>fr-CH</c>.</param>
    internal NoticeText In(string language) =>
        Of(language) ?? Of(language.Split('-')[0]) ?? Of("en") ?? Texts[0];

    private NoticeText? Of(string language) => Texts.FirstOrDefault(t => t.Language.Equals(language, StringComparison.OrdinalIgnoreCase));
}

/// <summary>
/// A notice in one language. Placeholders in double braces stand for what is told of the message: <c>{{subject}}</c>, <c>{{sender}}</c>,
/// <c>{{recipients}}</c>, <c>{{reference}}</c>, <c>{{rule}}</c>, <c>{{reason}}</c> (the comment of the rule), <c>{{attachments}}</c>,
/// <c>{{virus}}</c>, <c>{{action}}</c> (what became of it), <c>{{time}}</c> (in the tenant's time zone) and <c>{{tenant}}</c>.
/// </summary>
public sealed record NoticeText
{
    /// <summary><c>en</c>, <c>fr</c>, <c>fr-CH</c>.</summary>
    [Required, RegularExpression("^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})?$")]
    public required string Language { get; init; }

    /// <summary>One line, with placeholders.</summary>
    [Required, MaxLength(200)]
    public required string Subject { get; init; }

    /// <summary>The plain text, with placeholders.</summary>
    [Required, MaxLength(10_000)]
    public required string Text { get; init; }

    /// <summary>The same in HTML; null = made of the text. Placeholders may stand between tags, not inside one.</summary>
    [MaxLength(50_000)]
    public string? Html { get; init; }
}
