using SecuEdge.Content;
using SecuEdge.Content.Files;

namespace SecuEdge.Filter.Policy.Rules;

/// <summary>What rules may ask of the files of a message.</summary>
internal static class AttachmentReader
{
    /// <summary>All that are attached as such, of which a message has a thousand at most, and the outer ones of archives. An archive of ten thousand files is stopped by its kind, not by one of them.</summary>
    public const int MaxFiles = 2_000;

    public static (IReadOnlyList<AttachmentFacts> Files, bool AreCut) Read(MessagePart root)
    {
        List<AttachmentFacts> files = [];
        foreach (var (part, isInside) in MessageFiles.Of(root))
        {
            if (files.Count == MaxFiles)
            {
                return (files, true);
            }

            files.Add(new AttachmentFacts
            {
                Path = part.Path,
                Name = part.FileName ?? "",
                OtherNames = part.OtherNames,
                Type = part.DetectedType,
                Kind = KindOf(part),
                SizeBytes = part.Size,
                Sha256 = part.Sha256,
                IsInside = isInside,
                Flags = part.Flags,
            });
        }

        return (files, false);
    }

    internal static AttachmentKind KindOf(MessagePart part)
    {
        // A script is text by content and a program by its name.
        if (part.Flags.HasFlag(AnatomyFlags.Executable))
        {
            return AttachmentKind.Executable;
        }

        return FileFamilies.Of(part.DetectedType) switch
        {
            FileFamily.Image => AttachmentKind.Image,
            FileFamily.Media when part.DetectedType.StartsWith("audio/", StringComparison.Ordinal) || part.DetectedType == "application/ogg" => AttachmentKind.Audio,
            FileFamily.Media => AttachmentKind.Video,
            FileFamily.Document => AttachmentKind.Document,
            FileFamily.Archive => AttachmentKind.Archive,
            FileFamily.Executable => AttachmentKind.Executable,
            FileFamily.Text => AttachmentKind.Text,
            FileFamily.Message => AttachmentKind.Message,
            FileFamily.Cryptographic => AttachmentKind.Cryptographic,
            FileFamily.Font or FileFamily.Unknown => AttachmentKind.Unknown,
            var other => throw new ArgumentOutOfRangeException(nameof(part), other, null),
        };
    }
}
