using SecuEdge.Content.Files;

namespace SecuEdge.Content.Documents.Small;

/// <summary>An IQY file: <c>WEB</c>, a version and an address that Excel fetches as soon as the file is opened, formulas in the answer included.</summary>
internal sealed class WebQueryDocument : IDocument
{
    public IReadOnlyList<string> MediaTypes => [FileTypes.WebQuery];

    public bool NeedsCage => false;

    public void Read(IByteSource bytes, DocumentVisit visit)
    {
        var text = Text.Charsets.OfUnknown(bytes.Peek(0, 16 * 1024).Span);
        foreach (var line in text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (RemoteTargets.IsRemote(line))
            {
                visit.Found(ActiveContent.ExternalObject, line);
                visit.AddLink(line);
            }
        }
    }
}
