using System.Buffers.Text;
using System.Text;
using SecuEdge.Content;

namespace SecuEdge.Appliance.Operations;

/// <summary>
/// A file that is no message, to be judged: it becomes the attachment of an otherwise empty one, as which it would arrive here. Otherwise
/// every verdict on it would only say that it is no mail.
/// </summary>
internal static class BareFile
{
    private const int LineBytes = 57;

    // RFC 5322 §2.1.1: no line is longer, so a field name ends well before.
    private const int MaxLineBytes = 998;

    /// <summary>A field name and a colon, or the line that mailboxes begin with. Damaged mail may begin otherwise: then its name has to say it.</summary>
    public static bool IsMessage(string name, IByteSource bytes)
    {
        if (name.EndsWith(".eml", StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        using var stream = bytes.OpenRead();
        Span<byte> head = stackalloc byte[MaxLineBytes];
        head = head[..stream.ReadAtLeast(head, MaxLineBytes, throwOnEndOfStream: false)];
        if (head.StartsWith("From "u8))
        {
            return true;
        }

        // RFC 5322 §3.6.8: printable characters but the colon.
        var end = head.IndexOfAnyExceptInRange((byte)33, (byte)126);
        var colon = (end < 0 ? head : head[..end]).IndexOf((byte)':');
        return colon > 0 && colon + 1 < head.Length && head[colon + 1] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n';
    }

    public static IByteSource Attach(string name, IByteSource bytes)
    {
        // Outside of ASCII RFC 2231 §4 has its say; percent encoding keeps every other character out, too.
        var shown = Uri.EscapeDataString(Path.GetFileName(name));
        using var message = new MemoryStream((int)(bytes.Length * 4 / 3) + 1024);
        message.Write(Encoding.ASCII.GetBytes(
            "MIME-Version: 1.0\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n"
            + $"Content-Disposition: attachment; filename*=utf-8''{shown}\r\n\r\n"));
        using var stream = bytes.OpenRead();
        Span<byte> line = stackalloc byte[LineBytes];
        Span<byte> encoded = stackalloc byte[Base64.GetMaxEncodedToUtf8Length(LineBytes)];
        int count;
        while ((count = stream.ReadAtLeast(line, LineBytes, throwOnEndOfStream: false)) > 0)
        {
            Base64.EncodeToUtf8(line[..count], encoded, out _, out var written);
            message.Write(encoded[..written]);
            message.Write("\r\n"u8);
        }

        return new MemoryBytes(message.GetBuffer().AsMemory(0, (int)message.Length));
    }
}
