namespace SecuEdge.Content.Containers;

/// <summary>Decoders allocate the dictionary that the file asks for, which may be gigabytes for a file of a hundred bytes.</summary>
internal static class Dictionaries
{
    /// <summary>xz -9 uses 64 MB; more is not seen in mail.</summary>
    public const long MaxBytes = 64L * 1024 * 1024;

    public static void Refuse(ContainerVisit visit)
    {
        visit.Flag(AnatomyFlags.OverBudget | AnatomyFlags.Broken);
        visit.Meter.Note(AnatomyFlags.OverBudget, $"A compressed file asks for a dictionary of more than {MaxBytes} bytes.");
    }

    /// <summary>The size byte of LZMA2: 2 or 3 times a power of two (xz file format 5.3.1).</summary>
    public static long OfLzma2(byte code) => code > 40 ? long.MaxValue : (2L | (code & 1)) << ((code / 2) + 11);
}
