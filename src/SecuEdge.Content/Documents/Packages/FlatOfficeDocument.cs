using SecuEdge.Content.Files;

namespace SecuEdge.Content.Documents.Packages;

/// <summary>Office documents that are one XML file: Word and Excel 2003, <c>pkg:package</c>, flat OpenDocument. Files inside are base64, which is found as in any text.</summary>
internal sealed class FlatOfficeDocument : IDocument
{
    public IReadOnlyList<string> MediaTypes => [FileTypes.OfficeXml];

    public void Read(IByteSource bytes, DocumentVisit visit)
    {
        if (bytes.Slice(0, 4096).IndexOf("urn:oasis:names:tc:opendocument"u8) >= 0)
        {
            var document = new OdfMarkup(visit);
            document.Read(bytes);
            document.Deliver();
            return;
        }

        var relationships = new PackageRelationships(visit);
        var markup = new OfficeMarkup(visit, relationships);
        markup.Read(bytes, "");
        markup.Deliver();
        relationships.DeliverLinks();
    }
}
