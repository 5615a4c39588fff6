using SecuEdge.Content.Documents.Ole;
using SecuEdge.Content.Documents.Packages;
using SecuEdge.Content.Documents.Rtf;
using SecuEdge.Content.Documents.Small;
using SecuEdge.Content.Files;

namespace SecuEdge.Content.Documents;

/// <summary>The document formats that are read. To add one: a file in this folder, a line here, a row with its signature in FileTypes.</summary>
internal static class AllDocuments
{
    private static readonly IDocument[] List =
    [
        new Html.HtmlDocument(),
        new Links.ShortcutDocument(),
        new Links.LinkFileDocument(),
        new Links.CalendarDocument(),
        new Pdf.PdfDocument(),
        new OleDocument(),
        new OoxmlDocument(),
        new OdfDocument(),
        new FlatOfficeDocument(),
        new RtfDocument(),
        new OneNoteDocument(),
        new ActiveMimeDocument(),
        new SymbolicLinkDocument(),
        new RawWorkbook(),
        new TableInjection(),
    ];

    private static readonly Dictionary<string, IDocument> ByMediaType = List
        .SelectMany(document => document.MediaTypes, (document, mediaType) => (document, mediaType))
        .ToDictionary(pair => pair.mediaType, pair => pair.document, StringComparer.Ordinal);

    public static IDocument? For(string mediaType) => ByMediaType.GetValueOrDefault(mediaType);

    /// <summary>
    /// A body is shown as what it is declared to be, whatever it looks like. A text file is opened by its name, whatever it begins with.
    /// </summary>
    public static string TypeAsOpened(MessagePart part)
    {
        if (part.Kind == PartKind.Body && part.DeclaredType is FileTypes.Html or FileTypes.PlainText)
        {
            return part.DeclaredType;
        }

        if (part.DetectedType is not (FileTypes.PlainText or FileTypes.Unknown or "application/xml" or FileTypes.Html) || For(part.DetectedType) is not null)
        {
            return part.DetectedType;
        }

        var named = FileTypes.OfExtension(FileNames.ExtensionOf(part.FileName ?? ""))?.MediaType;
        return named is FileTypes.Html or FileTypes.Svg || (named is not null && For(named) is Links.LinkFileDocument) ? named
            : part.DeclaredType == FileTypes.Html ? FileTypes.Html
            : part.DetectedType;
    }
}
