using System.Text;
using MimeKit;
using SecuEdge.Content;

namespace SecuEdge.Appliance.MailFlow.Effects.Rewriting;

/// <summary>
/// Puts a banner into the bodies that a reader sees: the text, its HTML twin, or a text part of its own where there is none. Bytes of all
/// other parts stay as they came.
/// </summary>
internal static class Banners
{
    // A longer "text" is a log file; the banner then is a part of its own instead of a copy of it in memory.
    private const int MaxTextBytes = 4 << 20;

    /// <returns>
    /// Null when a banner must not be put into this message: its signature or encryption would break. A warning that must be seen first is put in
    /// front of a signed message as a part of its own, which leaves the signed bytes alone; encrypted mail can only be read as a whole.
    /// </returns>
    public static IByteSource? Add(IByteSource source, Banner banner, string reference, CancellationToken cancellationToken)
    {
        var root = MimeMap.Read(source, cancellationToken);
        var targets = new List<MimeNode>();
        if (!TryFind(root, source, targets))
        {
            return banner.IsTop && !IsEncrypted(root) ? AddPart(root, source, banner, reference) : null;
        }

        return targets.Count > 0
            ? new EditedBytes(source, targets.Select(t => Change(t, source, banner)))
            : AddPart(root, source, banner, reference);
    }

    /// <summary>Really: a multipart that only says so is shown like any other by programs without OpenPGP (RFC 3156 §4).</summary>
    private static bool IsEncrypted(MimeNode root) => root.Type switch
    {
        "application/pkcs7-mime" or "application/x-pkcs7-mime" => true,
        "multipart/encrypted" => root.Children is [{ Type: "application/pgp-encrypted" }, { Type: "application/octet-stream" }],
        _ => false,
    };

    /// <returns>False for signed and encrypted bodies.</returns>
    private static bool TryFind(MimeNode node, IByteSource source, List<MimeNode> targets)
    {
        if (node.Type is "multipart/signed" or "multipart/encrypted" or "application/pkcs7-mime" or "application/x-pkcs7-mime")
        {
            return false;
        }

        if (!node.IsMultipart)
        {
            return TryTakeText(node, source, targets);
        }

        if (node.Type == "multipart/alternative")
        {
            return node.Children.TrueForAll(c => c.Entity.IsAttachment || TryFind(c, source, targets));
        }

        var children = node.Type == "multipart/related" && Start(node) is { } start ? [start] : node.Children;
        foreach (var child in children)
        {
            if (!child.Entity.IsAttachment && !TryFind(child, source, targets))
            {
                return false;
            }

            if (targets.Count > 0)
            {
                return true;
            }
        }

        return true;
    }

    private static bool TryTakeText(MimeNode node, IByteSource source, List<MimeNode> targets)
    {
        var isText = node.Type is "text/plain" or "text/html";
        var isFile = node.Parent is not null && (node.FileName is { Length: > 0 } || node.Entity.IsAttachment);
        if (!isText || isFile || node.End - node.HeadersEnd > MaxTextBytes)
        {
            return true;
        }

        // Inline PGP: text around the block would not break it, but the reader's program shows the decrypted text only. No program looks for it in pages.
        if (node.Type == "text/plain" && HasArmor(Decoded(node, source)))
        {
            return false;
        }

        targets.Add(node);
        return true;
    }

    /// <summary>RFC 9580 §6.2: the words are a line of their own.</summary>
    private static bool HasArmor(ReadOnlySpan<byte> text)
    {
        for (var at = 0; text[at..].IndexOf("-----BEGIN PGP "u8) is >= 0 and var found; at += found + 1)
        {
            var start = at + found;
            if (start > 0 && text[start - 1] != (byte)'\n')
            {
                continue;
            }

            var line = text[start..];
            line = line.IndexOf((byte)'\n') is >= 0 and var end ? line[..end] : line;
            if (line.TrimEnd(" \t\r"u8).EndsWith("-----"u8))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>RFC 2387 §3.2: the part that <c>start</c> names, else the first.</summary>
    private static MimeNode? Start(MimeNode related)
    {
        var start = related.Entity.ContentType.Parameters["start"]?.Trim('<', '>', ' ');
        return related.Children.Find(c => start is { Length: > 0 } && c.Entity.ContentId == start) ?? related.Children.FirstOrDefault();
    }

    private static Edit Change(MimeNode node, IByteSource source, Banner banner)
    {
        var content = Decoded(node, source);
        var type = node.Entity.ContentType;
        var charset = node.Entity.Headers.Contains(HeaderId.ContentType) ? type.Charset : null;
        var isFlowed = string.Equals(type.Parameters["format"], "flowed", StringComparison.OrdinalIgnoreCase);
        var (changed, newCharset) = node.Type == "text/html" ? banner.AddToHtml(content, charset) : banner.AddToPlain(content, charset, isFlowed);
        var (encoded, encoding) = TextEncodings.Encode(changed, node.Encoding, hadEightBit: !Ascii.IsValid(content));
        var header = new HeaderEditor(MimeMap.HeaderOf(node, source));
        if (newCharset is not null)
        {
            type.Charset = newCharset;
            header.Replace("Content-Type", $"Content-Type: {Value(type)}");
        }

        if (encoding != node.Encoding)
        {
            header.Replace("Content-Transfer-Encoding", $"Content-Transfer-Encoding: {TextEncodings.NameOf(encoding)}");
        }

        if (header.IsChanged && node.Parent is null && !header.Has("MIME-Version"))
        {
            header.Append("MIME-Version: 1.0");
        }

        // RFC 1864 and old mailers: what they say of the content is not true any more.
        header.Remove("Content-MD5");
        header.Remove("Content-Length");
        var block = header.ToArray();
        byte[] separator = EndsInEmptyLine(block) ? [] : [.. "\r\n"u8];
        return new Edit(node.Begin, node.End - node.Begin, [.. block, .. separator, .. encoded]);
    }

    private static EditedBytes AddPart(MimeNode root, IByteSource source, Banner banner, string reference)
    {
        var part = Part(banner);
        if (root is { Type: "multipart/mixed", Children: [var first, ..] } && root.Entity is Multipart { Boundary: { Length: > 0 } known })
        {
            return new EditedBytes(source, [new Edit(first.Begin, 0, [.. part, .. Encoding.Latin1.GetBytes($"\r\n--{known}\r\n")])]);
        }

        var boundary = Boundary(source, reference);
        var header = new HeaderEditor(MimeMap.HeaderOf(root, source));
        var fields = header.TakeContentFields();
        if (!header.Has("MIME-Version"))
        {
            header.Append("MIME-Version: 1.0");
        }

        header.Append($"Content-Type: multipart/mixed; boundary=\"{boundary}\"");
        var block = header.ToArray();
        byte[] top = [
            .. block, .. EndsInEmptyLine(block) ? ""u8 : "\r\n"u8, .. Encoding.ASCII.GetBytes($"--{boundary}\r\n"),
            .. part, .. Encoding.ASCII.GetBytes($"\r\n--{boundary}\r\n"), .. fields, .. "\r\n"u8];
        return new EditedBytes(source, [
            new Edit(root.Begin, root.HeadersEnd - root.Begin, top),
            new Edit(source.Length, 0, Encoding.ASCII.GetBytes($"\r\n--{boundary}--\r\n"))]);
    }

    private static byte[] Part(Banner banner) =>
    [
        .. "Content-Type: text/plain; charset=utf-8\r\nContent-Disposition: inline\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"u8,
        .. TextEncodings.QuotedPrintable(Encoding.UTF8.GetBytes(banner.Plain)),
    ];

    /// <summary>The same at every attempt. "=_" stands in no quoted-printable or base64 text (RFC 2045 §6.7); the rest is looked for.</summary>
    private static string Boundary(IByteSource source, string reference)
    {
        for (var i = 0; ; i++)
        {
            var boundary = $"=_secuedge_{reference}_{i}";
            if (!Contains(source, Encoding.ASCII.GetBytes(boundary)))
            {
                return boundary;
            }
        }
    }

    private static bool Contains(IByteSource source, byte[] pattern)
    {
        var buffer = new byte[64 * 1024];
        using var stream = source.OpenRead();
        for (int kept = 0, count; (count = stream.Read(buffer, kept, buffer.Length - kept)) > 0;)
        {
            var seen = buffer.AsSpan(0, kept + count);
            if (seen.IndexOf(pattern) >= 0)
            {
                return true;
            }

            kept = Math.Min(seen.Length, pattern.Length - 1);
            seen[^kept..].CopyTo(buffer);
        }

        return false;
    }

    private static byte[] Decoded(MimeNode node, IByteSource source)
    {
        using var decoded = new MemoryStream();
        using var stream = MimeMap.OpenDecoded(node, source);
        stream.CopyTo(decoded);
        return decoded.ToArray();
    }

    private static string Value(ContentType type)
    {
        var text = type.ToString(Encoding.UTF8, encode: true);
        return text[(text.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim().ReplaceLineEndings("\r\n");
    }

    private static bool EndsInEmptyLine(ReadOnlySpan<byte> block) => block.SequenceEqual("\r\n"u8) || block.EndsWith("\n\r\n"u8) || block.EndsWith("\n\n"u8);
}
