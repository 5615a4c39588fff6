using SecuEdge.Content.Files;

namespace SecuEdge.Content;

/// <summary>
/// Which parts of a message are files, and which of them can be taken out: one answer for those who ask about files and those who remove them.
/// What a mail program shows as the text of the message is none.
/// </summary>
public static class MessageFiles
{
    /// <summary>
    /// Every file: first those attached as such, then those of attached messages and other readings, at last what is in archives and documents,
    /// the outer ones first. So a limit on their number drops what is hidden deepest, not what stands behind a large archive.
    /// </summary>
    public static IEnumerable<(MessagePart Part, bool IsInside)> Of(MessagePart root)
    {
        var (attached, inside) = (new List<MessagePart>(), new List<MessagePart>());
        var entries = new List<(MessagePart Part, int Depth)>();

        // Iterative, as the anatomy itself: hostile mail decides how deep it is.
        var pending = new Stack<(MessagePart Part, bool IsInside, int EntryDepth)>();
        Push(root, isInside: false, entryDepth: 0);
        while (pending.TryPop(out var next))
        {
            var part = next.Part;

            // Another reading of bytes that are there already must not count twice.
            var isInside = next.IsInside || part.Kind == PartKind.Reading;
            var depth = next.EntryDepth > 0 || part.Kind == PartKind.Entry ? next.EntryDepth + 1 : 0;
            if (IsFile(part) && depth > 0)
            {
                entries.Add((part, depth));
            }
            else if (IsFile(part))
            {
                (isInside ? inside : attached).Add(part);
            }

            Push(part, isInside || part.Kind is not PartKind.Multipart, depth);
        }

        return attached.Select(p => (p, false)).Concat(inside.Select(p => (p, true))).Concat(entries.OrderBy(e => e.Depth).Select(e => (e.Part, true)));

        void Push(MessagePart parent, bool isInside, int entryDepth)
        {
            for (var i = parent.Children.Count - 1; i >= 0; i--)
            {
                pending.Push((parent.Children[i], isInside, entryDepth));
            }
        }
    }

    /// <summary>
    /// What goes when all attachments go: attached as such, not in archives or attached messages. Texts that programs show are left, files
    /// written into them are not, and neither are files that only look like a signature.
    /// </summary>
    public static IEnumerable<MessagePart> Attached(MessagePart root) => root.Children.SelectMany(child => Attached(child, root));

    /// <summary>The signatures of the message: without them nothing but trust is lost, with them nothing is attached.</summary>
    public static IEnumerable<MessagePart> Signatures(MessagePart root) => root.SelfAndDescendants().SelectMany(p => p.Children.Where((_, i) => IsSignature(p, i)));

    private static IEnumerable<MessagePart> Attached(MessagePart part, MessagePart parent) => part.Kind switch
    {
        _ when IsSignature(parent, parent.Children.IndexOf(part)) => [],
        PartKind.Multipart => part.Children.SelectMany(child => Attached(child, part)),
        PartKind.Attachment or PartKind.Message => [part],
        PartKind.Body when IsFile(part) && !IsText(part) => [part],
        PartKind.Body => part.Children.Where(child => child.Kind == PartKind.Reading && child.FileName is not null),
        PartKind.Entry or PartKind.Reading => [],
        _ => throw new ArgumentOutOfRangeException(nameof(part), part.Kind, null),
    };

    private static bool IsFile(MessagePart part) => part.Kind switch
    {
        PartKind.Attachment or PartKind.Entry or PartKind.Message => true,
        PartKind.Body or PartKind.Reading => part.FileName is not null || (part.Sha256.Length > 0 && (part.DetectedType is not ("text/plain" or "text/html") || IsDeclaredFile(part))),
        PartKind.Multipart => false,
        _ => throw new ArgumentOutOfRangeException(nameof(part), part.Kind, null),
    };

    /// <summary>Whatever its bytes look like: a mail program makes a file of what is not declared as text (ATT00001.xls). Reports are shown.</summary>
    private static bool IsDeclaredFile(MessagePart part) =>
        part.Kind == PartKind.Body && part.DeclaredType.Length > 0
        && !part.DeclaredType.StartsWith("text/", StringComparison.Ordinal) && !part.DeclaredType.StartsWith("message/", StringComparison.Ordinal);

    /// <summary>Shown where it stands: an invitation is an answer to click on, no file to remove.</summary>
    private static bool IsText(MessagePart part) =>
        part.FileName is null && part.DeclaredType.StartsWith("text/", StringComparison.Ordinal) && FileTypes.FamilyOf(part.DetectedType) == FileFamily.Text;

    /// <summary>
    /// RFC 1847 §2.1: the second part of two. It must be one by its content, or anything could be declared as one; the armor of OpenPGP is a text,
    /// and opened as one by its name.
    /// </summary>
    private static bool IsSignature(MessagePart parent, int index) =>
        parent is { Kind: PartKind.Multipart, DeclaredType: "multipart/signed" } && index == 1
        && parent.Children[index] is { DeclaredType: "application/pkcs7-signature" or "application/x-pkcs7-signature" or "application/pgp-signature" } part
        && (FileTypes.FamilyOf(part.DetectedType) == FileFamily.Cryptographic
            || (part.DetectedType == FileTypes.PlainText && FileNames.ExtensionOf(part.FileName ?? "") is "" or "asc" or "sig" or "pgp"));
}
