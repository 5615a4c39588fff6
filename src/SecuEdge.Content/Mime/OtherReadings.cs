using System.Text;
using MimeKit;
using SecuEdge.Content.Containers;
using SecuEdge.Content.Files;
using SecuEdge.Content.Readings;

namespace SecuEdge.Content.Mime;

/// <summary>
/// What another parser might find in the bytes of a message: parts at boundaries that ours did not take, decodings that ours did not
/// use, files in places that ours skips. Each becomes a part of kind Reading, once.
/// </summary>
internal sealed class OtherReadings(Examination examination, LeafReader leaves, ParserOptions options)
{
    /// <summary>Larger messages are not searched as a whole; SMTP size limits are usually 25 to 50 MB.</summary>
    private const int MaxSearchedBytes = 64 * 1024 * 1024;

    /// <summary>A preamble is one polite sentence to readers without MIME; a file is longer.</summary>
    private const int MinSurrounding = 80;

    private static readonly HashSet<string> None = [];

    private BudgetMeter Meter => examination.Meter;

    /// <summary>Only encodings that change bytes.</summary>
    public static ContentEncoding? EncodingOf(string value) => value.ToLowerInvariant() switch
    {
        "base64" => ContentEncoding.Base64,
        "quoted-printable" => ContentEncoding.QuotedPrintable,
        "x-uuencode" or "uuencode" or "x-uue" => ContentEncoding.UUEncode,
        _ => null,
    };

    /// <summary>Bytes that are no message to us: whatever they are instead, and what is written in them.</summary>
    public void ReadRaw(MessagePart root, IByteSource source, PartDraft draft)
    {
        var head = source.Peek(0, FileTypeDetector.HeadBytes).Span;
        var type = FileTypeDetector.Detect(head, source.Peek(Math.Max(0, source.Length - 65_557), 65_557).Span);
        if (type != FileTypes.Message && FileTypes.FamilyOf(type) != FileFamily.Text)
        {
            root.Children.Add(examination.Parts.Examine(draft with
            {
                Path = $"{draft.Path}~1",
                Bytes = new PartBytes(source, source.Length, root.Sha256),
                HasContent = false,
                IsDubious = false,
            }));
        }

        examination.Parts.FindHidden(root, source, draft);
        AddEmbedded(root, source, draft);
    }

    /// <summary>After the walk: parts that lie in the bytes of the message but not in the tree.</summary>
    public void FindUnclaimed(MessagePart root, IByteSource source, HeaderBlock header, MessageWalk walk, PartDraft draft)
    {
        var start = header.Oddities.Count > 0 ? 0 : header.Length;
        var body = source.Slice(start, source.Length - start);
        if (walk.IsOdd)
        {
            examination.Parts.FindHidden(root, body, draft);
        }

        var found = Find(root, body, walk.Boundaries, position => walk.IsInsideMessage(start + position));
        if (found.Exists(part => walk.IsOdd || !walk.IsInsideText(start + part.Start) || IsLike(part.Delimiter, walk.Boundaries)))
        {
            root.Flags |= AnatomyFlags.Ambiguous;
        }

        AddSegments(root, body, found, draft);
    }

    /// <summary>Before the first and after the last boundary, where most parsers do not look and some do (RFC 2046 §5.1.1).</summary>
    public void FindAround(MessagePart node, Multipart multipart, PartDraft draft)
    {
        foreach (var text in (ReadOnlySpan<string?>)[multipart.Preamble, multipart.Epilogue])
        {
            if (text is { Length: >= MinSurrounding })
            {
                examination.Parts.FindHidden(node, new MemoryBytes(Encoding.Latin1.GetBytes(text)), draft);
            }
        }
    }

    public void AddDecoded(MessagePart parent, IByteSource raw, ContentEncoding encoding, PartDraft draft)
    {
        var oddities = Base64Oddities.None;
        var bytes = examination.Parts.Decode(sink => TransferDecoder.Decode(raw, encoding, sink, out oddities), raw.Length);
        examination.Parts.AddReading(parent, bytes, draft, name: null, isWanted: true);
        examination.Parts.AddOtherStyles(parent, raw, oddities, draft);
    }

    public void AddEmbedded(MessagePart parent, IByteSource text, PartDraft draft) =>
        AddSegments(parent, text, Find(parent, text, None, _ => false), draft);

    /// <summary>The same boundary in another case, cut short, or with something behind it.</summary>
    private static bool IsLike(string delimiter, HashSet<string> boundaries) => boundaries.Any(boundary =>
        boundary.Length > 0 && (delimiter.StartsWith(boundary, StringComparison.OrdinalIgnoreCase) || boundary.StartsWith(delimiter, StringComparison.OrdinalIgnoreCase)));

    private List<EmbeddedPart> Find(MessagePart parent, IByteSource text, HashSet<string> known, Predicate<int> isRead)
    {
        List<EmbeddedPart> found = [];
        var isCut = false;
        if (!text.TryLookAtAll(MaxSearchedBytes, bytes => found = EmbeddedParts.MayBeIn(bytes.Span) ? EmbeddedParts.Find(bytes.Span, known, isRead, out isCut) : []))
        {
            GiveUp(parent, "Too large to be searched for other readings.");
        }

        if (isCut)
        {
            GiveUp(parent, $"More than {found.Count} parts out of place.");
        }

        return found;
    }

    /// <summary>Something is not looked at, and policy is to know.</summary>
    private void GiveUp(MessagePart parent, string why)
    {
        parent.Flags |= AnatomyFlags.OverBudget;
        Meter.Note(AnatomyFlags.OverBudget, why);
    }

    private void AddSegments(MessagePart parent, IByteSource text, List<EmbeddedPart> found, PartDraft draft)
    {
        foreach (var part in found)
        {
            if (!Meter.HasTime())
            {
                parent.Flags |= AnatomyFlags.OverBudget;
                return;
            }

            AddSegment(parent, text.Slice(part.Start, part.Length), draft);
        }
    }

    /// <summary>One part between two delimiters, with its own header.</summary>
    private void AddSegment(MessagePart parent, IByteSource segment, PartDraft draft)
    {
        var source = WithLineFeeds(segment);
        var header = HeaderBlock.Read(source.Peek(0, Meter.Budget.MaxHeaderBytes + 1024).Span, Meter.Budget);
        if (header.TooMuch is not null)
        {
            GiveUp(parent, $"A part out of place: {header.TooMuch}");
            return;
        }

        if (header.Fields == 0)
        {
            return;
        }

        try
        {
            using var limit = Meter.NewTimeLimit();
            var tree = MessageTree.Parse(options, source, limit.Token);
            if (tree.Entity is MimePart leaf)
            {
                leaves.AddReading(leaf, parent, MessageTree.RawContent(leaf, source), header, draft);
            }
        }
        catch (OperationCanceledException)
        {
            GiveUp(parent, "Parsing a part out of place took too long.");
        }
        catch (Exception exception) when (ContainerVisit.IsFormatError(exception))
        {
            Meter.Note(AnatomyFlags.None, "A part out of place could not be parsed.");
        }
    }

    /// <summary>Bare CR ends a line for some; MimeKit wants LF.</summary>
    private IByteSource WithLineFeeds(IByteSource text)
    {
        var isClean = true;
        text.TryLookAtAll(MaxSearchedBytes, bytes => isClean = bytes.Span.Count((byte)'\r') == bytes.Span.Count("\r\n"u8));
        return isClean ? text : examination.Parts.Decode(
            sink =>
            {
                var isComplete = false;
                text.TryLookAtAll(MaxSearchedBytes, bytes => isComplete = TryWriteWithLineFeeds(bytes.Span, new SinkWriter(sink)));
                return isComplete;
            },
            text.Length).Source;
    }

    private static bool TryWriteWithLineFeeds(ReadOnlySpan<byte> text, SinkWriter output)
    {
        for (var i = 0; i < text.Length && !output.IsRefused; i++)
        {
            output.Add(text[i]);
            if (text[i] == '\r' && (i + 1 == text.Length || text[i + 1] != '\n'))
            {
                output.Add((byte)'\n');
            }
        }

        return output.TryFlush();
    }
}
