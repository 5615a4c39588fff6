namespace SecuEdge.Content.Documents.Ole;

/// <summary>One storage or stream of a compound file.</summary>
/// <param name="Path">Names from the root, separated by slashes; the root's is empty. Hostile text, only for finding and showing.</param>
/// <param name="Start">First sector, of the file or of the mini stream.</param>
internal sealed record CompoundEntry(string Path, string Name, bool IsStream, Guid ClassId, uint Start, long Size)
{
    /// <summary>Path of the storage it lies in.</summary>
    public string Parent => Path.Length > Name.Length ? Path[..(Path.Length - Name.Length - 1)] : "";

    /// <summary>[MS-CFB] §2.6.4: names are compared without regard to case, and so are those that hide by it.</summary>
    public bool IsNamed(string name) => Name.Equals(name, StringComparison.OrdinalIgnoreCase);
}
