using SecuEdge.Filter.Policy.Rules;

namespace SecuEdge.Filter.Policy.Profiles;

/// <summary>Rules of profiles. Their names are a promise: tenants replace them and switch them off by name.</summary>
internal static class ProfileRules
{
    // Exchange Online's limit for a long time, and what most mail servers still refuse above.
    private const long LargeBytes = 25_000_000;

    // What Windows runs on a double click.
    private static readonly string[] Runnable =
    [
        "exe", "scr", "com", "pif", "bat", "cmd", "ps1", "vbs", "vbe", "js", "jse", "wsf", "wsh", "hta", "msi", "msp", "cpl", "jar", "lnk", "reg", "iso", "img",
    ];

    public static IReadOnlyList<Rule> Standard { get; } =
    [
        new()
        {
            Name = "standard-double-extensions",
            Comment = "A runnable file that hides behind a second ending.",
            When = new AllCondition([new FindingCondition(["ATTACHMENT_DECEPTIVE_NAME"]), new AttachmentCondition { Extensions = Runnable }]),
            Then = [new QuarantineAction { Queue = "files" }],
        },
        new()
        {
            Name = "standard-locked-archives",
            Comment = "Nobody could look inside: filters and people behind us can see it.",
            Direction = RuleDirection.Inbound,
            When = new EncryptedCondition { Kinds = [EncryptionKind.Archive] },
            Then = [new TagAction { Header = new HeaderField("X-SecuEdge-Unscanned", "locked archive") }],
        },
    ];

    public static IReadOnlyList<Rule> Strict { get; } =
    [
        new()
        {
            Name = "strict-audio-video",
            Comment = "Sound and film, by content.",
            When = new AttachmentCondition { Kinds = [AttachmentKind.Audio, AttachmentKind.Video] },
            Then = [new QuarantineAction { Queue = "files" }],
        },
        new()
        {
            Name = "strict-large",
            Comment = "Above 25 MB.",
            When = new SizeCondition(LargeBytes + 1, null),
            Then = [new QuarantineAction { Queue = "files" }],
        },
        Encrypted("strict-smime-inbound", EncryptionKind.Smime, RuleDirection.Inbound),
        Encrypted("strict-smime-outbound", EncryptionKind.Smime, RuleDirection.Outbound),
        Encrypted("strict-pgp-inbound", EncryptionKind.Pgp, RuleDirection.Inbound),
        Encrypted("strict-pgp-outbound", EncryptionKind.Pgp, RuleDirection.Outbound),
    ];

    private static Rule Encrypted(string name, EncryptionKind kind, RuleDirection direction) => new()
    {
        Name = name,
        Comment = "Only the recipient can read it, so nothing here could.",
        Direction = direction,
        When = new EncryptedCondition { Kinds = [kind] },
        Then = [new QuarantineAction { Queue = "encrypted" }],
    };
}
