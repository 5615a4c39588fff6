using System.ComponentModel.DataAnnotations;

namespace SecuEdge.Filter.Policy.Rules;

/// <summary>
/// One rule of a policy: when its condition holds, its actions are carried out. Rules are asked by descending priority, then from the
/// provider down to the mailbox, then in the order written. The first one that holds and has a final action ends the questions.
/// </summary>
public sealed record Rule
{
    /// <summary>As the API's document shows one: large video of strangers waits for somebody to look, but not that for the boss.</summary>
    public static Rule Example { get; } = new()
    {
        Name = "video",
        Comment = "Large video of strangers waits for somebody to look.",
        Direction = RuleDirection.Inbound,
        Priority = 60,
        When = new AllCondition([
            new AttachmentCondition { Kinds = [AttachmentKind.Video], AtLeast = 5_000_000 },
            new NotCondition(new SenderCondition { Addresses = ["@partner.example", "*@*.partner.example"] }),
            new NotCondition(new RecipientCondition { Addresses = ["boss@example.com"] }),
        ]),
        Then = [new QuarantineAction { Queue = "video" }, new NotifyAction { Whom = [NotifyWhom.Recipients], Template = "quarantined" }],
    };

    /// <summary>Unique within its tenant: lower-case letters, digits, dots and dashes, 1-63. A rule of the same name further down the tree replaces it.</summary>
    [Required]
    public required string Name { get; init; }

    /// <summary>What it is for, in the words of whoever wrote it.</summary>
    [MaxLength(500)]
    public string Comment { get; init; } = "";

    public bool Enabled { get; init; } = true;

    /// <summary><see cref="RuleMode.Monitor"/> says in the timeline what the rule would have done, and does nothing.</summary>
    public RuleMode Mode { get; init; } = RuleMode.Enforce;

    public RuleDirection Direction { get; init; } = RuleDirection.Both;

    /// <summary>0-100, higher first. Proxmox's scale, where block lists stand at 98 and disclaimers at 60.</summary>
    [Range(0, 100)]
    public int Priority { get; init; } = 50;

    /// <summary>Nobody further down the tree can replace or switch it off, and it is asked before everything that can.</summary>
    public bool Locked { get; init; }

    /// <summary>Null always holds: a disclaimer on all mail.</summary>
    public Condition? When { get; init; }

    [MinLength(1)]
    public required IReadOnlyList<RuleAction> Then { get; init; }
}

public enum RuleMode
{
    Enforce,

    /// <summary>Recorded, not carried out.</summary>
    Monitor,
}

public enum RuleDirection
{
    Both,
    Inbound,
    Outbound,
}

/// <summary>A condition with a name, used by rules as <c>{"type":"object","name":...}</c>.</summary>
public sealed record PolicyObject
{
    /// <summary>As the API's document shows one.</summary>
    public static PolicyObject Example { get; } = new()
    {
        Name = "partners",
        Comment = "Companies we work with.",
        Is = new SenderCondition { Addresses = ["@partner.example", "*@*.partner.example"] },
    };

    [Required]
    public required string Name { get; init; }

    [MaxLength(500)]
    public string Comment { get; init; } = "";

    public required Condition Is { get; init; }
}

/// <summary>People with a name, used by sender and recipient conditions.</summary>
public sealed record Group
{
    [Required]
    public required string Name { get; init; }

    /// <summary>Addresses, or patterns as in <see cref="SenderCondition.Addresses"/>.</summary>
    public IReadOnlyList<string> Members { get; init; } = [];
}

/// <summary>A day without work.</summary>
public sealed record Holiday(DateOnly Date, string Name);

/// <summary>Words that weigh. A text's weight is the sum over the entries found, each counted at most <see cref="WordEntry.Limit"/> times.</summary>
public sealed record WordList
{
    [Required]
    public required string Name { get; init; }

    [MaxLength(500)]
    public string Comment { get; init; } = "";

    public required IReadOnlyList<WordEntry> Words { get; init; }
}

/// <summary>One entry of a word list.</summary>
public sealed record WordEntry
{
    /// <summary>Word or phrase. Compared without case and accents, "ß" as "ss"; blanks match any white space.</summary>
    [Required, MaxLength(200)]
    public required string Text { get; init; }

    [Range(-1000.0, 1000.0)]
    public double Weight { get; init; } = 1;

    /// <summary>Only whole words; false finds it inside longer ones, too.</summary>
    public bool WholeWord { get; init; } = true;

    /// <summary>Counts only where this stands within <see cref="Within"/> words.</summary>
    [MaxLength(200)]
    public string? Near { get; init; }

    [Range(1, 100)]
    public int Within { get; init; } = 10;

    /// <summary>Repetitions that count.</summary>
    [Range(1, 1000)]
    public int Limit { get; init; } = 3;
}
