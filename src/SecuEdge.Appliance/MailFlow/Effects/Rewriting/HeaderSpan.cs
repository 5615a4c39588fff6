using SecuEdge.Content;

namespace SecuEdge.Appliance.MailFlow.Effects.Rewriting;

/// <summary>The header block of a message, found without reading the rest: a tag need not know what the body is.</summary>
internal static class HeaderSpan
{
    // The anatomy's limit of 512 KB, and room for what was added.
    private const int MaxBytes = 1 << 20;

    /// <returns>With the empty line; the whole message when it has none.</returns>
    public static (long Begin, long End) Find(IByteSource source)
    {
        var buffer = new byte[16 * 1024];
        using var stream = source.OpenRead();
        var length = 0;
        while (true)
        {
            var count = stream.Read(buffer, length, buffer.Length - length);
            length += count;
            var end = EndOf(buffer.AsSpan(0, length));
            if (end >= 0 || count == 0)
            {
                return (0, end >= 0 ? end : length);
            }

            if (length >= MaxBytes)
            {
                throw new RewriteException("its header is too large");
            }

            if (length == buffer.Length)
            {
                Array.Resize(ref buffer, buffer.Length * 2);
            }
        }
    }

    private static int EndOf(ReadOnlySpan<byte> bytes)
    {
        for (var at = 0; at < bytes.Length;)
        {
            var length = bytes[at..].IndexOf((byte)'\n');
            if (length < 0)
            {
                return -1;
            }

            var next = at + length + 1;
            if (bytes[at..next].TrimEnd("\r\n"u8).IsEmpty)
            {
                return next;
            }

            at = next;
        }

        return -1;
    }
}
