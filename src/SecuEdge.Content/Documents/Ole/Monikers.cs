using System.Buffers.Binary;
using System.Text;
using SecuEdge.Content.Text;

namespace SecuEdge.Content.Documents.Ole;

/// <summary>[MS-OSHARED] §2.3.7: serialised names of other objects. Found by their class ids, in whatever they are nested.</summary>
internal static class Monikers
{
    private const int MaxTargets = 200;
    private const int MaxChars = 4096;

    /// <summary>URLs and paths, as written.</summary>
    public static List<string> TargetsIn(ReadOnlySpan<byte> bytes)
    {
        var targets = new List<string>();
        var url = DangerousClasses.UrlMoniker.ToByteArray();
        var file = DangerousClasses.FileMoniker.ToByteArray();
        Collect(bytes, url, targets, UrlIn);
        Collect(bytes, file, targets, FileIn);
        return targets;
    }

    private delegate string Reader(ReadOnlySpan<byte> data);

    private static void Collect(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> classId, List<string> targets, Reader read)
    {
        while (targets.Count < MaxTargets && bytes.IndexOf(classId) is >= 0 and var at)
        {
            bytes = bytes[(at + classId.Length)..];
            if (read(bytes) is { Length: > 0 } target)
            {
                targets.Add(target);
            }
        }
    }

    /// <summary>§2.3.7.2: byte length, then UTF-16 to a zero.</summary>
    private static string UrlIn(ReadOnlySpan<byte> data)
    {
        if (data.Length < 6)
        {
            return "";
        }

        var length = (int)Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(data), (uint)Math.Min(data.Length - 4, MaxChars * 2)) & ~1;
        var text = Encoding.Unicode.GetString(data.Slice(4, length));
        var end = text.IndexOf('\0', StringComparison.Ordinal);
        return end < 0 ? text : text[..end];
    }

    /// <summary>§2.3.7.3: parent levels, byte length, an ANSI path to a zero; a Unicode one may follow, for the same file.</summary>
    private static string FileIn(ReadOnlySpan<byte> data)
    {
        if (data.Length < 8)
        {
            return "";
        }

        var length = (int)Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(data[2..]), (uint)Math.Min(data.Length - 6, MaxChars));
        return Charsets.OfUnknown(data.Slice(6, length)).TrimEnd('\0');
    }
}
