using System.Collections.Frozen;
using SecuEdge.Content;
using SecuEdge.Content.Files;

namespace SecuEdge.Filter.Policy.Rules.Matching;

/// <summary>One file of the message is all that is asked.</summary>
internal sealed class AttachmentMatcher : Matcher
{
    private readonly AttachmentCondition _condition;
    private readonly FrozenSet<AttachmentKind> _kinds;
    private readonly FrozenSet<string> _extensions;
    private readonly FrozenSet<string> _hashes;
    private readonly bool _hasLongExtensions;

    public AttachmentMatcher(AttachmentCondition condition)
    {
        _condition = condition;
        _kinds = condition.Kinds.ToFrozenSet();
        _extensions = condition.Extensions.Select(e => e.TrimStart('.')).ToFrozenSet(StringComparer.OrdinalIgnoreCase);
        _hashes = condition.Hashes.ToFrozenSet(StringComparer.OrdinalIgnoreCase);
        _hasLongExtensions = _extensions.Any(e => e.Contains('.', StringComparison.Ordinal));
    }

    public override int Cost => 3;

    public override Truth Answer(Question question)
    {
        foreach (var file in question.Facts.Attachments)
        {
            if (IsMet(file))
            {
                return Truth.Yes;
            }
        }

        return question.Facts.AreAttachmentsCut ? Truth.Unknown : Truth.No;
    }

    /// <summary>Unknown is only what had no room among the files.</summary>
    public override bool CouldBe(Truth wanted, Doubt doubt) => true;

    public override string Why(Question question, Explanation explanation)
    {
        var files = question.Facts.Attachments;
        return question.Ask(this) switch
        {
            Truth.Yes => $"file {Describe(files.First(IsMet))} is what is asked for",
            Truth.Unknown => "none of the files recorded is what is asked for, and not all were recorded",
            _ when files.Count == 0 => "there are no files",
            _ when files.Count == 1 => $"file {Describe(files[0])} is not what is asked for",
            _ => $"none of {files.Count} files is what is asked for",
        };
    }

    public override void AddFiles(Question question, FileList files)
    {
        foreach (var file in question.Facts.Attachments)
        {
            if (IsMet(file))
            {
                files.Add(file.Path);
            }
        }
    }

    public bool IsMet(AttachmentFacts file) =>
        IsPlaced(file)
        && (_kinds.Count == 0 || _kinds.Contains(file.Kind))
        && !(file.SizeBytes < _condition.AtLeast)
        && (_condition.HasActiveContent is not { } active || active == file.Flags.HasFlag(AnatomyFlags.ActiveContent))
        && (_condition.IsEncrypted is not { } encrypted || encrypted == file.Flags.HasFlag(AnatomyFlags.EncryptedArchive))
        && (_hashes.Count == 0 || _hashes.Contains(file.Sha256))
        && (_condition.Types.Count == 0 || IsOfType(file.Type))
        && ((_extensions.Count == 0 && _condition.Names.Count == 0) || HasName(file));

    private bool IsPlaced(AttachmentFacts file) => _condition.In switch
    {
        AttachmentPlace.Anywhere => true,
        AttachmentPlace.Outside => !file.IsInside,
        AttachmentPlace.Inside => file.IsInside,
        _ => throw new InvalidOperationException($"unknown place {_condition.In}"),
    };

    /// <summary>One of the names that mail programs may take.</summary>
    private bool HasName(AttachmentFacts file)
    {
        if (IsMetByName(file.Name))
        {
            return true;
        }

        foreach (var name in file.OtherNames)
        {
            if (IsMetByName(name))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>As it came, and as Windows saves it.</summary>
    private bool IsMetByName(string name) =>
        IsNameMet(name) || (FileNames.AsSaved(name) is var saved && !ReferenceEquals(saved, name) && IsNameMet(saved));

    private bool IsNameMet(string name) =>
        (_extensions.Count == 0 || HasExtension(name)) && (_condition.Names.Count == 0 || IsNamed(name));

    private bool IsNamed(string name)
    {
        foreach (var asked in _condition.Names)
        {
            if (Glob.IsMatch(asked, name))
            {
                return true;
            }
        }

        return false;
    }

    private bool HasExtension(string name)
    {
        var dot = name.LastIndexOf('.');
        return (dot >= 0 && _extensions.GetAlternateLookup<ReadOnlySpan<char>>().Contains(name.AsSpan(dot + 1)))
            || (_hasLongExtensions && _extensions.Any(e => name.EndsWith("." + e, StringComparison.OrdinalIgnoreCase)));
    }

    private bool IsOfType(string type)
    {
        foreach (var asked in _condition.Types)
        {
            var isMet = asked.EndsWith('*')
                ? type.AsSpan().StartsWith(asked.AsSpan(0, asked.Length - 1), StringComparison.OrdinalIgnoreCase)
                : type.Equals(asked, StringComparison.OrdinalIgnoreCase);
            if (isMet)
            {
                return true;
            }
        }

        return false;
    }

    private static string Describe(AttachmentFacts file) =>
        $"'{(file.Name.Length == 0 ? file.Path : file.Name)}' ({file.Type}, {Figures.Size(file.SizeBytes)}{(file.IsInside ? ", inside another" : "")})";
}

/// <summary>Only the recipient can read it.</summary>
internal sealed class EncryptedMatcher(IReadOnlyList<EncryptionKind> kinds) : Matcher
{
    private readonly AnatomyFlags _asked = kinds.Count == 0
        ? AnatomyFlags.EncryptedSmime | AnatomyFlags.EncryptedPgp | AnatomyFlags.EncryptedArchive
        : kinds.Aggregate(AnatomyFlags.None, (flags, kind) => flags | FlagOf(kind));

    public override Truth Answer(Question question) => (FlagsOf(question.Facts) & _asked) != 0 ? Truth.Yes : Truth.No;

    public override string Why(Question question, Explanation explanation)
    {
        List<string> found = [];
        var flags = FlagsOf(question.Facts) & _asked;
        foreach (var kind in Enum.GetValues<EncryptionKind>())
        {
            if (flags.HasFlag(FlagOf(kind)))
            {
                found.Add(kind switch { EncryptionKind.Smime => "S/MIME", EncryptionKind.Pgp => "OpenPGP", _ => "a password" });
            }
        }

        return found.Count == 0 ? "not encrypted in a way asked for" : $"encrypted with {string.Join(" and ", found)}";
    }

    public override void AddFiles(Question question, FileList files)
    {
        foreach (var file in question.Facts.Attachments)
        {
            if ((file.Flags & _asked) != 0)
            {
                files.Add(file.Path);
            }
        }
    }

    public override bool Implies(Matcher other, Effort effort) => other is EncryptedMatcher encrypted && (encrypted.Asked & _asked) == _asked;

    private AnatomyFlags Asked => _asked;

    private static AnatomyFlags FlagsOf(PolicyFacts facts)
    {
        var flags = facts.Flags;
        foreach (var file in facts.Attachments)
        {
            flags |= file.Flags;
        }

        return flags;
    }

    private static AnatomyFlags FlagOf(EncryptionKind kind) => kind switch
    {
        EncryptionKind.Smime => AnatomyFlags.EncryptedSmime,
        EncryptionKind.Pgp => AnatomyFlags.EncryptedPgp,
        EncryptionKind.Archive => AnatomyFlags.EncryptedArchive,
        _ => throw new InvalidOperationException($"unknown encryption {kind}"),
    };
}
