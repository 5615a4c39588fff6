using SecuEdge.Content.Files;

namespace SecuEdge.Content;

/// <summary>Whether type and name of a part tell the truth about its bytes.</summary>
internal static class TypeFlags
{
    public static AnatomyFlags Of(PartDraft draft, string detectedType)
    {
        if (draft.IsExcerpt)
        {
            return AnatomyFlags.None;
        }

        var flags = AnatomyFlags.None;
        var family = FileTypes.FamilyOf(detectedType);
        if (family == FileFamily.Executable || (draft.Name is { } script && FileTypes.ScriptExtensions.Contains(script.Extension)))
        {
            flags |= AnatomyFlags.Executable;
        }

        if (draft.Name is { IsDeceptive: true })
        {
            flags |= AnatomyFlags.DeceptiveName;
        }

        if (draft.Bytes.Size > 0 && IsContradicted(draft, detectedType, family))
        {
            flags |= AnatomyFlags.TypeMismatch;
        }

        return flags;
    }

    /// <summary>
    /// Only families contradict each other: a PNG called .jpg is an everyday error, a program called .jpg is not. What was not recognised
    /// contradicts nothing, and text may be called whatever it likes as long as that is not a program.
    /// </summary>
    private static bool IsContradicted(PartDraft draft, string detectedType, FileFamily family)
    {
        if (family is FileFamily.Unknown or FileFamily.Text or FileFamily.Message or FileFamily.Cryptographic)
        {
            return false;
        }

        var declared = FileTypes.OfMediaType(draft.DeclaredType)?.Family ?? FileTypes.FamilyOf(draft.DeclaredType);
        var named = draft.Name is { } name ? FileTypes.OfExtension(name.Extension)?.Family ?? FileFamily.Unknown : FileFamily.Unknown;
        return Contradicts(declared, family, detectedType) || Contradicts(named, family, detectedType);
    }

    private static bool Contradicts(FileFamily claimed, FileFamily found, string detectedType)
    {
        if (claimed == FileFamily.Unknown || claimed == found)
        {
            return false;
        }

        // Packages are archives by nature, and installers and signed documents are declared as one or the other.
        return (claimed, found) is not ((FileFamily.Document, FileFamily.Archive) or (FileFamily.Archive, FileFamily.Document)
            or (FileFamily.Executable, FileFamily.Archive) or (FileFamily.Document, FileFamily.Image) or (FileFamily.Image, FileFamily.Document)
            or (FileFamily.Media, FileFamily.Image))
            && !(claimed == FileFamily.Text && FileTypes.OfMediaType(detectedType) is { IsText: true });
    }
}
