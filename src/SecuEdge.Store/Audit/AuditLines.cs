namespace SecuEdge.Store.Audit;

/// <summary>A line of a file with the place where it begins; <see cref="Next"/> is where the following begins.</summary>
internal readonly record struct PlacedLine(long Offset, byte[] Bytes)
{
    public long Next => Offset + Bytes.Length + 1;
}

/// <summary>Reads the lines of a file forwards or backwards in pieces: a month never has to fit into memory.</summary>
internal static class AuditLines
{
    private const int PieceBytes = 64 * 1024;

    // No entry is longer (see AuditLog.MaxText); a file without line ends must not be read into memory.
    private const int MaxLineBytes = 256 * 1024;

    /// <summary>Complete lines between two places. A longer piece without an end comes as one line cut at the limit.</summary>
    public static IEnumerable<PlacedLine> Forward(string path, long from, long end)
    {
        using var file = Open(path);
        var buffer = new byte[PieceBytes];
        var (start, length) = (from, 0);
        while (true)
        {
            var position = 0;
            while (buffer.AsSpan(position, length - position).IndexOf((byte)'\n') is var at and >= 0)
            {
                yield return new PlacedLine(start + position, buffer[position..(position + at)]);
                position += at + 1;
            }

            buffer.AsSpan(position, length - position).CopyTo(buffer);
            (start, length) = (start + position, length - position);
            if (length == buffer.Length)
            {
                if (length >= MaxLineBytes)
                {
                    yield return new PlacedLine(start, buffer);
                    yield break;
                }

                Array.Resize(ref buffer, buffer.Length * 2);
            }

            file.Position = start + length;
            var wanted = (int)Math.Min(buffer.Length - length, end - file.Position);
            var count = wanted <= 0 ? 0 : file.Read(buffer, length, wanted);
            if (count == 0)
            {
                yield break;
            }

            length += count;
        }
    }

    /// <summary>Complete lines in front of a place, the last first. The place is the beginning of a line or the end of the file.</summary>
    public static IEnumerable<PlacedLine> Backward(string path, long end)
    {
        using var file = Open(path);
        var buffer = new byte[PieceBytes];

        // The buffer holds the bytes from start on; those up to length are not handed out yet and end in a line end.
        var (start, length) = (end, 0);
        while (true)
        {
            while (length > 0 && (start == 0 || buffer.AsSpan(0, length - 1).Contains((byte)'\n')))
            {
                var begin = buffer.AsSpan(0, length - 1).LastIndexOf((byte)'\n') + 1;
                yield return new PlacedLine(start + begin, buffer[begin..(length - 1)]);
                length = begin;
            }

            if (start == 0 || length >= MaxLineBytes)
            {
                yield break;
            }

            var count = (int)Math.Min(PieceBytes, start);
            if (buffer.Length < length + count)
            {
                Array.Resize(ref buffer, length + count);
            }

            buffer.AsSpan(0, length).CopyTo(buffer.AsSpan(count));
            start -= count;
            length += count;
            file.Position = start;
            file.ReadExactly(buffer, 0, count);
        }
    }

    private static FileStream Open(string path) => new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
}
