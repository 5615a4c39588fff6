namespace SecuEdge.Content.Documents;

/// <summary>The document formats that are read. To add one: a file in this folder, a line here, a row with its signature in FileTypes.</summary>
internal static class AllDocuments
{
    private static readonly IDocument[] List =
    [
        new Html.HtmlDocument(),
        new Pdf.PdfDocument(),
    ];

    private static readonly Dictionary<string, IDocument> ByMediaType = List
        .SelectMany(document => document.MediaTypes, (document, mediaType) => (document, mediaType))
        .ToDictionary(pair => pair.mediaType, pair => pair.document, StringComparer.Ordinal);

    public static IDocument? For(string mediaType) => ByMediaType.GetValueOrDefault(mediaType);
}
