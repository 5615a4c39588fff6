using SecuEdge.Content.Containers;
using SecuEdge.Content.Files;
using SecuEdge.Content.Mime;
using SecuEdge.Content.Text;

namespace SecuEdge.Content;

/// <summary>Takes messages apart. One instance serves all; it keeps nothing between messages.</summary>
/// <param name="scratchFolder">Where large parts become files; emptied by whoever starts the process.</param>
public sealed class Anatomist(AnatomyBudget budget, string scratchFolder, TimeProvider timeProvider)
{
    static Anatomist() => Charsets.RegisterCodePages();

    /// <summary>Text or HTML by its bytes: how another process's word about a text body is checked.</summary>
    public static bool IsShownText(IByteSource body)
    {
        var head = body.Peek(0, FileTypeDetector.HeadBytes).Span;
        var type = FileTypeDetector.Detect(head, body.Peek(Math.Max(0, body.Length - PartExaminer.TailBytes), PartExaminer.TailBytes).Span, isShown: true);
        return FileTypes.FamilyOf(type) == FileFamily.Text || FileTypes.OfMediaType(type) is { IsText: true };
    }

    /// <summary>Never throws for hostile input: what cannot be read is a flag and a sentence in <see cref="MessageAnatomy.Troubles"/>.</summary>
    public MessageAnatomy Examine(IByteSource message, CancellationToken cancellationToken) => Examine(message, [], cancellationToken);

    /// <param name="passwords">Tried on locked archives, besides words of the message itself.</param>
    public MessageAnatomy Examine(IByteSource message, IReadOnlyList<string> passwords, CancellationToken cancellationToken) =>
        Examine(message, new Examination(budget, scratchFolder, timeProvider, passwords, cancellationToken));

    /// <summary>
    /// Ordinary mail only: text, HTML, pictures. Null as soon as there is a container or document that is opened in the cage alone; then
    /// the whole message goes there.
    /// </summary>
    public MessageAnatomy? ExaminePlain(IByteSource message, IReadOnlyList<string> passwords, CancellationToken cancellationToken)
    {
        try
        {
            return Examine(message, new Examination(budget, scratchFolder, timeProvider, passwords, cancellationToken) { IsPlainOnly = true });
        }
        catch (CageNeededException)
        {
            return null;
        }
    }

    /// <summary>What is known of a message that could not be taken apart: its bytes and its headers.</summary>
    /// <param name="why">A sentence for <see cref="MessageAnatomy.Troubles"/>.</param>
    public MessageAnatomy Fail(IByteSource message, string why)
    {
        var root = Root(message);
        root.Flags = AnatomyFlags.Failed;
        return new MessageAnatomy { Root = root, Headers = MessageReader.ReadHeaders(message, budget), Flags = AnatomyFlags.Failed, Troubles = [why] };
    }

    private static MessageAnatomy Examine(IByteSource message, Examination examination)
    {
        var isKept = false;
        try
        {
            var anatomy = TakeApart(message, examination);
            isKept = true;
            return anatomy;
        }
        finally
        {
            if (!isKept)
            {
                examination.Scratch.Dispose();
            }
        }
    }

    /// <summary>The node of the whole message, without flags and children.</summary>
    public static MessagePart Root(IByteSource message) => new()
    {
        Path = "",
        Kind = PartKind.Message,
        DeclaredType = FileTypes.Message,
        DetectedType = FileTypes.Message,
        Size = message.Length,
        Sha256 = message.HashOf(),
    };

    private static MessageAnatomy TakeApart(IByteSource message, Examination examination)
    {
        var root = Root(message);
        examination.Remember(root);
        var headers = Read(message, examination, root) ?? new MessageHeaders();
        if (message.HasEightBit())
        {
            root.Flags |= AnatomyFlags.EightBit;
        }

        var flags = examination.Meter.Flags;
        foreach (var part in root.SelfAndDescendants())
        {
            flags |= part.Flags;
        }

        return new MessageAnatomy(examination.Scratch)
        {
            Root = root,
            Headers = headers,
            Flags = flags,
            Troubles = examination.Meter.Troubles,
            Text = examination.Text.Text,
            Urls = examination.Text.Urls,
            Links = examination.Text.Links,
            HiddenText = examination.Text.HiddenText,
            WholeText = examination.Text.WholeText,
        };
    }

    /// <summary>
    /// An error of ours on a stranger's bytes must not let the mail pass unread nor keep it out for ever with a 451: it is a flag with its
    /// own policy, and the trouble names it for whoever opens the sample.
    /// </summary>
    private static MessageHeaders? Read(IByteSource message, Examination examination, MessagePart root)
    {
        try
        {
            return examination.Messages.Read(root, message, depth: 0, archiveDepth: 0);
        }
        catch (Exception exception) when (ContainerVisit.IsFormatError(exception))
        {
            root.Flags |= AnatomyFlags.Unparseable | AnatomyFlags.Broken;
            examination.Meter.Note(AnatomyFlags.Unparseable, $"Examination failed: {exception.GetType().Name} in {exception.TargetSite?.DeclaringType?.Name}.{exception.TargetSite?.Name}: {exception.Message}");
            return null;
        }
    }
}
