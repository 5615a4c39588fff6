using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using SecuEdge.Cage.Pool;
using SecuEdge.Cage.Protocol;
using SecuEdge.Content;

namespace SecuEdge.Cage.Examination;

/// <summary>
/// Makes an anatomy of an answer, in the gateway. Believed is what cannot be known better: sizes and hashes of bytes are ours, the root
/// is ours, and what an examination never says makes the whole answer void. So does a type that would keep scanners away from bytes that
/// are something else, and a file that did not come.
/// </summary>
internal sealed class AnatomyReader(IByteSource message, CageOutcome.Answered answer, AnatomyFiles files, AnatomyLimits limits, CancellationToken cancellationToken)
{
    private const int HashDigits = 64;

    /// <summary>A hundred names of 255 characters fit in a path.</summary>
    private const int MaxPathChars = 32 * 1024;

    private const int MaxSentenceChars = 2 * 1024;

    /// <summary>Files without bytes carry one of these; the whole examination then has findings about it.</summary>
    private const AnatomyFlags Unreadable = AnatomyFlags.Unparseable | AnatomyFlags.OverBudget | AnatomyFlags.Bomb | AnatomyFlags.Broken
        | AnatomyFlags.EncryptedArchive | AnatomyFlags.EncryptedSmime | AnatomyFlags.EncryptedPgp;

    /// <summary>Stretches of the message that parts were made of. A claim costs the worker thirty bytes and us the hash and the copy.</summary>
    private readonly Dictionary<(long Start, long Length), CageAttachment> _stretches = [];
    private long _bytes;

    /// <exception cref="InvalidDataException">Not the answer of an examination.</exception>
    public MessageAnatomy Read(MessagePart root)
    {
        AnatomyBody body;
        try
        {
            body = JsonSerializer.Deserialize(answer.Body, CageJson.Default.AnatomyBody) ?? throw new InvalidDataException("no anatomy");
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException("not an anatomy", exception);
        }

        Require(body.Parts.Count <= limits.Parts, "more parts than allowed");
        var parts = new List<MessagePart>(body.Parts.Count);
        foreach (var part in body.Parts)
        {
            Require(part is not null && part.Parent < parts.Count && (part.Parent < 0) == (parts.Count == 0), "parts out of order");
            if (parts.Count == 0)
            {
                root.Flags = part!.Flags;
                root.Active = part.Active;
                root.Text = part.Text;
                foreach (var evidence in Shown(part.Evidence))
                {
                    root.Evidence.Add(evidence);
                }

                parts.Add(root);
                continue;
            }

            var made = PartOf(part!);
            parts[part!.Parent].Children.Add(made);
            parts.Add(made);
        }

        Require(parts.Count > 0, "no parts");
        Require(!body.Urls.Any(text => text is null) && !body.Links.Any(link => link is null), "nothing in a list");
        Require(body.Headers is { Subject: not null, From: not null, FromAddress: not null, To: not null, MessageId: not null, Date: not null, All: { } all }
            && !all.Any(header => header.Key is null || header.Value is null), "a header left out");
        return new MessageAnatomy(files)
        {
            Root = root,
            Headers = body.Headers,
            Flags = body.Flags,
            Troubles = Shown(body.Troubles),
            Text = body.Text,
            Urls = body.Urls,
            HiddenText = body.HiddenText,
            WholeText = body.WholeText,
            Links = body.Links,
        };
    }

    private MessagePart PartOf(PartBody part)
    {
        Require(Enum.IsDefined(part.Kind), "no such kind of part");
        Require(part.Sha256.Length is 0 or HashDigits && part.Sha256.All(char.IsAsciiHexDigitLower), "no hash");
        Require(part.FileName is null || part.FileName.All(ShownText.IsShown), "a name that nobody may show");
        Require(part.OtherNames.All(name => name is not null && name.All(ShownText.IsShown)), "a name that nobody may show");
        var content = part.Content is { } where ? ContentOf(where) : null;
        Require(part.Kind is not (PartKind.Attachment or PartKind.Entry) || part.Size == 0 || content is not null || (part.Flags & Unreadable) != 0, "a file that did not come");
        Require(!IsShownText(part) || content is not { Bytes.Length: > 0 } || Anatomist.IsShownText(content.Bytes), "a text that is none");
        return new MessagePart
        {
            Path = ShownText.Clean(part.Path, MaxPathChars),
            Kind = part.Kind,
            DeclaredType = ShownText.Clean(part.DeclaredType, MaxSentenceChars),
            DetectedType = ShownText.Clean(part.DetectedType, MaxSentenceChars),
            FileName = part.FileName,
            OtherNames = part.OtherNames,
            RawFileName = part.RawFileName,
            Size = content?.Bytes.Length ?? part.Size,
            Sha256 = content?.Sha256 ?? part.Sha256,
            Flags = part.Flags,
            Active = part.Active,
            Evidence = Shown(part.Evidence),
            Text = part.Text,
            Content = content?.Bytes,
        };
    }

    /// <summary>What scanners need not see again, because it is part of the message's own scan.</summary>
    private static bool IsShownText(PartBody part) => part.Kind == PartKind.Body && part.DetectedType is ("text/plain" or "text/html");

    private static List<string> Shown(IEnumerable<string> texts)
    {
        List<string> shown = [];
        foreach (var text in texts)
        {
            Require(text is not null, "nothing in a list");
            shown.Add(ShownText.Clean(text!, MaxSentenceChars));
        }

        return shown;
    }

    private CageAttachment ContentOf(ContentBody where)
    {
        if (where.Attachment > 0)
        {
            Require(where.Attachment <= answer.Attachments.Count, "bytes that did not come");
            return answer.Attachments[where.Attachment - 1];
        }

        Require(where.Attachment == 0 && where.Start >= 0 && where.Length >= 0 && where.Length <= message.Length - where.Start, "bytes outside of the message");
        if (_stretches.TryGetValue((where.Start, where.Length), out var known))
        {
            return known;
        }

        _bytes += where.Length;
        Require(_bytes <= limits.Bytes, "more bytes than allowed");
        var bytes = message.Memory is { } memory
            ? new MemoryBytes(memory.Slice((int)where.Start, (int)where.Length))
            : files.Copy(message, where.Start, where.Length, cancellationToken);
        return _stretches[(where.Start, where.Length)] = new CageAttachment(bytes, HashOf(bytes));
    }

    private string HashOf(IByteSource bytes)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var stream = bytes.OpenRead();
        var buffer = ArrayPool<byte>.Shared.Rent(256 * 1024);
        try
        {
            int count;
            while ((count = stream.Read(buffer)) > 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                hash.AppendData(buffer, 0, count);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void Require(bool isTrue, string otherwise)
    {
        if (!isTrue)
        {
            throw new InvalidDataException(otherwise);
        }
    }
}
