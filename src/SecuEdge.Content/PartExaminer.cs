using SecuEdge.Content.Containers;
using SecuEdge.Content.Documents;
using SecuEdge.Content.Files;
using SecuEdge.Content.Readings;

namespace SecuEdge.Content;

/// <summary>Decoded bytes that are to become a part.</summary>
internal sealed record PartDraft
{
    public required string Path { get; init; }

    public required PartKind Kind { get; init; }

    public required PartBytes Bytes { get; init; }

    public string DeclaredType { get; init; } = "";

    /// <summary>As the MIME header says.</summary>
    public string? Charset { get; init; }

    public FileName? Name { get; init; }

    public AnatomyFlags Flags { get; init; }

    /// <summary>Scanners should see the bytes by themselves.</summary>
    public bool HasContent { get; init; } = true;

    /// <summary>Parsers disagree on the encoding, so whatever it might be is wanted, not only what makes sense at first sight.</summary>
    public bool IsDubious { get; init; }

    /// <summary>A piece that nobody could open as a file: its name and type accuse nobody, its content is examined all the same.</summary>
    public bool IsExcerpt { get; init; }

    public int Depth { get; init; }

    public int ArchiveDepth { get; init; }
}

/// <summary>
/// Makes parts of decoded bytes: 1. what are they, and do type and name tell the truth; 2. what is inside: container, message, document;
/// 3. files written into text. It calls itself through containers and messages, bounded by the depth budgets.
/// </summary>
internal sealed class PartExaminer(Examination examination)
{
    /// <summary>An end record of zip is at most this far from the end: 22 bytes and a comment of 65,535 (APPNOTE 4.3.16).</summary>
    public const int TailBytes = 22 + 65_535;

    /// <summary>Text searched for hidden files. Above it a "text" is a data dump, and scanners see it as it is.</summary>
    private const int MaxTextBytes = 64 * 1024 * 1024;

    /// <summary>Bytes of no known type may be text with a few odd characters; large ones are data.</summary>
    private const int MaxUnknownBytes = 1024 * 1024;

    private static readonly PgpContainer PgpMessage = new();

    /// <summary>A page of 24 MB takes half a gigabyte to read, so that above what people write (newsletters: 100 KB) even plain formats go to the cage.</summary>
    private const int MaxPlainDocumentBytes = 1024 * 1024;

    private BudgetMeter Meter => examination.Meter;

    public MessagePart Examine(PartDraft draft)
    {
        var source = draft.Bytes.Source;
        var head = source.Peek(0, FileTypeDetector.HeadBytes);
        var tail = source.Length <= FileTypeDetector.HeadBytes ? head : source.Peek(Math.Max(0, source.Length - TailBytes), TailBytes);
        var detected = TypeOf(draft, head.Span, tail.Span);
        var part = new MessagePart
        {
            Path = draft.Path,
            Kind = IsMessage(draft, detected) && draft.Kind is PartKind.Body or PartKind.Attachment ? PartKind.Message : draft.Kind,
            DeclaredType = draft.DeclaredType,
            DetectedType = detected,
            FileName = draft.Name?.Shown,
            OtherNames = draft.Name?.Others ?? [],
            RawFileName = draft.Name?.Raw,
            Size = draft.Bytes.Size,
            Sha256 = draft.Bytes.Sha256,
            Flags = draft.Flags | TypeFlags.Of(draft, detected),
            Content = draft.HasContent || (draft.Kind == PartKind.Body && FileTypes.FamilyOf(detected) != FileFamily.Text) ? source : null,
        };
        examination.Remember(part);
        if (source.Length > 0)
        {
            LookInside(part, draft, source, head.Span, tail.Span);
        }

        return part;
    }

    /// <summary>Files written into text: uuencode and its kin, undeclared base64, data: URIs, MIME parts out of place.</summary>
    public void FindHidden(MessagePart parent, IByteSource source, PartDraft draft)
    {
        HiddenBlockList? found = null;
        if (!source.TryLookAtAll(MaxTextBytes, bytes => found = HiddenBlocks.MayBeIn(bytes.Span) ? HiddenBlocks.Find(bytes.Span) : null))
        {
            parent.Flags |= AnatomyFlags.OverBudget;
            Meter.Note(AnatomyFlags.OverBudget, "A text part too large to be searched.");
        }

        if (found is null)
        {
            return;
        }

        if (found.IsCut)
        {
            parent.Flags |= AnatomyFlags.OverBudget;
            Meter.Note(AnatomyFlags.OverBudget, $"More than {found.Count} files written into one text.");
        }

        foreach (var block in found)
        {
            if (!TryAddHidden(parent, source.Slice(block.Start, block.Length), block, draft))
            {
                parent.Flags |= AnatomyFlags.OverBudget;
                return;
            }
        }
    }

    /// <summary>Adds a reading unless it makes no sense. Of bytes that are a part already only the place and the name are new.</summary>
    /// <param name="isUnclaimed">It stands where no part of the tree does.</param>
    public void AddReading(MessagePart parent, PartBytes bytes, PartDraft draft, FileName? name, bool isWanted, bool isUnclaimed = false)
    {
        if (bytes.Size == 0)
        {
            return;
        }

        if (examination.Known(bytes.Sha256) is { } known)
        {
            Copies.Add(parent, known, $"{draft.Path}~{parent.Children.Count + 1}", name, isUnclaimed, Meter);
            return;
        }

        var head = bytes.Source.Peek(0, FileTypeDetector.HeadBytes).Span;
        if ((!isWanted && FileTypeDetector.Detect(head, head) == FileTypes.Unknown) || !Meter.TryTakePart())
        {
            return;
        }

        parent.Children.Add(Examine(new PartDraft
        {
            Path = $"{draft.Path}~{parent.Children.Count + 1}",
            Kind = PartKind.Reading,
            Name = name,
            Bytes = bytes,
            IsDubious = draft.IsDubious,
            Depth = draft.Depth + 1,
            ArchiveDepth = draft.ArchiveDepth,
        }));
    }

    public PartBytes Decode(Func<PartSink, bool> decode, long expectedBytes)
    {
        using var sink = new PartSink(Meter, examination.Scratch, expectedBytes);
        decode(sink);
        return sink.Finish();
    }

    private void LookInside(MessagePart part, PartDraft draft, IByteSource source, ReadOnlySpan<byte> head, ReadOnlySpan<byte> tail)
    {
        if (draft.Depth > Meter.Budget.MaxDepth || !System.Runtime.CompilerServices.RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            part.Flags |= AnatomyFlags.OverBudget;
            Meter.Note(AnatomyFlags.OverBudget, $"Nested deeper than {Meter.Budget.MaxDepth}.");
            return;
        }

        var family = FileTypes.FamilyOf(part.DetectedType);
        part.Flags |= family is FileFamily.Text or FileFamily.Cryptographic ? Mime.PgpArmor.FlagsOf(head) : AnatomyFlags.None;
        if (family is FileFamily.Text or FileFamily.Cryptographic && Mime.PgpArmor.ReadableAt(head) is >= 0 and var message)
        {
            Open(PgpMessage, part, draft, source.Slice(message, source.Length - message));
        }

        if (FileTypes.OfMediaType(part.DetectedType) is { IsUnopenedContainer: true })
        {
            part.Flags |= AnatomyFlags.UnknownContainer;
        }

        if (AllContainers.For(part.DetectedType) is { } container)
        {
            Open(container, part, draft, source);
        }
        else
        {
            OpenAppended(part, draft, source, family, tail);
        }

        OpenOtherNatures(part, draft, source, head, tail);

        if (AllDocuments.For(AllDocuments.TypeAsOpened(part)) is { } document)
        {
            Read(document, part, draft, source);
        }

        if (IsMessage(draft, part.DetectedType))
        {
            examination.Messages.Read(part, source, draft.Depth + 1, draft.ArchiveDepth);
        }
        else if (family is FileFamily.Text or FileFamily.Message || part.DetectedType is "image/svg+xml" || draft.IsDubious || draft.Kind == PartKind.Body
            || (part.DetectedType == FileTypes.Unknown && source.Length <= MaxUnknownBytes))
        {
            LookIntoText(part, source, draft);
        }
    }

    /// <summary>A script in a text body is shown and never run: people write about scripts.</summary>
    private static string TypeOf(PartDraft draft, ReadOnlySpan<byte> head, ReadOnlySpan<byte> tail)
    {
        var isShown = draft.Kind == PartKind.Body && draft.DeclaredType is FileTypes.PlainText or FileTypes.Html or "" && draft.Name is null;
        var type = FileTypeDetector.Detect(head, tail, isShown);
        if (type == FileTypes.Unknown && draft.Name is { Extension: "br" } && BrotliContainer.IsBrotli(head))
        {
            type = BrotliContainer.MediaType;
        }

        return isShown && FileTypes.OfMediaType(type) is { IsText: true } ? FileTypes.PlainText : type;
    }

    /// <summary>Declared as one, or a file that is one; the first piece of a split message has its header (RFC 2046 §5.2.2.1). A text body may quote a header without being a message.</summary>
    private static bool IsMessage(PartDraft draft, string detectedType) =>
        draft.DeclaredType is FileTypes.Message or "message/global" or "message/news" or "message/rfc2822"
        || (detectedType == FileTypes.Message && (draft.Kind != PartKind.Body || draft.DeclaredType == "message/partial"));

    /// <summary>MIME parts in a body are found by the message, which knows its boundaries; in other text they are found here.</summary>
    private void LookIntoText(MessagePart part, IByteSource source, PartDraft draft)
    {
        AddNarrow(part, source, draft);
        FindHidden(part, source, draft);
        if (draft.Kind == PartKind.Reading)
        {
            examination.Messages.Others.AddEmbedded(part, source, draft);
        }
    }

    /// <summary>Scripts and text in UTF-16 run and open like any other, and signatures are written for bytes.</summary>
    private void AddNarrow(MessagePart part, IByteSource source, PartDraft draft)
    {
        var encoding = source.Peek(0, 2).Span switch
        {
            [0xff, 0xfe] => System.Text.Encoding.Unicode,
            [0xfe, 0xff] => System.Text.Encoding.BigEndianUnicode,
            _ => null,
        };
        if (encoding is not null && draft.Kind is PartKind.Attachment or PartKind.Entry)
        {
            using var stream = System.Text.Encoding.CreateTranscodingStream(source.Slice(2, source.Length - 2).OpenRead(), encoding, System.Text.Encoding.UTF8);
            AddReading(part, Decode(sink => TransferDecoder.Copy(stream, sink), source.Length), draft, name: null, isWanted: true);
        }
    }

    /// <summary>
    /// An archive behind something else: self-extracting programs are that, pictures are not. Office documents of the old kind hold
    /// packages as streams and are left alone.
    /// </summary>
    private void OpenAppended(MessagePart part, PartDraft draft, IByteSource source, FileFamily family, ReadOnlySpan<byte> tail)
    {
        if (part.DetectedType == FileTypes.Ole)
        {
            return;
        }

        var found = AppendedArchives.Find(source);
        if (tail.LastIndexOf("PK\u0005\u0006"u8) >= 0)
        {
            found.Insert(0, (FileTypes.Zip, 0));
        }

        foreach (var (mediaType, start) in found)
        {
            part.Flags |= family == FileFamily.Executable ? AnatomyFlags.None : AnatomyFlags.Ambiguous;
            Open(AllContainers.For(mediaType)!, part, draft, source.Slice(start, source.Length - start));
        }
    }

    /// <summary>
    /// The same bytes may be two formats at once: a disc leaves its first 32 KB to whoever wants them, a virtual disk and a zip are known
    /// by their end. What the file was taken for decides nothing about what its reader opens it with.
    /// </summary>
    private void OpenOtherNatures(MessagePart part, PartDraft draft, IByteSource source, ReadOnlySpan<byte> head, ReadOnlySpan<byte> tail)
    {
        foreach (var mediaType in AppendedArchives.OtherNatures(part.DetectedType, head, tail))
        {
            part.Flags |= AnatomyFlags.Ambiguous;
            Open(AllContainers.For(mediaType)!, part, draft, source);
        }
    }

    private void Open(IContainer container, MessagePart part, PartDraft draft, IByteSource source)
    {
        if (draft.ArchiveDepth >= Meter.Budget.MaxArchiveDepth)
        {
            part.Flags |= AnatomyFlags.OverBudget;
            Meter.Note(AnatomyFlags.OverBudget, $"Archives nested deeper than {Meter.Budget.MaxArchiveDepth}.");
            return;
        }

        if (draft.ArchiveDepth > 0 && FileTypes.FamilyOf(part.DetectedType) == FileFamily.Archive)
        {
            part.Flags |= AnatomyFlags.NestedArchive;
        }

        examination.RequireCage(container.NeedsCage);
        try
        {
            container.Open(source, new ContainerVisit(examination, part, source, draft.Depth, draft.ArchiveDepth + 1));
        }
        catch (Exception exception) when (ContainerVisit.IsFormatError(exception))
        {
            part.Flags |= ContainerVisit.FlagsOf(exception);
            Meter.Note(AnatomyFlags.None, $"{part.DetectedType} could not be read to its end: {exception.GetType().Name}.");
        }
    }

    private void Read(IDocument document, MessagePart part, PartDraft draft, IByteSource source)
    {
        examination.RequireCage(document.NeedsCage || source.Length > MaxPlainDocumentBytes);
        var visit = new DocumentVisit(examination, part, source, draft.Depth, draft.ArchiveDepth + 1) { Charset = draft.Charset };
        try
        {
            document.Read(source, visit);
        }
        catch (Exception exception) when (ContainerVisit.IsFormatError(exception))
        {
            part.Flags |= AnatomyFlags.Broken;
            Meter.Note(AnatomyFlags.None, $"{part.DetectedType} could not be read to its end: {exception.GetType().Name}.");
        }
        finally
        {
            visit.Finish();
        }
    }

    /// <summary>False when the budget is spent, so that what comes after it is not even tried.</summary>
    private bool TryAddHidden(MessagePart parent, IByteSource encoded, HiddenBlock block, PartDraft draft)
    {
        // Lines can decode to next to nothing, so the work is charged by what is read.
        var isBase64 = block.Encoding is HiddenEncoding.Base64Inline or HiddenEncoding.Base64Lines;
        if (!Meter.HasTime() || !Meter.TryTakeBytes(isBase64 ? 0 : (int)encoded.Length))
        {
            return false;
        }

        if (isBase64)
        {
            AddBase64(parent, encoded, block, draft);
            return true;
        }

        var before = parent.Children.Count;
        AddReading(parent, DecodeLines(encoded, block.Encoding), draft, FileNames.Parse(block.Name), isWanted: block.Encoding != HiddenEncoding.Percent);

        // Some mail programs make an attachment of such a block, others show it as text.
        parent.Flags |= parent.Children.Count > before && block.Encoding != HiddenEncoding.Percent ? AnatomyFlags.Ambiguous : AnatomyFlags.None;
        return true;
    }

    private void AddBase64(MessagePart parent, IByteSource encoded, HiddenBlock block, PartDraft draft)
    {
        if (block.Encoding == HiddenEncoding.Base64Inline && encoded.IndexOf("%"u8) >= 0)
        {
            encoded = DecodeLines(encoded, HiddenEncoding.Percent).Source;
        }

        var oddities = Base64Oddities.None;
        AddReading(parent, Decode(sink => Base64Reader.Decode(encoded, sink, Base64Style.Usual, out oddities), encoded.Length), draft, FileNames.Parse(block.Name), draft.IsDubious);
        AddOtherStyles(parent, encoded, oddities, draft);
    }

    private PartBytes DecodeLines(IByteSource encoded, HiddenEncoding encoding) => Decode(
        sink =>
        {
            var isComplete = false;
            return encoded.TryLookAtAll(MaxTextBytes, bytes => isComplete = LineDecoder.Decode(encoding, bytes.Span, sink)) && isComplete;
        },
        encoded.Length);

    /// <summary>What decoders with other habits make of the same odd base64.</summary>
    public void AddOtherStyles(MessagePart parent, IByteSource encoded, Base64Oddities oddities, PartDraft draft)
    {
        foreach (var (oddity, style) in (ReadOnlySpan<(Base64Oddities, Base64Style)>)
            [(Base64Oddities.UrlSafe, Base64Style.UrlSafe), (Base64Oddities.PaddingInside, Base64Style.IgnorePadding)])
        {
            if (oddities.HasFlag(oddity))
            {
                AddReading(parent, Decode(sink => Base64Reader.Decode(encoded, sink, style, out _), encoded.Length), draft, name: null, draft.IsDubious);
            }
        }
    }
}
