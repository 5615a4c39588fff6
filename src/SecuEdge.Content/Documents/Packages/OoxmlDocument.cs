using SecuEdge.Content.Files;

namespace SecuEdge.Content.Documents.Packages;

/// <summary>
/// ISO 29500 packages of Word, Excel, PowerPoint and others. The zip was opened before: 1. relationships, 2. every part that is XML,
/// 3. the binary parts of xlsb, 4. what the macros inside were found to do is said of the document too.
/// </summary>
internal sealed class OoxmlDocument : IDocument
{
    private static readonly HashSet<string> MacroFreeExtensions =
        new(["docx", "dotx", "xlsx", "xltx", "pptx", "potx", "ppsx", "sldx", "thmx", "vsdx"], StringComparer.OrdinalIgnoreCase);

    public IReadOnlyList<string> MediaTypes =>
    [
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation", "application/vnd.openxmlformats-package",
    ];

    public void Read(IByteSource bytes, DocumentVisit visit)
    {
        var relationships = new PackageRelationships(visit);
        var markup = new OfficeMarkup(visit, relationships);
        var binary = new BinaryWorkbook(visit);
        var entries = visit.Entries.Where(entry => entry.Content is not null).ToList();
        foreach (var entry in entries.OrderByDescending(IsRelationships))
        {
            if (!visit.Meter.HasTime())
            {
                return;
            }

            var path = PathOf(entry);
            if (MarkupReader.IsMarkup(entry.Content!))
            {
                markup.Read(entry.Content!, path);
            }
            else if (path.EndsWith(".bin", StringComparison.OrdinalIgnoreCase) && entry.DetectedType != FileTypes.Ole)
            {
                binary.Read(entry.Content!, path);
            }
        }

        markup.Deliver();
        binary.Deliver();
        relationships.DeliverLinks();
        var hasMacros = relationships.HasMacros | markup.HasMacros | binary.HasMacros | LiftMacros(entries, visit);
        if (hasMacros && visit.Part.FileName is { } name && MacroFreeExtensions.Contains(FileNames.ExtensionOf(name)))
        {
            visit.Flag(AnatomyFlags.TypeMismatch);
        }
    }

    /// <summary>The project is a part of its own with findings of its own; the document is what somebody opens.</summary>
    private static bool LiftMacros(List<MessagePart> entries, DocumentVisit visit)
    {
        const ActiveContent Macros = ActiveContent.Macro | ActiveContent.MacroAutoExec | ActiveContent.MacroSuspicious | ActiveContent.ExcelMacro;
        var hasMacros = false;
        foreach (var entry in entries)
        {
            var name = PathOf(entry);
            if (name.EndsWith("vbaProject.bin", StringComparison.OrdinalIgnoreCase))
            {
                hasMacros = true;
                visit.Found(ActiveContent.Macro, name);
            }

            if (entry.DetectedType == FileTypes.Ole && (entry.Active & Macros) != 0)
            {
                hasMacros |= !name.Contains("embeddings/", StringComparison.OrdinalIgnoreCase);
                visit.Found(entry.Active & Macros);
                foreach (var evidence in entry.Evidence)
                {
                    visit.Found(ActiveContent.None, evidence);
                }
            }
        }

        return hasMacros;
    }

    private static bool IsRelationships(MessagePart entry) => PathOf(entry).EndsWith(".rels", StringComparison.OrdinalIgnoreCase);

    private static string PathOf(MessagePart entry) => (entry.RawFileName ?? "").Replace('\\', '/').TrimStart('/');
}
