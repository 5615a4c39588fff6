using SecuEdge.Content.Files;

namespace SecuEdge.Content.Documents.Small;

/// <summary>
/// SYLK, a spreadsheet as text from 1986 that Excel still opens: macros of Excel 4 in it run without the warnings that other formats get.
/// A record is a line: type and fields between semicolons.
/// </summary>
internal sealed class SymbolicLinkDocument : IDocument
{
    private const int MaxLines = 500_000;

    public IReadOnlyList<string> MediaTypes => [FileTypes.Sylk];

    public bool NeedsCage => false;

    public void Read(IByteSource bytes, DocumentVisit visit)
    {
        var text = new DocumentText(visit);
        using var reader = new StreamReader(bytes.OpenRead(), System.Text.Encoding.Latin1);
        for (var count = 0; count < MaxLines && reader.ReadLine() is { } line; count++)
        {
            var fields = line.Split(';');
            switch (fields[0].Trim().ToUpperInvariant())
            {
                case "O" when fields.Skip(1).Any(field => field.Equals("E", StringComparison.OrdinalIgnoreCase)):
                    visit.Found(ActiveContent.ExcelMacro, "macro sheet (O;E)");
                    break;
                case "NN":
                    Name(fields, visit);
                    break;
                case "C":
                    Cell(line, fields, text, visit);
                    break;
                default:
                    break;
            }
        }

        text.Deliver();
    }

    private static void Name(string[] fields, DocumentVisit visit)
    {
        var name = fields.Skip(1).FirstOrDefault(field => field.StartsWith('N')) ?? "";
        if (name.Length > 5 && name.AsSpan(1).StartsWith("Auto_", StringComparison.OrdinalIgnoreCase))
        {
            visit.Found(ActiveContent.ExcelMacro | ActiveContent.MacroAutoExec, $"name {name[1..]}");
        }
    }

    private static void Cell(string line, string[] fields, DocumentText text, DocumentVisit visit)
    {
        foreach (var field in fields.Skip(1))
        {
            if (field.StartsWith('K'))
            {
                text.Add(field.AsSpan(1).Trim('"'));
                text.EndLine();
            }
        }

        var at = line.IndexOf(";E", StringComparison.Ordinal);
        if (at < 0)
        {
            return;
        }

        var formula = line[(at + 2)..].Replace(";;", ";", StringComparison.Ordinal);
        if (FormulaText.DdeIn(formula) is { } dde)
        {
            visit.Found(ActiveContent.Dde, dde);
        }

        if (FormulaText.IsSuspicious(formula))
        {
            visit.Found(ActiveContent.ExcelMacro | ActiveContent.MacroSuspicious, formula);
        }
    }
}
