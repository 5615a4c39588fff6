using MimeKit;
using MimeKit.Tnef;

namespace SecuEdge.Content.Containers;

/// <summary>winmail.dat of Outlook: attachments that its recipients see and others do not (MS-OXTNEF).</summary>
internal sealed class TnefContainer : IContainer
{
    public IReadOnlyList<string> MediaTypes => ["application/ms-tnef"];

    public void Open(IByteSource bytes, ContainerVisit visit)
    {
        using var stream = bytes.OpenRead();
        using var part = new TnefPart { Content = new MimeContent(stream) };
        using var message = part.ConvertToMessage();
        foreach (var inner in message.BodyParts.OfType<MimePart>())
        {
            if (inner.Content is { } content && !visit.Add(new EntryDraft { Name = inner.FileName }, content.Open))
            {
                return;
            }
        }
    }
}
