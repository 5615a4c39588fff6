using SecuEdge.Content.Containers;
using SecuEdge.Content.Files;

namespace SecuEdge.Content.Documents.Pdf;

/// <summary>PDF (ISO 32000): scripts, actions, files inside, links and the text of the pages.</summary>
internal sealed class PdfDocument : IDocument
{
    /// <summary>Larger ones are not read, which is told.</summary>
    private const int MaxBytes = 64 * 1024 * 1024;

    public IReadOnlyList<string> MediaTypes { get; } = [FileTypes.Pdf];

    public void Read(IByteSource bytes, DocumentVisit visit)
    {
        PdfFile? file = null;
        PdfActions? actions = null;
        var isSeen = bytes.TryLookAtAll(MaxBytes, all =>
        {
            file = new PdfFile(all, visit.Meter, visit.Passwords);
            actions = new PdfActions(file, visit);
            actions.Find();
            if (!file.IsLocked)
            {
                new PdfPageText(file, visit.Meter, text => visit.AddText(text.ToString())).Read();
            }
        });
        if (!isSeen || file!.IsCut)
        {
            visit.Flag(AnatomyFlags.OverBudget);
            visit.Meter.Note(AnatomyFlags.OverBudget, "A PDF too large to be read to its end.");
        }

        if (file is { IsLocked: true })
        {
            visit.Flag(AnatomyFlags.EncryptedArchive);
        }

        AddParts(bytes, visit, file, actions);
    }

    /// <summary>After the look, which lends its buffer only: a PDF in a PDF in a PDF must not hold three.</summary>
    private static void AddParts(IByteSource bytes, DocumentVisit visit, PdfFile? file, PdfActions? actions)
    {
        foreach (var script in actions?.Scripts ?? [])
        {
            if (!visit.AddFile(new EntryDraft { Name = "script.js", IsExcerpt = true }, () => new MemoryStream(script)))
            {
                return;
            }
        }

        foreach (var attachment in actions?.Files ?? [])
        {
            var flags = file!.IsLocked ? AnatomyFlags.EncryptedArchive : AnatomyFlags.None;
            if (!visit.AddFile(new EntryDraft { Name = attachment.Name, Flags = flags }, () => Open(bytes, visit.Meter, file, attachment.Stream)))
            {
                return;
            }
        }
    }

    private static Stream? Open(IByteSource bytes, BudgetMeter meter, PdfFile file, PdfStream stream)
    {
        var raw = bytes.Peek(stream.Start, stream.Raw.Length);

        // One more than allowed, so that the limit is seen where it is counted.
        var limit = (int)Math.Min(meter.Budget.MaxEntryBytes + 1, MaxBytes * 2L);
        file.TryDecode(stream, raw, limit, out var decoded);
        return decoded.IsEmpty && file.IsLocked ? null : new MemoryBytes(decoded).OpenRead();
    }
}
