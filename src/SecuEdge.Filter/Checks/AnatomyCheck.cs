using SecuEdge.Content;

namespace SecuEdge.Filter.Checks;

/// <summary>Says which facts of the anatomy matter: one row per flag. The anatomy itself has no opinion.</summary>
internal sealed class AnatomyCheck : ICheck
{
    // Enough to recognise the mail by; a mail with a thousand programs needs no list of them.
    private const int MaxNamedParts = 5;

    private static readonly (AnatomyFlags Flag, FindingDefinition Definition)[] Table =
    [
        Row(AnatomyFlags.Unparseable, "MESSAGE_UNPARSEABLE", FindingGroup.Structure, MessageClass.Suspicious,
            "The message could not be read as a mail at all.", action: VerdictAction.Quarantine),
        // Honest senders break MIME too: enough to turn the scale, not to hold a mail by itself. Every reading was scanned.
        Row(AnatomyFlags.Ambiguous, "MESSAGE_AMBIGUOUS", FindingGroup.Structure, MessageClass.Suspicious,
            "Mail programs may read the structure of this message differently.", score: 2),
        Row(AnatomyFlags.OverBudget, "ANATOMY_OVER_BUDGET", FindingGroup.Gateway, MessageClass.Suspicious,
            "The message is nested too deeply, has too many parts or takes too long: not all of it was examined.",
            action: VerdictAction.Quarantine, floor: VerdictAction.Quarantine),
        Row(AnatomyFlags.Bomb, "ATTACHMENT_BOMB", FindingGroup.Structure, MessageClass.Suspicious,
            "An attachment expands to a size that no honest file has.",
            action: VerdictAction.Quarantine, floor: VerdictAction.Quarantine),
        Row(AnatomyFlags.Broken, "ATTACHMENT_BROKEN", FindingGroup.Structure, MessageClass.Suspicious,
            "An attached archive or document could not be read to its end.", score: 0.5),
        Row(AnatomyFlags.EncryptedArchive, "ATTACHMENT_ENCRYPTED", FindingGroup.Encryption, MessageClass.Encrypted,
            "An attachment is protected by a password and could not be examined.", score: 0.5),
        Row(AnatomyFlags.EncryptedSmime, "MESSAGE_ENCRYPTED_SMIME", FindingGroup.Encryption, MessageClass.Encrypted,
            "The message is encrypted with S/MIME and could not be examined."),
        Row(AnatomyFlags.EncryptedPgp, "MESSAGE_ENCRYPTED_PGP", FindingGroup.Encryption, MessageClass.Encrypted,
            "The message is encrypted with OpenPGP and could not be examined."),
        Row(AnatomyFlags.TypeMismatch, "ATTACHMENT_TYPE_MISMATCH", FindingGroup.Name, MessageClass.Suspicious,
            "An attachment is of another type than it says.", score: 1),
        Row(AnatomyFlags.DeceptiveName, "ATTACHMENT_DECEPTIVE_NAME", FindingGroup.Name, MessageClass.Suspicious,
            "The name of an attachment hides what the file is.", score: 3),
        // Peers block dangerous files by default, in both directions.
        Row(AnatomyFlags.Executable, "ATTACHMENT_EXECUTABLE", FindingGroup.Structure, MessageClass.Policy,
            "An attachment is a program, a script, a shortcut or an installer.", action: VerdictAction.Quarantine),
        Row(AnatomyFlags.UnknownContainer, "ATTACHMENT_UNKNOWN_CONTAINER", FindingGroup.Structure, MessageClass.Suspicious,
            "An attachment is an archive of a kind that cannot be opened here.", score: 1),
    ];

    private static readonly AnatomyFlags Interesting = Table.Aggregate(AnatomyFlags.None, (flags, row) => flags | row.Flag);

    public string Name => "ANATOMY";

    public IReadOnlyList<FindingDefinition> Findings { get; } = [.. Table.Select(row => row.Definition)];

    public VerdictAction? OnFailure => VerdictAction.Quarantine;

    public Task<CheckResult> RunAsync(MessageFacts facts, CancellationToken cancellationToken)
    {
        var anatomy = facts.Anatomy;
        var flags = anatomy.Flags;
        foreach (var part in anatomy.AllParts())
        {
            flags |= part.Flags;
        }

        if ((flags & (Interesting | AnatomyFlags.Failed)) == AnatomyFlags.None)
        {
            return Task.FromResult(CheckResult.Nothing);
        }

        List<Finding> findings = [];
        if (flags.HasFlag(AnatomyFlags.Failed))
        {
            // The same finding as when this check fails: either way nobody knows what is inside.
            findings.Add(CheckFailure.Of(this).On(anatomy.Troubles.Count > 0 ? anatomy.Troubles[0] : ""));
        }

        foreach (var (flag, definition) in Table)
        {
            if ((flags & flag) != 0)
            {
                findings.Add(definition.On(Detail(anatomy, flag)));
            }
        }

        return Task.FromResult(new CheckResult(findings));
    }

    private static (AnatomyFlags Flag, FindingDefinition Definition) Row(
        AnatomyFlags flag, string code, FindingGroup group, MessageClass messageClass, string text, double score = 0, VerdictAction? action = null,
        VerdictAction? floor = null) =>
        (flag, new() { Code = code, Group = group, Class = messageClass, Text = text, Score = score, Action = action, Floor = floor });

    // The root repeats what is true of the whole message: its name says nothing beside the parts that caused it.
    private static string Detail(MessageAnatomy anatomy, AnatomyFlags flag)
    {
        List<string> names = [];
        var count = 0;
        foreach (var part in anatomy.AllParts())
        {
            if ((part.Flags & flag) == 0 || ReferenceEquals(part, anatomy.Root))
            {
                continue;
            }

            count++;
            if (names.Count < MaxNamedParts)
            {
                names.Add(PartLabel.Of(part));
            }
        }

        if (count > names.Count)
        {
            names.Add($"and {count - names.Count} more");
        }

        var isAboutReading = flag is AnatomyFlags.Unparseable or AnatomyFlags.Ambiguous or AnatomyFlags.OverBudget;
        return names.Count > 0 ? string.Join(", ", names) : isAboutReading && anatomy.Troubles.Count > 0 ? anatomy.Troubles[0] : "";
    }
}
