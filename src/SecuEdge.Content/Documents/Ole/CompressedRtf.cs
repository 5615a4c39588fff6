using System.Buffers.Binary;
using System.Text;

namespace SecuEdge.Content.Documents.Ole;

/// <summary>[MS-OXRTFCP]: the RTF body of Outlook, compressed against a dictionary that begins with usual RTF.</summary>
internal static class CompressedRtf
{
    private const uint Compressed = 0x75465a4c;
    private const uint Uncompressed = 0x414c454d;
    private const int HeaderBytes = 16;
    private const int WindowBytes = 4096;

    /// <summary>§2.1.2.1.</summary>
    private static readonly byte[] Preset = Encoding.ASCII.GetBytes(
        "{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier"
        + "{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx");

    public static byte[] Decompress(ReadOnlySpan<byte> bytes, int maxBytes)
    {
        if (bytes.Length < HeaderBytes)
        {
            return [];
        }

        var kind = BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]);
        var data = bytes[HeaderBytes..];
        return kind == Uncompressed ? data.ToArray() : kind == Compressed ? Expand(data, maxBytes) : [];
    }

    /// <summary>§2.2.3.1: a control byte for eight tokens; a reference is twelve bits of position and four of length.</summary>
    private static byte[] Expand(ReadOnlySpan<byte> data, int maxBytes)
    {
        var window = new byte[WindowBytes];
        Preset.CopyTo(window, 0);
        var end = Preset.Length;
        var output = new List<byte>(data.Length * 3);
        while (!data.IsEmpty && output.Count < maxBytes)
        {
            int control = data[0];
            data = data[1..];
            for (var bit = 0; bit < 8 && !data.IsEmpty; bit++, control >>= 1)
            {
                if ((control & 1) == 0)
                {
                    output.Add(data[0]);
                    window[end++ & (WindowBytes - 1)] = data[0];
                    data = data[1..];
                    continue;
                }

                if (data.Length < 2)
                {
                    return [.. output];
                }

                var reference = BinaryPrimitives.ReadUInt16BigEndian(data);
                data = data[2..];
                var position = reference >> 4;
                if (position == (end & (WindowBytes - 1)))
                {
                    return [.. output];
                }

                for (var left = (reference & 0xf) + 2; left > 0; left--)
                {
                    var value = window[position++ & (WindowBytes - 1)];
                    output.Add(value);
                    window[end++ & (WindowBytes - 1)] = value;
                }
            }
        }

        return [.. output];
    }
}
