using SecuEdge.Store.Files;

namespace SecuEdge.Store.Facts;

/// <summary>The blocks of one day, in order. What a crash tore or a disk damaged is passed over to the next header.</summary>
internal static class FactsFile
{
    private const int SearchBytes = 64 * 1024;

    /// <summary>Header and place of each block; contents are only read by <see cref="Content"/>.</summary>
    public static IEnumerable<(FactsBlock Block, long At)> Blocks(IFile file)
    {
        var header = new byte[FactsBlock.HeaderSize];
        for (long at = 0; at + FactsBlock.HeaderSize <= file.Length;)
        {
            file.Read(header, at);
            if (FactsBlock.ReadHeader(header) is { } block)
            {
                yield return (block, at);
                // A torn content shows by its checksum; where the file was continued behind it, the next header is found by searching.
                var next = at + FactsBlock.HeaderSize + block.Length;
                at = IsHeaderOrEnd(file, next) ? next : NextMagic(file, at + 1);
            }
            else
            {
                at = NextMagic(file, at + 1);
            }
        }
    }

    public static byte[] Content(IFile file, FactsBlock block, long at)
    {
        var content = new byte[block.Length];
        var read = file.Read(content, at + FactsBlock.HeaderSize);
        return read == content.Length ? content : content[..read];
    }

    /// <summary>The block as it is, to be copied.</summary>
    public static byte[] Whole(IFile file, FactsBlock block, long at)
    {
        var whole = new byte[FactsBlock.HeaderSize + block.Length];
        var read = file.Read(whole, at);
        return read == whole.Length ? whole : [];
    }

    private static bool IsHeaderOrEnd(IFile file, long at)
    {
        var start = new byte[FactsBlock.Magic.Length];
        return file.Read(start, at) < start.Length || start.AsSpan().SequenceEqual(FactsBlock.Magic);
    }

    /// <returns>The end of the file when there is none.</returns>
    private static long NextMagic(IFile file, long from)
    {
        var buffer = new byte[SearchBytes];
        for (var at = from; ; at += SearchBytes - FactsBlock.Magic.Length + 1)
        {
            var read = file.Read(buffer, at);
            var found = buffer.AsSpan(0, read).IndexOf(FactsBlock.Magic);
            if (found >= 0)
            {
                return at + found;
            }

            if (read < SearchBytes)
            {
                return file.Length;
            }
        }
    }
}
