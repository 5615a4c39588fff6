using SecuEdge.Content;

namespace SecuEdge.Filter.Checks;

/// <summary>Says which facts of the anatomy matter: one row per flag. The anatomy itself has no opinion.</summary>
internal sealed class AnatomyCheck : ICheck
{
    // Enough to recognise the mail by; a mail with a thousand programs needs no list of them.
    private const int MaxNamedParts = 5;

    private static readonly (AnatomyFlags Flag, FindingDefinition Definition)[] Table =
    [
        (AnatomyFlags.Unparseable, new()
        {
            Code = "MESSAGE_UNPARSEABLE", Class = MessageClass.Suspicious, Action = VerdictAction.Quarantine,
            Text = "The message could not be read as a mail at all.",
        }),
        // Honest senders break MIME too: enough to turn the scale, not to hold a mail by itself. Every reading was scanned.
        (AnatomyFlags.Ambiguous, new()
        {
            Code = "MESSAGE_AMBIGUOUS", Class = MessageClass.Suspicious, Score = 2,
            Text = "Mail programs may read the structure of this message differently.",
        }),
        (AnatomyFlags.OverBudget, new()
        {
            Code = "ANATOMY_OVER_BUDGET", Class = MessageClass.Suspicious, Action = VerdictAction.Quarantine,
            Text = "The message is nested too deeply, has too many parts or takes too long: not all of it was examined.",
        }),
        (AnatomyFlags.Bomb, new()
        {
            Code = "ATTACHMENT_BOMB", Class = MessageClass.Suspicious, Action = VerdictAction.Quarantine,
            Text = "An attachment expands to a size that no honest file has.",
        }),
        (AnatomyFlags.Broken, new()
        {
            Code = "ATTACHMENT_BROKEN", Class = MessageClass.Suspicious, Score = 0.5,
            Text = "An attached archive or document could not be read to its end.",
        }),
        (AnatomyFlags.EncryptedArchive, new()
        {
            Code = "ATTACHMENT_ENCRYPTED", Class = MessageClass.Encrypted, Score = 0.5,
            Text = "An attachment is protected by a password and could not be examined.",
        }),
        (AnatomyFlags.EncryptedSmime, new()
        {
            Code = "MESSAGE_ENCRYPTED_SMIME", Class = MessageClass.Encrypted,
            Text = "The message is encrypted with S/MIME and could not be examined.",
        }),
        (AnatomyFlags.EncryptedPgp, new()
        {
            Code = "MESSAGE_ENCRYPTED_PGP", Class = MessageClass.Encrypted,
            Text = "The message is encrypted with OpenPGP and could not be examined.",
        }),
        (AnatomyFlags.TypeMismatch, new()
        {
            Code = "ATTACHMENT_TYPE_MISMATCH", Class = MessageClass.Suspicious, Score = 1,
            Text = "An attachment is of another type than it says.",
        }),
        (AnatomyFlags.DeceptiveName, new()
        {
            Code = "ATTACHMENT_DECEPTIVE_NAME", Class = MessageClass.Suspicious, Score = 3,
            Text = "The name of an attachment hides what the file is.",
        }),
        // Peers block dangerous files by default, in both directions.
        (AnatomyFlags.Executable, new()
        {
            Code = "ATTACHMENT_EXECUTABLE", Class = MessageClass.Policy, Action = VerdictAction.Quarantine,
            Text = "An attachment is a program, a script, a shortcut or an installer.",
        }),
        (AnatomyFlags.ActiveContent, new()
        {
            Code = "ATTACHMENT_ACTIVE_CONTENT", Class = MessageClass.Suspicious, Score = 1.5,
            Text = "An attached document carries macros, scripts or links that act by themselves.",
        }),
        (AnatomyFlags.UnknownContainer, new()
        {
            Code = "ATTACHMENT_UNKNOWN_CONTAINER", Class = MessageClass.Suspicious, Score = 1,
            Text = "An attachment is an archive of a kind that cannot be opened here.",
        }),
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

        if ((flags & Interesting) == AnatomyFlags.None)
        {
            return Task.FromResult(CheckResult.Nothing);
        }

        List<Finding> findings = [];
        foreach (var (flag, definition) in Table)
        {
            if ((flags & flag) != 0)
            {
                findings.Add(definition.On(Detail(anatomy, flag)));
            }
        }

        return Task.FromResult(new CheckResult(findings));
    }

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
