using SecuEdge.Content.Documents.Ole;
using SecuEdge.Content.Files;

namespace SecuEdge.Content.Documents.Small;

/// <summary>Workbooks of Excel 2 to 4, and newer records without the compound file around them: records from the first byte on.</summary>
internal sealed class RawWorkbook : IDocument
{
    public IReadOnlyList<string> MediaTypes => [FileTypes.RawWorkbook];

    public void Read(IByteSource bytes, DocumentVisit visit) => ExcelBinary.Read(bytes.OpenRead(), visit);
}
