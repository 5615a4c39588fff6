using System.Buffers;
using System.Text;
using SecuEdge.Content.Files;

namespace SecuEdge.Content.Documents.Small;

/// <summary>A table as text with a cell that starts a program when Excel opens it.</summary>
internal sealed class TableInjection : IDocument
{
    private const int MaxSearchedBytes = 16 * 1024 * 1024;

    private static readonly SearchValues<byte> CellEnd = SearchValues.Create("\r\n"u8);

    public IReadOnlyList<string> MediaTypes => [FileTypes.Csv];

    public bool NeedsCage => false;

    public void Read(IByteSource bytes, DocumentVisit visit)
    {
        // A mail that speaks of such cells is none: only a file is opened by a spreadsheet.
        if (visit.Part.Kind == PartKind.Body)
        {
            return;
        }

        if (!bytes.TryLookAtAll(MaxSearchedBytes, text => Search(text.Span, visit)))
        {
            visit.Flag(AnatomyFlags.OverBudget);
        }
    }

    /// <summary>The form that only DDE has; and only in a line with a sign that begins a formula.</summary>
    public static string? Find(ReadOnlySpan<byte> text)
    {
        while (text.IndexOf((byte)'|') is >= 0 and var bar)
        {
            var start = text[..bar].LastIndexOfAny(CellEnd) + 1;
            var length = text[start..].IndexOfAny(CellEnd);
            var line = length < 0 ? text[start..] : text.Slice(start, length);
            if (line.Length <= 4096 && line.ContainsAny("=+-@"u8) && FormulaText.DdeIn(Encoding.Latin1.GetString(line)) is { } dde)
            {
                return dde;
            }

            text = text[Math.Max(start + line.Length, bar + 1)..];
        }

        return null;
    }

    private static void Search(ReadOnlySpan<byte> text, DocumentVisit visit)
    {
        if (Find(text) is { } dde)
        {
            visit.Found(ActiveContent.Dde, dde);
        }
    }
}
