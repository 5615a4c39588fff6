using SecuEdge.Content.Documents.Ole;
using SecuEdge.Content.Documents.Packages;
using SecuEdge.Content.Documents.Rtf;
using SecuEdge.Content.Documents.Small;

namespace SecuEdge.Content.Documents;

/// <summary>The document formats that are read. To add one: a file in this folder, a line here, a row with its signature in FileTypes.</summary>
internal static class AllDocuments
{
    private static readonly IDocument[] List =
    [
        new OleDocument(),
        new OoxmlDocument(),
        new OdfDocument(),
        new FlatOfficeDocument(),
        new RtfDocument(),
        new OneNoteDocument(),
        new ActiveMimeDocument(),
        new SymbolicLinkDocument(),
        new WebQueryDocument(),
        new TableInjection(),
    ];

    private static readonly Dictionary<string, IDocument> ByMediaType = List
        .SelectMany(document => document.MediaTypes, (document, mediaType) => (document, mediaType))
        .ToDictionary(pair => pair.mediaType, pair => pair.document, StringComparer.Ordinal);

    public static IDocument? For(string mediaType) => ByMediaType.GetValueOrDefault(mediaType);
}
