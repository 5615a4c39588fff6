using System.Buffers.Binary;
using SecuEdge.Content.Text;

namespace SecuEdge.Content.Documents.Ole;

/// <summary>A file that the packager wrapped: what a double click in the document opens, and under which name.</summary>
/// <param name="Name">The name with the extension that decides what opens it.</param>
/// <param name="Command">For a package without file: the command that a double click starts.</param>
internal readonly record struct OlePackage(string Name, int DataStart, int DataLength, string Command)
{
    private const int EmbeddedKind = 3;
    private const int MaxNameBytes = 1024;

    /// <summary>
    /// Native data of class Package: signature 2, label, file name, kind, a path on the sender's disk, the data. Documented nowhere, the
    /// same since Windows 3.1. False when it is something else.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> native, out OlePackage package)
    {
        package = default;
        var position = 0;
        if (native.Length < 8 || BinaryPrimitives.ReadUInt16LittleEndian(native) != 2)
        {
            return false;
        }

        position += 2;
        if (!TryReadString(native, ref position, out var label) || !TryReadString(native, ref position, out var file) || position + 8 > native.Length)
        {
            return false;
        }

        var kind = BinaryPrimitives.ReadUInt16LittleEndian(native[(position + 2)..]);
        position += 4;
        if (kind != EmbeddedKind)
        {
            package = new OlePackage(label, 0, 0, file.Length > 0 ? file : label);
            return true;
        }

        var pathBytes = BinaryPrimitives.ReadUInt32LittleEndian(native[position..]);
        position += 4;
        if (pathBytes > MaxNameBytes || position + pathBytes + 4 > native.Length)
        {
            return false;
        }

        var path = Charsets.OfUnknown(native.Slice(position, (int)pathBytes)).TrimEnd('\0');
        position += (int)pathBytes;
        var size = BinaryPrimitives.ReadUInt32LittleEndian(native[position..]);
        position += 4;
        package = new OlePackage(NameOf(label, file, path), position, (int)Math.Min(size, native.Length - position), "");
        return true;
    }

    /// <summary>The path is where the file is put and opened, so its extension counts; the label is what the reader sees.</summary>
    private static string NameOf(string label, string file, string path) =>
        path.Length > 0 ? path[(path.LastIndexOfAny(['\\', '/']) + 1)..] is { Length: > 0 } name ? name : file : file.Length > 0 ? file : label;

    private static bool TryReadString(ReadOnlySpan<byte> bytes, ref int position, out string text)
    {
        var rest = bytes[position..];
        var length = rest[..Math.Min(rest.Length, MaxNameBytes)].IndexOf((byte)0);
        text = length > 0 ? Charsets.OfUnknown(rest[..length]) : "";
        position += Math.Max(length, 0) + 1;
        return length >= 0;
    }
}
