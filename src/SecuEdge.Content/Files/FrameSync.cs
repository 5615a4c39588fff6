namespace SecuEdge.Content.Files;

/// <summary>Sound without a header: every frame begins with eleven set bits, and its length leads to the next one (ISO/IEC 11172-3 §2.4.1).</summary>
internal static class FrameSync
{
    private static readonly int[] Rates1 = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
    private static readonly int[] Rates2 = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
    private static readonly int[] Samples = [44_100, 48_000, 32_000];

    public static string? Detect(ReadOnlySpan<byte> head)
    {
        if (head.Length < 8 || head[0] != 0xff || (head[1] & 0xe0) != 0xe0)
        {
            return null;
        }

        // ADTS (ISO/IEC 13818-7 §6.2): layer 00, length in 13 bits.
        if ((head[1] & 0xf6) == 0xf0)
        {
            var frame = ((head[3] & 3) << 11) | (head[4] << 3) | (head[5] >> 5);
            return frame >= 7 && IsNext(head, frame, 0xf6) ? "audio/aac" : null;
        }

        return FrameLength(head) is > 0 and var length && IsNext(head, length, 0xfe) ? "audio/mpeg" : null;
    }

    private static bool IsNext(ReadOnlySpan<byte> head, int length, int mask) =>
        head.Length >= length + 2 ? head[length] == 0xff && (head[length + 1] & mask) == (head[1] & mask) : length + 2 > head.Length && head.Length > 64;

    /// <summary>Layer III only: what is called MP3.</summary>
    private static int FrameLength(ReadOnlySpan<byte> head)
    {
        var version = (head[1] >> 3) & 3;
        var (rate, sample) = (head[2] >> 4, (head[2] >> 2) & 3);
        if (version == 1 || ((head[1] >> 1) & 3) != 1 || rate is 0 or 15 || sample == 3)
        {
            return 0;
        }

        var isFirst = version == 3;
        var frequency = Samples[sample] >> (isFirst ? 0 : version == 2 ? 1 : 2);
        return ((isFirst ? 144 : 72) * 1000 * (isFirst ? Rates1 : Rates2)[rate] / frequency) + ((head[2] >> 1) & 1);
    }
}
