namespace SecuEdge.Content.Files;

/// <summary>Many formats are zips; the names inside tell which. Looked for as bytes, since the directory may be damaged or doubled.</summary>
internal static class ZipFlavour
{
    private static readonly (byte[] Name, string MediaType)[] Marks =
    [
        ("AndroidManifest.xml"u8.ToArray(), "application/vnd.android.package-archive"),
        ("word/document"u8.ToArray(), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("xl/workbook"u8.ToArray(), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("ppt/presentation"u8.ToArray(), "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
        ("application/vnd.oasis.opendocument"u8.ToArray(), "application/vnd.oasis.opendocument"),
        ("application/epub+zip"u8.ToArray(), "application/epub+zip"),
        ("[Content_Types].xml"u8.ToArray(), "application/vnd.openxmlformats-package"),
        ("META-INF/MANIFEST.MF"u8.ToArray(), "application/java-archive"),
    ];

    /// <summary>A package must begin with its own names: an archive that merely carries a document stays an archive.</summary>
    public static string Detect(ReadOnlySpan<byte> head, ReadOnlySpan<byte> tail)
    {
        foreach (var (name, mediaType) in Marks)
        {
            if (head.IndexOf(name) >= 0 || tail.IndexOf(name) >= 0)
            {
                return mediaType;
            }
        }

        return FileTypes.Zip;
    }
}
