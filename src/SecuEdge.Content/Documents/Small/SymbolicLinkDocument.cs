using System.Text;
using SecuEdge.Content.Files;

namespace SecuEdge.Content.Documents.Small;

/// <summary>
/// SYLK, a spreadsheet as text from 1986 that Excel still opens: macros of Excel 4 in it run without the warnings that other formats get.
/// A record is a line: type and fields between semicolons.
/// </summary>
internal sealed class SymbolicLinkDocument : IDocument
{
    private const int MaxChars = 16 * 1024 * 1024;

    /// <summary>A cell of Excel holds 32,767 characters.</summary>
    private const int MaxLineChars = 64 * 1024;

    public IReadOnlyList<string> MediaTypes => [FileTypes.Sylk];

    public bool NeedsCage => false;

    public void Read(IByteSource bytes, DocumentVisit visit)
    {
        var text = new DocumentText(visit);
        using var reader = new StreamReader(bytes.OpenRead(), Encoding.Latin1);
        foreach (var line in Lines(reader, visit))
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

    /// <summary>Lines of a length that a cell can need, as many as there is time for.</summary>
    private static IEnumerable<string> Lines(StreamReader reader, DocumentVisit visit)
    {
        var line = new StringBuilder();
        var isCut = false;
        for (var count = 0; reader.Read() is >= 0 and var character; count++)
        {
            if (count >= MaxChars)
            {
                isCut = true;
                break;
            }

            if (character is not ('\r' or '\n'))
            {
                if (line.Length < MaxLineChars)
                {
                    line.Append((char)character);
                }
                else
                {
                    isCut = true;
                }
            }
            else if (line.Length > 0)
            {
                if (!visit.Meter.HasTime())
                {
                    yield break;
                }

                yield return line.ToString();
                line.Clear();
            }
        }

        yield return line.ToString();
        if (isCut)
        {
            visit.Flag(AnatomyFlags.OverBudget);
            visit.Meter.Note(AnatomyFlags.OverBudget, "A SYLK table, or a line in one, too long to be read to its end.");
        }
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
