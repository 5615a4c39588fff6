namespace SecuEdge.Content.Documents;

/// <summary>
/// One document format: says what is active in it, its text, its links, and hands over files inside. It may throw whatever its parser
/// throws on broken input: the examination makes that the flag Broken.
/// </summary>
internal interface IDocument
{
    /// <summary>Media types as <see cref="Files.FileTypeDetector"/> detects them.</summary>
    IReadOnlyList<string> MediaTypes { get; }

    /// <summary>False for what ordinary mail consists of and what is read without native code or decompression: such mail is read in process.</summary>
    bool NeedsCage => true;

    /// <summary>Called after the container of the same type, if there is one: its entries are <see cref="DocumentVisit.Entries"/> then.</summary>
    void Read(IByteSource bytes, DocumentVisit visit);
}
