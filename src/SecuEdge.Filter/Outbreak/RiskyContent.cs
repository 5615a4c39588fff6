using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using SecuEdge.Content;

namespace SecuEdge.Filter.Outbreak;

/// <summary>
/// Which parts could do harm if nobody knows them yet, and under which keys they are remembered. An archive is known by what is in it: the
/// same program in a new archive is not new.
/// </summary>
public static class RiskyContent
{
    /// <summary>Of a message with more only so many are looked up; that it has more is reason enough to wait.</summary>
    public const int MaxParts = 200;

    /// <summary>
    /// What acts by itself or at a click. Not here: invoices with embedded XML, PDF that opens at a page, forms. They are everyday mail, and
    /// the phishing among them is no question of known files.
    /// </summary>
    private const ActiveContent Harmful =
        ActiveContent.Macro | ActiveContent.MacroAutoExec | ActiveContent.MacroSuspicious | ActiveContent.ExcelMacro | ActiveContent.Dde
        | ActiveContent.ExternalTemplate | ActiveContent.ExternalObject | ActiveContent.JavaScript | ActiveContent.Launch | ActiveContent.Script
        | ActiveContent.Smuggling | ActiveContent.ShortcutCommand | ActiveContent.RemotePath | ActiveContent.Control | ActiveContent.Exploit;

    // A double click mounts them, and what is inside loses the mark of the Internet.
    private static readonly HashSet<string> DiskImages = new(StringComparer.Ordinal)
    {
        "application/x-iso9660-image", "application/x-udf-image", "application/x-virtual-disk", "application/x-ms-wim", "application/x-apple-diskimage",
    };

    public static IReadOnlyList<MessagePart> Of(MessageAnatomy anatomy)
    {
        List<MessagePart>? parts = null;
        foreach (var part in anatomy.AllParts())
        {
            if (IsRisky(part))
            {
                parts ??= [];
                parts.Add(part);
                if (parts.Count == MaxParts)
                {
                    break;
                }
            }
        }

        return parts ?? (IReadOnlyList<MessagePart>)[];
    }

    public static UInt128 KeyOf(string sha256) => UInt128.Parse(sha256.AsSpan(0, 32), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    /// <summary>
    /// Name with its digits blurred, type and rough size: each mail of a campaign may carry a file of its own. Null when the name says nothing.
    /// </summary>
    public static UInt128? PatternOf(MessagePart part)
    {
        if (part.FileName is not { Length: > 4 } name)
        {
            return null;
        }

        var pattern = new StringBuilder(name.Length + 64);
        foreach (var character in name)
        {
            if (!char.IsAsciiDigit(character))
            {
                pattern.Append(char.ToLowerInvariant(character));
            }
            else if (pattern.Length == 0 || pattern[^1] != '#')
            {
                pattern.Append('#');
            }
        }

        // Eight steps for each doubling: 12 % more or less is the same size.
        var step = Math.Max(1, (long)BitOperations.RoundUpToPowerOf2((ulong)part.Size + 1) / 16);
        pattern.Append(CultureInfo.InvariantCulture, $"\n{part.DetectedType}\n{part.Size / step * step}");
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(pattern.ToString()), hash);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(hash);
    }

    private static bool IsRisky(MessagePart part)
    {
        // Without content there is nothing to know again. A mail program does not run the scripts of a body.
        if (part.Sha256.Length == 0 || part.Kind is PartKind.Multipart or PartKind.Message
            || (part.Kind == PartKind.Body && part.DetectedType is "text/html" or "text/plain"))
        {
            return false;
        }

        return (part.Flags & (AnatomyFlags.Executable | AnatomyFlags.EncryptedArchive)) != 0
            || (part.Active & Harmful) != 0
            || (part.Active == ActiveContent.None && part.Flags.HasFlag(AnatomyFlags.ActiveContent))
            || DiskImages.Contains(part.DetectedType);
    }
}
