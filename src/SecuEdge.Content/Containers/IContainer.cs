namespace SecuEdge.Content.Containers;

/// <summary>
/// One container format. It hands each file inside to the visit and says what is wrong; limits, names, recursion and scratch files are
/// the visit's. It may throw whatever its library throws on broken input: the visit makes that the flag Broken.
/// </summary>
internal interface IContainer
{
    /// <summary>Media types as <see cref="Files.FileTypeDetector"/> detects them.</summary>
    IReadOnlyList<string> MediaTypes { get; }

    /// <summary>False for what is opened without native code or decompression: mail with nothing worse is read in process.</summary>
    bool NeedsCage => true;

    void Open(IByteSource bytes, ContainerVisit visit);
}
