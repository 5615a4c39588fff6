namespace SecuEdge.Content.Documents.Html;

/// <summary>
/// The text of a page as it is seen, what of it is hidden, and both in their order. What hides a text from one program does not from the next,
/// and a sender chooses what divides the words.
/// </summary>
internal sealed class HtmlTexts(int maxChars)
{
    private HtmlText? _whole;

    public HtmlText Seen { get; } = new(maxChars);

    public HtmlText Hidden { get; } = new(maxChars);

    public void Append(ReadOnlySpan<char> piece, in HtmlStyle style)
    {
        if (style.IsUnseen)
        {
            _whole ??= Seen.Copy();
            Hidden.Append(piece);
        }

        if (!style.IsUnseen || style.IsDoubtful)
        {
            Seen.Append(piece);
        }

        _whole?.Append(piece);
    }

    public void Break(in HtmlStyle style)
    {
        (style.IsUnseen ? Hidden : Seen).Break();
        _whole?.Break();
    }

    public void Blank(in HtmlStyle style)
    {
        (style.IsUnseen ? Hidden : Seen).Blank();
        _whole?.Blank();
    }

    public void WriteTo(HtmlPage page)
    {
        (page.Text, page.HiddenText) = (Seen.ToString(), Hidden.ToString());
        page.WholeText = page.HiddenText.Length > 0 ? _whole?.ToString() ?? "" : "";
        page.IsTextCut |= Seen.IsFull || Hidden.IsFull || _whole?.IsFull == true;
    }
}
