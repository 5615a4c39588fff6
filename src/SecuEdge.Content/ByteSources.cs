using System.Buffers;
using System.Security.Cryptography;

namespace SecuEdge.Content;

/// <summary>Some bytes of another source. Only for our own reading: it has neither memory nor a file of its own to hand to a scanner.</summary>
internal sealed class FileRange(IByteSource file, long start, long length) : IByteSource
{
    public long Length => length;

    public ReadOnlyMemory<byte>? Memory => null;

    public string? FilePath => null;

    public Stream OpenRead()
    {
        var stream = file.OpenRead();
        return new MimeKit.IO.BoundStream(stream, start, start + length, leaveOpen: false);
    }
}

/// <summary>Reading of sources without caring where their bytes are.</summary>
internal static class ByteSources
{
    public static IByteSource Slice(this IByteSource source, long start, long length)
    {
        start = Math.Clamp(start, 0, source.Length);
        length = Math.Clamp(length, 0, source.Length - start);
        return source.Memory is { } memory
            ? new MemoryBytes(memory.Slice((int)start, (int)length))
            : new FileRange(source, start, length);
    }

    /// <summary>At most <paramref name="count"/> bytes from <paramref name="start"/>.</summary>
    public static ReadOnlyMemory<byte> Peek(this IByteSource source, long start, int count)
    {
        if (start >= source.Length)
        {
            return default;
        }

        count = (int)Math.Min(count, source.Length - start);
        if (source.Memory is { } memory)
        {
            return memory.Slice((int)start, count);
        }

        using var stream = source.OpenRead();
        stream.Seek(start, SeekOrigin.Begin);
        var bytes = new byte[count];
        return bytes.AsMemory(0, stream.ReadAtLeast(bytes, count, throwOnEndOfStream: false));
    }

    public static string HashOf(this IByteSource source)
    {
        if (source.Memory is { } memory)
        {
            return PartBytes.HashOf(memory.Span);
        }

        using var stream = source.OpenRead();
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    public static bool HasEightBit(this IByteSource source)
    {
        if (source.Memory is { } memory)
        {
            return !System.Text.Ascii.IsValid(memory.Span);
        }

        var buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);
        using var stream = source.OpenRead();
        var found = false;
        int count;
        while (!found && (count = stream.Read(buffer)) > 0)
        {
            found = !System.Text.Ascii.IsValid(buffer.AsSpan(0, count));
        }

        ArrayPool<byte>.Shared.Return(buffer);
        return found;
    }

    /// <summary>Where the pattern begins first, reading in pieces; -1 when nowhere.</summary>
    public static long IndexOf(this IByteSource source, ReadOnlySpan<byte> pattern)
    {
        if (source.Memory is { } memory)
        {
            return memory.Span.IndexOf(pattern);
        }

        var buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);
        try
        {
            using var stream = source.OpenRead();
            long start = 0;
            int kept = 0, count;
            while ((count = stream.Read(buffer, kept, buffer.Length - kept)) > 0)
            {
                var seen = buffer.AsSpan(0, kept + count);
                var index = seen.IndexOf(pattern);
                if (index >= 0)
                {
                    return start + index;
                }

                // The pattern may begin in this piece and end in the next.
                kept = Math.Min(seen.Length, pattern.Length - 1);
                start += seen.Length - kept;
                seen[^kept..].CopyTo(buffer);
            }

            return -1;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>
    /// Lets <paramref name="look"/> see all bytes at once: those in memory as they are, a file through a rented buffer. Sources above
    /// <paramref name="maxBytes"/> are not shown, and the answer is false. A look only notes what it sees: what is found is decoded and
    /// examined after the buffer is given back, so that nesting never holds two.
    /// </summary>
    public static bool TryLookAtAll(this IByteSource source, int maxBytes, Action<ReadOnlyMemory<byte>> look)
    {
        if (source.Length > maxBytes)
        {
            return false;
        }

        if (source.Memory is { } memory)
        {
            look(memory);
            return true;
        }

        var buffer = ArrayPool<byte>.Shared.Rent((int)source.Length);
        try
        {
            using var stream = source.OpenRead();
            var count = stream.ReadAtLeast(buffer.AsSpan(0, (int)source.Length), (int)source.Length, throwOnEndOfStream: false);
            look(buffer.AsMemory(0, count));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return true;
    }
}
