using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using SecuEdge.Cage.Pool;
using SecuEdge.Cage.Protocol;
using SecuEdge.Content;

namespace SecuEdge.Cage.Examination;

/// <summary>
/// Makes an anatomy of an answer, in the gateway. Believed is what cannot be known better: sizes and hashes of bytes are ours, the root
/// is ours, and what an examination never says makes the whole answer void.
/// </summary>
internal sealed class AnatomyReader(IByteSource message, CageOutcome.Answered answer, AnatomyFiles files)
{
    private const int HashDigits = 64;

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

        var parts = new List<MessagePart>(body.Parts.Count);
        foreach (var part in body.Parts)
        {
            Require(part is not null && part.Parent < parts.Count && (part.Parent < 0) == (parts.Count == 0), "parts out of order");
            if (parts.Count == 0)
            {
                root.Flags = part!.Flags;
                root.Active = part.Active;
                root.Text = part.Text;
                foreach (var evidence in part.Evidence)
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
        Require(!body.Troubles.Concat(body.Urls).Any(text => text is null) && !body.Links.Any(link => link is null), "nothing in a list");
        Require(body.Headers is { Subject: not null, From: not null, FromAddress: not null, To: not null, MessageId: not null, Date: not null, All: { } all }
            && !all.Any(header => header.Key is null || header.Value is null), "a header left out");
        return new MessageAnatomy(files)
        {
            Root = root,
            Headers = body.Headers,
            Flags = body.Flags,
            Troubles = body.Troubles,
            Text = body.Text,
            Urls = body.Urls,
            HiddenText = body.HiddenText,
            Links = body.Links,
        };
    }

    private MessagePart PartOf(PartBody part)
    {
        Require(Enum.IsDefined(part.Kind), "no such kind of part");
        Require(!part.Evidence.Any(text => text is null), "nothing in a list");
        Require(part.Sha256.Length is 0 or HashDigits && part.Sha256.All(char.IsAsciiHexDigitLower), "no hash");
        Require(part.FileName is null || part.FileName.All(IsShown), "a name that nobody may show");
        var content = part.Content is { } where ? ContentOf(where) : null;
        return new MessagePart
        {
            Path = part.Path,
            Kind = part.Kind,
            DeclaredType = part.DeclaredType,
            DetectedType = part.DetectedType,
            FileName = part.FileName,
            RawFileName = part.RawFileName,
            Size = content?.Bytes.Length ?? part.Size,
            Sha256 = content?.Sha256 ?? part.Sha256,
            Flags = part.Flags,
            Active = part.Active,
            Evidence = part.Evidence,
            Text = part.Text,
            Content = content?.Bytes,
        };
    }

    private CageAttachment ContentOf(ContentBody where)
    {
        if (where.Attachment > 0)
        {
            Require(where.Attachment <= answer.Attachments.Count, "bytes that did not come");
            return answer.Attachments[where.Attachment - 1];
        }

        Require(where.Attachment == 0 && where.Start >= 0 && where.Length >= 0 && where.Length <= message.Length - where.Start, "bytes outside of the message");
        var bytes = message.Memory is { } memory ? new MemoryBytes(memory.Slice((int)where.Start, (int)where.Length)) : files.Copy(message, where.Start, where.Length);
        return new CageAttachment(bytes, HashOf(bytes));
    }

    private static string HashOf(IByteSource bytes)
    {
        if (bytes.Memory is { } memory)
        {
            return Convert.ToHexStringLower(SHA256.HashData(memory.Span));
        }

        using var stream = bytes.OpenRead();
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    /// <summary>As the anatomy makes names: without control, direction and line characters.</summary>
    private static bool IsShown(char character) => CharUnicodeInfo.GetUnicodeCategory(character) is not
        (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);

    private static void Require(bool isTrue, string otherwise)
    {
        if (!isTrue)
        {
            throw new InvalidDataException(otherwise);
        }
    }
}
