namespace SecuEdge.Content.Files;

/// <summary>Many formats are zips; the names inside tell which. Looked for as bytes, since the directory may be damaged or doubled.</summary>
internal static class ZipFlavour
{
    private static readonly (byte[] Name, string MediaType)[] Marks =
    [
        ("androidmanifest.xml"u8.ToArray(), "application/vnd.android.package-archive"),
        ("word/document"u8.ToArray(), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("xl/workbook"u8.ToArray(), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("ppt/presentation"u8.ToArray(), "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
        ("application/vnd.oasis.opendocument"u8.ToArray(), "application/vnd.oasis.opendocument"),
        ("application/epub+zip"u8.ToArray(), "application/epub+zip"),
        ("[content_types].xml"u8.ToArray(), "application/vnd.openxmlformats-package"),
        ("meta-inf/manifest.xml"u8.ToArray(), "application/vnd.oasis.opendocument"),
        ("meta-inf/manifest.mf"u8.ToArray(), "application/java-archive"),
    ];

    /// <summary>A package must begin with its own names: an archive that merely carries a document stays an archive.</summary>
    public static string Detect(ReadOnlySpan<byte> head, ReadOnlySpan<byte> tail)
    {
        ReadOnlySpan<byte> lowerHead = Lower(head), lowerTail = Lower(tail);
        foreach (var (name, mediaType) in Marks)
        {
            if (lowerHead.IndexOf(name) >= 0 || lowerTail.IndexOf(name) >= 0)
            {
                return mediaType;
            }
        }

        return FileTypes.Zip;
    }

    /// <summary>ISO 29500-2 §6.2.2.3: names are compared without regard to case. OpenDocument may have its type compressed, but has a manifest.</summary>
    private static byte[] Lower(ReadOnlySpan<byte> bytes)
    {
        var lower = bytes.ToArray();
        foreach (ref var character in lower.AsSpan())
        {
            character |= character is >= (byte)'A' and <= (byte)'Z' ? (byte)0x20 : (byte)0;
        }

        return lower;
    }
}
