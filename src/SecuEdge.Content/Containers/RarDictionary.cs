namespace SecuEdge.Content.Containers;

/// <summary>The dictionaries that the files of a RAR 5 archive ask for (technote, "File header"). Older RAR never asks for more than 4 MB.</summary>
internal static class RarDictionary
{
    private const int Signature = 8;
    private const int FileHeader = 2;

    /// <summary>A header above 2 MB is damaged, says the technote.</summary>
    private const int MaxHeaderBytes = 64 * 1024;

    private const int MaxBlocks = 100_000;

    public static bool IsTooLarge(IByteSource bytes)
    {
        if (!bytes.Peek(0, Signature).Span.SequenceEqual((ReadOnlySpan<byte>)[(byte)'R', (byte)'a', (byte)'r', (byte)'!', 0x1a, 7, 1, 0]))
        {
            return false;
        }

        using var image = new Images.ImageReader(bytes);
        long position = Signature;
        for (var i = 0; i < MaxBlocks && position < bytes.Length; i++)
        {
            // Behind the checksum: size of the header, type, flags, sizes of extra area and data.
            var header = (ReadOnlySpan<byte>)image.Read(position + 4, MaxHeaderBytes);
            var start = header.Length;
            var size = Take(ref header);
            var fields = header;
            var type = Take(ref header);
            var flags = Take(ref header);
            _ = (flags & 1) != 0 ? Take(ref header) : 0;
            var data = (flags & 2) != 0 ? Take(ref header) : 0;
            if (size <= 0 || data < 0 || type < 0)
            {
                return false;
            }

            if (type == FileHeader && DictionaryOf(header) > Dictionaries.MaxBytes)
            {
                return true;
            }

            position += 4 + (start - fields.Length) + size + data;
        }

        return false;
    }

    /// <summary>File flags, size, attributes, time and checksum where the flags say so, then the compression.</summary>
    private static long DictionaryOf(ReadOnlySpan<byte> header)
    {
        var flags = Take(ref header);
        Take(ref header);
        Take(ref header);
        var skipped = ((flags & 2) != 0 ? 4 : 0) + ((flags & 4) != 0 ? 4 : 0);
        header = header.Length < skipped ? [] : header[skipped..];
        var compression = Take(ref header);

        // Bits 7 to 9 are the method, of which 0 stores; bits 10 to 14 the size: 128 KB times a power of two.
        return compression < 0 || ((compression >> 7) & 7) == 0 ? 0 : 128L * 1024 << (int)((compression >> 10) & 31);
    }

    /// <summary>Seven bits per byte, the highest says that more follow; -1 where the bytes end.</summary>
    private static long Take(ref ReadOnlySpan<byte> bytes)
    {
        long value = 0;
        for (var i = 0; i < bytes.Length && i < 9; i++)
        {
            value |= (long)(bytes[i] & 0x7f) << (7 * i);
            if ((bytes[i] & 0x80) == 0)
            {
                bytes = bytes[(i + 1)..];
                return value;
            }
        }

        bytes = [];
        return -1;
    }
}
