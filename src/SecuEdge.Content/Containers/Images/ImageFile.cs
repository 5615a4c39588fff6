namespace SecuEdge.Content.Containers.Images;

/// <summary>A file that a file system lists.</summary>
/// <param name="Inline">Its bytes where the file system keeps them beside the name; null for those in extents.</param>
internal sealed record ImageFile(string Name, IReadOnlyList<Extent> Extents, byte[]? Inline = null)
{
    /// <summary>Two trees of one disc list the same file by the same place.</summary>
    public (long, long) Place => Inline is not null || Extents.Count == 0 ? (-1, 0) : (Extents[0].Start, Extents.Sum(extent => extent.Length));

    public long Size => Inline?.Length ?? Extents.Sum(extent => extent.Length);

    public Stream Open(IByteSource image) =>
        Inline is not null ? new MemoryStream(Inline, writable: false) : new ExtentStream(image.OpenRead(), Extents, Extents.Sum(extent => extent.Length));
}
