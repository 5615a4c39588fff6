using SecuEdge.Content;
using SecuEdge.Content.Files;

namespace SecuEdge.Filter.Policy.Rules;

/// <summary>
/// Which parts of a message are files, and where they are: attached as such, or inside an archive, a document or an attached message. What
/// a mail program shows as the text of the message is none.
/// </summary>
internal static class AttachmentReader
{
    /// <summary>Of an archive with more, the first ones. An archive of ten thousand files is stopped by its kind, not by one of them.</summary>
    private const int MaxFiles = 2_000;

    public static (IReadOnlyList<AttachmentFacts> Files, bool AreCut) Read(MessagePart root)
    {
        List<AttachmentFacts> files = [];
        foreach (var (part, isInside) in Walk(root))
        {
            if (files.Count == MaxFiles)
            {
                return (files, true);
            }

            files.Add(new AttachmentFacts
            {
                Path = part.Path,
                Name = part.FileName ?? "",
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

    /// <summary>Every file, depth first.</summary>
    public static IEnumerable<(MessagePart Part, bool IsInside)> Walk(MessagePart root)
    {
        // Iterative, as the anatomy itself: hostile mail decides how deep it is.
        var pending = new Stack<(MessagePart Part, bool IsInside)>();
        Push(root, isInside: false);
        while (pending.TryPop(out var next))
        {
            // Another reading of bytes that are there already must not count twice.
            var isInside = next.IsInside || next.Part.Kind == PartKind.Reading;
            if (IsFile(next.Part))
            {
                yield return (next.Part, isInside);
            }

            Push(next.Part, isInside || next.Part.Kind is not PartKind.Multipart);
        }

        void Push(MessagePart parent, bool isInside)
        {
            for (var i = parent.Children.Count - 1; i >= 0; i--)
            {
                pending.Push((parent.Children[i], isInside));
            }
        }
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

    private static bool IsFile(MessagePart part) => part.Kind switch
    {
        PartKind.Attachment or PartKind.Entry or PartKind.Message => true,
        PartKind.Body or PartKind.Reading => part.FileName is not null || (part.Sha256.Length > 0 && part.DetectedType is not ("text/plain" or "text/html")),
        PartKind.Multipart => false,
        _ => throw new ArgumentOutOfRangeException(nameof(part), part.Kind, null),
    };
}
