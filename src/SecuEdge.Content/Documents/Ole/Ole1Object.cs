using System.Buffers.Binary;
using SecuEdge.Content.Containers;
using SecuEdge.Content.Text;

namespace SecuEdge.Content.Documents.Ole;

/// <summary>[MS-OLEDS] §2.2.4, §2.2.5: an object as OLE 1 wrote it, and RTF still does: header, class, link or data. The data is a compound file or a package.</summary>
internal static class Ole1Object
{
    private const uint Linked = 1;
    private const int MaxNameBytes = 4096;

    /// <summary>Signatures looked for when the header cannot be believed.</summary>
    private static readonly byte[][] Signatures = [[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1], [.. "PK\u0003\u0004"u8], [.. "{\\rt"u8]];

    public static void Add(ReadOnlyMemory<byte> bytes, PartKind kind, DocumentVisit visit)
    {
        var header = bytes.Span;
        var position = 8;
        if (header.Length > 12 && TryReadString(header, ref position, out var className))
        {
            DangerousClasses.JudgeInRtf(className, visit);
            if (TryReadString(header, ref position, out var topic) && RemoteTargets.IsRemote(topic))
            {
                visit.Found(ActiveContent.ExternalObject, topic);
            }

            var isLink = BinaryPrimitives.ReadUInt32LittleEndian(header[4..]) == Linked;
            if (!isLink && TryReadString(header, ref position, out _) && position + 4 < header.Length)
            {
                // The size is not believed: too small, and the rest would be hidden.
                AddData(bytes[(position + 4)..], className, kind, visit);
                return;
            }
        }

        AddWithoutHeader(bytes, kind, visit);
    }

    private static void AddData(ReadOnlyMemory<byte> data, string className, PartKind kind, DocumentVisit visit)
    {
        if (OlePackage.TryParse(data.Span, out var package))
        {
            visit.Found(ActiveContent.EmbeddedFile, $"package: {package.Name}{package.Command}");
            Add(data.Slice(package.DataStart, package.DataLength), package.Name, kind, visit);
            return;
        }

        Add(data, "object.bin", kind, visit);
        if (className.StartsWith("Package", StringComparison.OrdinalIgnoreCase))
        {
            AddWithoutHeader(data, kind, visit);
        }
    }

    private static void AddWithoutHeader(ReadOnlyMemory<byte> bytes, PartKind kind, DocumentVisit visit)
    {
        foreach (var signature in Signatures)
        {
            if (bytes.Span.IndexOf(signature) is >= 0 and var at)
            {
                Add(bytes[at..], "object.bin", kind, visit);
                return;
            }
        }

        Add(bytes, "object.bin", kind, visit);
    }

    private static void Add(ReadOnlyMemory<byte> bytes, string name, PartKind kind, DocumentVisit visit)
    {
        if (!bytes.IsEmpty)
        {
            visit.AddFile(new EntryDraft { Name = name, Kind = kind }, () => new MemoryBytes(bytes).OpenRead());
        }
    }

    /// <summary>§2.1.4: a length that counts the zero at the end.</summary>
    private static bool TryReadString(ReadOnlySpan<byte> bytes, ref int position, out string text)
    {
        text = "";
        if (position + 4 > bytes.Length)
        {
            return false;
        }

        var length = BinaryPrimitives.ReadUInt32LittleEndian(bytes[position..]);
        position += 4;
        if (length > MaxNameBytes || position + length > bytes.Length)
        {
            return false;
        }

        text = Charsets.OfUnknown(bytes.Slice(position, (int)length)).TrimEnd('\0');
        position += (int)length;
        return true;
    }
}
