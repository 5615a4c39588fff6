using MimeKit;
using SecuEdge.Content.Files;
using SecuEdge.Content.Readings;
using SecuEdge.Content.Text;

namespace SecuEdge.Content.Mime;

/// <summary>Makes a part of a MIME leaf: decodes it, gives its text to the message, and adds what other decoders would make of it.</summary>
internal sealed class LeafReader(Examination examination)
{
    private BudgetMeter Meter => examination.Meter;

    public MessagePart Add(MimePart leaf, MessagePart parent, IByteSource raw, HeaderBlock header, PartDraft draft, MessageWalk walk)
    {
        var encoding = leaf.ContentTransferEncoding;
        var isIdentity = encoding is not (ContentEncoding.Base64 or ContentEncoding.QuotedPrintable or ContentEncoding.UUEncode);
        var name = PartNames.Choose(leaf, header);
        var type = MessageReader.MediaTypeOf(leaf);
        var isBody = name is null && leaf.ContentDisposition?.IsAttachment != true && (type.Length == 0 || type.StartsWith("text/", StringComparison.Ordinal) || leaf.ContentDisposition is null);
        var bytes = Decode(raw, encoding, isIdentity, out var oddities, out var isComplete);
        var part = examination.Parts.Examine(draft with
        {
            Kind = isBody ? PartKind.Body : PartKind.Attachment,
            DeclaredType = type,
            Charset = leaf.ContentType.Charset,
            Name = name,
            Bytes = bytes,
            Flags = FlagsOf(leaf, type, encoding) | (isComplete ? AnatomyFlags.None : AnatomyFlags.OverBudget),
            HasContent = !(isIdentity && (isBody || type == FileTypes.Message)) && bytes.Size > 0,
            IsDubious = false,
        });
        parent.Children.Add(part);
        if (isBody)
        {
            AddText(leaf, type, part, bytes.Source);
        }

        if (type == "message/external-body" && ExternalBody.UrlOf(leaf.ContentType) is { } url)
        {
            examination.Text.AddLink(url, label: "", part.Path);
        }

        AddOtherDecodings(part, raw, encoding, oddities, header, draft, walk);
        return part;
    }

    /// <summary>The same for a part that our parser did not see: a reading, unless the tree has its bytes already.</summary>
    public void AddReading(MimePart leaf, MessagePart parent, IByteSource raw, HeaderBlock header, PartDraft draft)
    {
        var name = PartNames.Choose(leaf, header);
        var encoding = leaf.ContentTransferEncoding;
        var before = parent.Children.Count;
        var oddities = Base64Oddities.None;
        var bytes = examination.Parts.Decode(sink => TransferDecoder.Decode(raw, encoding, sink, out oddities), raw.Length);
        examination.Parts.AddReading(parent, bytes, draft, name, isWanted: true, isUnclaimed: true);
        var target = parent.Children.Count > before ? parent.Children[before] : parent;
        examination.Parts.AddOtherStyles(target, raw, oddities, draft);
        if (oddities != Base64Oddities.None)
        {
            examination.Parts.FindHidden(target, raw, draft);
        }

        if (header.HasOddEncoding)
        {
            AddDecodings(target, raw, encoding, draft);
        }
    }

    /// <summary>Bytes in memory that need no decoding are the message's own; everything else goes through a sink.</summary>
    private PartBytes Decode(IByteSource raw, ContentEncoding encoding, bool isIdentity, out Base64Oddities oddities, out bool isComplete)
    {
        oddities = Base64Oddities.None;
        if (isIdentity && raw.Memory is { } memory)
        {
            isComplete = Meter.TryTakeBytes(memory.Length);
            return PartBytes.Of(memory);
        }

        using var sink = new PartSink(Meter, examination.Scratch, encoding == ContentEncoding.Base64 ? (raw.Length * 3 / 4) + 3 : raw.Length);
        isComplete = TransferDecoder.Decode(raw, encoding, sink, out oddities);
        return sink.Finish();
    }

    private static AnatomyFlags FlagsOf(MimePart leaf, string type, ContentEncoding encoding)
    {
        var flags = encoding is ContentEncoding.EightBit or ContentEncoding.Binary ? AnatomyFlags.EightBit : AnatomyFlags.None;
        return flags | type switch
        {
            "application/pkcs7-mime" or "application/x-pkcs7-mime" => leaf.ContentType.Parameters["smime-type"]?.ToLowerInvariant() switch
            {
                "enveloped-data" or "authenveloped-data" => AnatomyFlags.EncryptedSmime,
                "signed-data" => AnatomyFlags.SignedMessage,
                _ => AnatomyFlags.None,
            },
            "application/pgp-encrypted" => AnatomyFlags.EncryptedPgp,

            // RFC 2046 §5.2.2 and §5.2.3: the content arrives in pieces or is fetched from elsewhere, so nobody here can look at it.
            "message/partial" or "message/external-body" => AnatomyFlags.Partial,
            _ => AnatomyFlags.None,
        };
    }

    /// <summary>Text of pages is added by their reader.</summary>
    private void AddText(MimePart leaf, string type, MessagePart part, IByteSource source)
    {
        var isPlain = type == FileTypes.PlainText || (type.Length == 0 && part.DetectedType != FileTypes.Html);

        // RFC 2046 §4.1.4: a text of an unknown kind is shown as plain text, by those programs that do not make a file of it.
        if (!isPlain && (!type.StartsWith("text/", StringComparison.Ordinal) || type == FileTypes.Html || part.Text.Length > 0))
        {
            return;
        }

        // Four bytes are the longest character.
        var bytes = source.Peek(0, (int)Math.Min(int.MaxValue / 2, (long)Meter.Budget.MaxTextChars * 4));
        var text = Charsets.Decode(bytes.Span, leaf.ContentType.Charset);
        var hasRoom = isPlain ? examination.Text.Add(text, part.Path) : examination.Text.Add("", part.Path, text, text);
        part.Flags |= hasRoom && bytes.Length == source.Length ? AnatomyFlags.None : AnatomyFlags.TextCut;
    }

    private void AddOtherDecodings(
        MessagePart part, IByteSource raw, ContentEncoding encoding, Base64Oddities oddities, HeaderBlock header, PartDraft draft, MessageWalk walk)
    {
        if (oddities != Base64Oddities.None)
        {
            // A missing end is common and harmless by itself; the rest is read differently by different programs.
            part.Flags |= oddities == Base64Oddities.MissingPadding ? AnatomyFlags.None : AnatomyFlags.Ambiguous;
            var dubious = draft with { IsDubious = true };
            examination.Parts.AddOtherStyles(part, raw, oddities, dubious);
            examination.Parts.FindHidden(part, raw, dubious);
        }

        if (!header.HasOddEncoding)
        {
            return;
        }

        walk.IsOdd = true;
        AddDecodings(part, raw, encoding, draft);
    }

    private void AddDecodings(MessagePart part, IByteSource raw, ContentEncoding encoding, PartDraft draft)
    {
        foreach (var other in (ReadOnlySpan<ContentEncoding>)[ContentEncoding.Base64, ContentEncoding.QuotedPrintable, ContentEncoding.UUEncode, ContentEncoding.Default])
        {
            if (other != encoding)
            {
                examination.Messages.Others.AddDecoded(part, raw, other, draft);
            }
        }
    }
}
