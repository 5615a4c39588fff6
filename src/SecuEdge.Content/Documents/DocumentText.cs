using System.Text;

namespace SecuEdge.Content.Documents;

/// <summary>Gathers the text of one document piece by piece and hands it over once, so that a million short runs cost no more than one.</summary>
internal sealed class DocumentText(DocumentVisit visit)
{
    private readonly StringBuilder _text = new();

    public bool IsFull => _text.Length >= visit.Meter.Budget.MaxTextChars;

    public void Add(ReadOnlySpan<char> text)
    {
        var room = visit.Meter.Budget.MaxTextChars - _text.Length;
        _text.Append(text.Length <= room ? text : text[..Math.Max(room, 0)]);
    }

    /// <summary>A paragraph, cell or line ends here.</summary>
    public void EndLine()
    {
        if (_text.Length > 0 && _text[^1] != '\n')
        {
            Add("\n");
        }
    }

    public void Deliver()
    {
        visit.AddText(_text.ToString().Trim());
        _text.Clear();
    }
}
