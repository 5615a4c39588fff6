using SecuEdge.Content.Files;

namespace SecuEdge.Content.Documents;

/// <summary>Active content and encryption of documents by a search of their bytes; what is compressed inside is not seen here.</summary>
internal static class DocumentFlags
{
    /// <summary>Larger ones are not searched, which is told.</summary>
    private const int MaxBytes = 64 * 1024 * 1024;

    /// <summary>Stream names in an OLE directory, UTF-16: VBA project, Excel 4 macros have none.</summary>
    private static readonly byte[][] OleMacros = ["_VBA_PROJECT"u8.ToArray().Widen(), "Macros"u8.ToArray().Widen()];

    private static readonly byte[] OleEncrypted = "EncryptedPackage"u8.ToArray().Widen();

    public static AnatomyFlags Of(string detectedType, IByteSource source, ReadOnlySpan<byte> head)
    {
        if (detectedType != FileTypes.Ole)
        {
            return detectedType == FileTypes.Pgp || head.IndexOf("-----BEGIN PGP MESSAGE-----"u8) >= 0 ? AnatomyFlags.EncryptedPgp : AnatomyFlags.None;
        }

        var flags = AnatomyFlags.None;
        return source.TryLookAtAll(MaxBytes, bytes => flags = OfOle(bytes.Span)) ? flags : AnatomyFlags.OverBudget;
    }

    private static AnatomyFlags OfOle(ReadOnlySpan<byte> bytes)
    {
        var flags = bytes.IndexOf(OleEncrypted) >= 0 ? AnatomyFlags.EncryptedArchive : AnatomyFlags.None;
        foreach (var macro in OleMacros)
        {
            flags |= bytes.IndexOf(macro) >= 0 ? AnatomyFlags.ActiveContent : AnatomyFlags.None;
        }

        return flags;
    }

    private static byte[] Widen(this byte[] ascii) => [.. ascii.SelectMany(character => new byte[] { character, 0 })];
}
