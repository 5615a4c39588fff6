using SecuEdge.Content.Files;

namespace SecuEdge.Content.Documents;

/// <summary>Encryption that shows in the first bytes.</summary>
internal static class DocumentFlags
{
    public static AnatomyFlags Of(string detectedType, ReadOnlySpan<byte> head) =>
        detectedType == FileTypes.Pgp || head.IndexOf("-----BEGIN PGP MESSAGE-----"u8) >= 0 ? AnatomyFlags.EncryptedPgp : AnatomyFlags.None;
}
