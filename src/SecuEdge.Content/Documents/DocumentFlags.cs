using SecuEdge.Content.Files;

namespace SecuEdge.Content.Documents;

/// <summary>Active content and encryption of documents by a search of their bytes; what is compressed inside is not seen here.</summary>
internal static class DocumentFlags
{
    /// <summary>Larger ones are not searched, which is told.</summary>
    private const int MaxBytes = 64 * 1024 * 1024;

    /// <summary>Names of PDF that run something or bring a file along (ISO 32000-1 §12.6).</summary>
    private static readonly byte[][] PdfActions = ["/JavaScript"u8.ToArray(), "/JS"u8.ToArray(), "/Launch"u8.ToArray(), "/OpenAction"u8.ToArray(), "/AA"u8.ToArray()];

    public static AnatomyFlags Of(string detectedType, IByteSource source, ReadOnlySpan<byte> head)
    {
        if (detectedType != FileTypes.Pdf)
        {
            return detectedType == FileTypes.Pgp || head.IndexOf("-----BEGIN PGP MESSAGE-----"u8) >= 0 ? AnatomyFlags.EncryptedPgp : AnatomyFlags.None;
        }

        var flags = AnatomyFlags.None;
        return source.TryLookAtAll(MaxBytes, bytes => flags = OfPdf(bytes.Span)) ? flags : AnatomyFlags.OverBudget;
    }

    private static AnatomyFlags OfPdf(ReadOnlySpan<byte> bytes)
    {
        var flags = HasName(bytes, "/Encrypt"u8) ? AnatomyFlags.EncryptedArchive : AnatomyFlags.None;
        foreach (var action in PdfActions)
        {
            if (HasName(bytes, action))
            {
                // /OpenAction alone mostly says at which page to open; with an action dictionary it does something.
                flags |= action.AsSpan().SequenceEqual("/OpenAction"u8) && bytes.IndexOf("/URI"u8) < 0 && bytes.IndexOf("/SubmitForm"u8) < 0 && bytes.IndexOf("/GoToE"u8) < 0
                    ? AnatomyFlags.None
                    : AnatomyFlags.ActiveContent;
            }
        }

        return flags;
    }

    /// <summary>The whole name: /JS is not the beginning of /JSomething.</summary>
    private static bool HasName(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> name)
    {
        while (bytes.IndexOf(name) is >= 0 and var at)
        {
            var after = at + name.Length;
            if (after >= bytes.Length || !char.IsAsciiLetterOrDigit((char)bytes[after]))
            {
                return true;
            }

            bytes = bytes[after..];
        }

        return false;
    }
}
