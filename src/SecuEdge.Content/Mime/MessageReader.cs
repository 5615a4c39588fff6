using MimeKit;
using SecuEdge.Content.Containers;
using SecuEdge.Content.Files;

namespace SecuEdge.Content.Mime;

/// <summary>
/// Reads one message with MimeKit and walks its tree without recursion. 1. The header block is checked as bytes; 2. MimeKit parses;
/// 3. each leaf is decoded and examined; 4. where anything could be read differently, the raw bytes are searched for what another
/// parser would find. Messages inside messages come back here through the part examiner.
/// </summary>
internal sealed class MessageReader
{
    private static ParserOptions? _cachedOptions;

    private readonly Examination _examination;
    private readonly LeafReader _leaves;
    private readonly OtherReadings _others;
    private readonly ParserOptions _options;

    public MessageReader(Examination examination)
    {
        _examination = examination;
        _options = Options(examination.Meter.Budget.MaxDepth);
        _leaves = new LeafReader(examination);
        _others = new OtherReadings(examination, _leaves, _options);
    }

    public OtherReadings Others => _others;

    private BudgetMeter Meter => _examination.Meter;

    /// <summary>Adds the body of a message below its node; null when it could not be parsed.</summary>
    public MessageHeaders? Read(MessagePart root, IByteSource source, int depth, int archiveDepth)
    {
        var header = HeaderBlock.Read(source.Peek(0, Meter.Budget.MaxHeaderBytes + 1024).Span, Meter.Budget);
        var draft = new PartDraft { Path = root.Path, Kind = PartKind.Reading, Bytes = default, Depth = depth, ArchiveDepth = archiveDepth, IsDubious = true };
        if (header.Fields == 0 || header.TooMuch is not null)
        {
            Refuse(root, AnatomyFlags.Unparseable | (header.TooMuch is null ? AnatomyFlags.None : AnatomyFlags.OverBudget), header.TooMuch ?? "No header fields.");
            _others.ReadRaw(root, source, draft);
            return null;
        }

        if (header.FirstField > 0)
        {
            // The "From " line of a mailbox file, or lines that are no fields: MimeKit would refuse the message for them.
            root.Flags |= header.Oddities.Count > 0 ? AnatomyFlags.Ambiguous : AnatomyFlags.None;
            source = source.Slice(header.FirstField, source.Length - header.FirstField);
            header = HeaderBlock.Read(source.Peek(0, Meter.Budget.MaxHeaderBytes + 1024).Span, Meter.Budget);
        }

        if (Parse(root, source) is not { } tree)
        {
            _others.ReadRaw(root, source, draft);
            return null;
        }

        _examination.Passwords.AddMessage(() => MessageWords.Of(tree, source));
        var walk = Walk(tree, root, source, header, draft);
        SplitFiles.Join(_examination, root, draft);
        _others.FindUnclaimed(root, source, header, walk, draft);
        return HeaderFacts.Read(tree.Entity.Headers, MediaTypeOf(tree.Entity));
    }

    /// <summary>The header block alone, for a message whose body is not to be touched; empty when it cannot be read either.</summary>
    public static MessageHeaders ReadHeaders(IByteSource source, AnatomyBudget budget)
    {
        var bytes = source.Peek(0, budget.MaxHeaderBytes);
        var header = HeaderBlock.Read(bytes.Span, budget);
        if (header.Fields == 0 || header.TooMuch is not null)
        {
            return new MessageHeaders();
        }

        try
        {
            using var stream = new MemoryBytes(bytes[header.FirstField..]).OpenRead();
            var list = new MimeParser(Options(budget.MaxDepth), stream, MimeFormat.Entity, persistent: true).ParseHeaders();
            return HeaderFacts.Read(list, "");
        }
        catch (Exception exception) when (ContainerVisit.IsFormatError(exception))
        {
            return new MessageHeaders();
        }
    }

    public static string MediaTypeOf(MimeEntity entity) =>
        entity.Headers.Contains(HeaderId.ContentType) ? entity.ContentType.MimeType.ToLowerInvariant() : "";

    /// <summary>Registering types costs reflection; the depth is the same for all messages of a process.</summary>
    private static ParserOptions Options(int maxDepth)
    {
        var options = _cachedOptions;
        return options is not null && options.MaxMimeDepth == maxDepth ? options : _cachedOptions = MessageTree.MakeOptions(maxDepth);
    }

    private void Refuse(MessagePart root, AnatomyFlags flags, string why)
    {
        root.Flags |= flags;
        Meter.Note(flags, why);
    }

    private MessageTree? Parse(MessagePart root, IByteSource source)
    {
        try
        {
            using var limit = Meter.NewTimeLimit();
            return MessageTree.Parse(_options, source, limit.Token);
        }
        catch (OperationCanceledException)
        {
            Refuse(root, AnatomyFlags.OverBudget, "Parsing took too long.");
            return null;
        }
        catch (Exception exception) when (ContainerVisit.IsFormatError(exception))
        {
            Refuse(root, AnatomyFlags.Unparseable, $"Could not be parsed: {exception.Message}");
            return null;
        }
    }

    private MessageWalk Walk(MessageTree tree, MessagePart root, IByteSource source, HeaderBlock header, PartDraft draft)
    {
        var walk = new MessageWalk();
        walk.AddOddities(root, header);
        var pending = new Stack<(MimeEntity Entity, MessagePart Parent, string Path, int Depth)>();
        pending.Push((tree.Entity, root, root.Path.Length == 0 ? "1" : $"{root.Path}.1", draft.Depth + 1));
        while (pending.TryPop(out var step))
        {
            if (!Meter.TryTakePart())
            {
                root.Flags |= AnatomyFlags.OverBudget;
                break;
            }

            var isBody = ReferenceEquals(step.Entity, tree.Entity);
            var span = tree.SpanOf(step.Entity);
            var block = isBody ? header : HeaderBlock.Read(source.Peek(span.Begin, (int)Math.Min(Meter.Budget.MaxHeaderBytes, span.HeadersEnd - span.Begin)).Span, Meter.Budget);
            var here = draft with { Path = step.Path, Depth = step.Depth, IsDubious = block.Oddities.Count > 0 };
            if (step.Entity is Multipart multipart)
            {
                var node = AddMultipart(multipart, step.Parent, source, span, here, walk);
                walk.AddOddities(node, block);
                if (step.Depth >= Meter.Budget.MaxDepth && multipart.Count > 0)
                {
                    Refuse(node, AnatomyFlags.OverBudget, $"Nested deeper than {Meter.Budget.MaxDepth}.");
                    walk.IsOdd = true;
                    continue;
                }

                for (var i = multipart.Count - 1; i >= 0; i--)
                {
                    pending.Push((multipart[i], node, $"{step.Path}.{i + 1}", step.Depth + 1));
                }
            }
            else if (step.Entity is MimePart leaf)
            {
                walk.AddOddities(_leaves.Add(leaf, step.Parent, MessageTree.RawContent(leaf, source), block, here, walk), block);
                walk.AddLeaf(MediaTypeOf(leaf), span);
            }
        }

        return walk;
    }

    private MessagePart AddMultipart(Multipart multipart, MessagePart parent, IByteSource source, EntitySpan span, PartDraft draft, MessageWalk walk)
    {
        var type = MediaTypeOf(multipart);
        var node = new MessagePart { Path = draft.Path, Kind = PartKind.Multipart, DeclaredType = type, DetectedType = type, Size = Math.Max(0, span.End - span.HeadersEnd) };
        parent.Children.Add(node);
        node.Flags |= FlagsOf(multipart, type);
        if (multipart.Boundary is { } boundary)
        {
            walk.Boundaries.Add(boundary);
        }

        if (multipart.Count == 0 && span.End - span.HeadersEnd > 2)
        {
            // Its boundary is nowhere in it: another reader may see another boundary.
            node.Flags |= AnatomyFlags.Ambiguous;
            walk.IsOdd = true;
        }

        // RFC 2045 §6.4 forbids an encoding here; a reader that undoes it nevertheless sees other parts than one that does not.
        if (multipart.Headers[HeaderId.ContentTransferEncoding]?.Trim() is { } encoding && OtherReadings.EncodingOf(encoding) is { } known)
        {
            node.Flags |= AnatomyFlags.Ambiguous;
            walk.IsOdd = true;
            _others.AddDecoded(node, source.Slice(span.HeadersEnd, span.End - span.HeadersEnd), known, draft with { IsDubious = true });
        }

        _others.FindAround(node, multipart, draft);
        return node;
    }

    private static AnatomyFlags FlagsOf(Multipart multipart, string type) => type switch
    {
        // RFC 1847, RFC 3156 §4; some senders leave the protocol out and only the first part tells.
        "multipart/encrypted" when multipart.ContentType.Parameters["protocol"]?.Contains("pkcs7", StringComparison.OrdinalIgnoreCase) == true => AnatomyFlags.EncryptedSmime,
        "multipart/encrypted" => AnatomyFlags.EncryptedPgp,
        "multipart/signed" => AnatomyFlags.SignedMessage,
        _ => AnatomyFlags.None,
    };
}
