using System.Text;
using SecuEdge.Content.Containers;

namespace SecuEdge.Content.Documents;

/// <summary>The reading of one document: takes what its reader finds and bounds it.</summary>
internal sealed class DocumentVisit(Examination examination, MessagePart part, IByteSource bytes, int depth, int archiveDepth)
{
    private const int MaxEvidence = 20;
    private const int MaxEvidenceChars = 200;

    private ContainerVisit? _files;
    private string _text = "";
    private StringBuilder? _moreText;
    private int _textChars;

    public BudgetMeter Meter => examination.Meter;

    /// <summary>Name, declared and detected type of the document.</summary>
    public MessagePart Part => part;

    /// <summary>What is worth trying on a locked file, looked for only when somebody asks.</summary>
    public IEnumerable<string> Passwords
    {
        get
        {
            foreach (var candidate in examination.Passwords.Candidates())
            {
                yield return candidate.Password;
            }
        }
    }

    /// <summary>As the MIME header says; null without one.</summary>
    public string? Charset { get; init; }

    /// <summary>Files inside that the container of the same type has opened, with their bytes in <see cref="MessagePart.Content"/>.</summary>
    public IEnumerable<MessagePart> Entries => part.Children;

    public void Flag(AnatomyFlags flags) => part.Flags |= flags;

    public void Broken(string sentence) => Files.Broken(sentence);

    /// <param name="evidence">What shows it: a name, a target, a command; empty when there is nothing to quote.</param>
    public void Found(ActiveContent active, string evidence = "")
    {
        part.Active |= active;
        part.Flags |= AnatomyFlags.ActiveContent;
        if (evidence.Length > 0 && part.Evidence.Count < MaxEvidence)
        {
            part.Evidence.Add(evidence.Length <= MaxEvidenceChars ? evidence : evidence[..MaxEvidenceChars]);
        }
    }

    /// <summary>A file inside becomes a part of its own, examined like any other. False when the visit is over (budget).</summary>
    public bool AddFile(EntryDraft draft, Func<Stream?> open) => Files.Add(draft, open);

    /// <summary>Text a reader of the document sees. False when there is no room for more.</summary>
    public bool AddText(ReadOnlySpan<char> text)
    {
        var room = Meter.Budget.MaxTextChars - _textChars;
        var piece = text.Length <= room ? text : text[..room];
        _textChars += piece.Length;
        part.Flags |= _textChars < Meter.Budget.MaxTextChars ? AnatomyFlags.None : AnatomyFlags.TextCut;
        examination.Text.FindLinks(piece, part.Path);
        if (!piece.IsEmpty)
        {
            AppendText(piece);
        }

        return _textChars < Meter.Budget.MaxTextChars;
    }

    /// <summary>Hands the text over, once, so that a reader that brings a word at a time costs no more than one that brings all.</summary>
    public void Finish()
    {
        var text = _moreText?.ToString() ?? _text;
        part.Text = part.Text.Length == 0 ? text : $"{part.Text}\n{text}";
    }

    /// <summary>What a page shows and hides: the text of a body belongs to the message, that of a file to its part.</summary>
    public void AddPage(Html.HtmlPage page)
    {
        part.Flags |= page.IsTextCut ? AnatomyFlags.TextCut : AnatomyFlags.None;
        if (part.Kind != PartKind.Body)
        {
            AddText(page.Text);
            if (page.HiddenText.Length > 0)
            {
                AppendText(page.HiddenText);
            }
        }
        else if (!examination.Text.Add(page.Text, part.Path, page.HiddenText, page.WholeText))
        {
            part.Flags |= AnatomyFlags.TextCut;
        }
    }

    /// <param name="label">What the reader sees there; empty when it is the URL itself.</param>
    public void AddLink(string url, string label = "") => examination.Text.AddLink(url, label, part.Path);

    private void AppendText(ReadOnlySpan<char> piece)
    {
        if (_text.Length == 0)
        {
            _text = piece.ToString();
            return;
        }

        _moreText ??= new StringBuilder(_text);
        _moreText.Append('\n').Append(piece);
    }

    private ContainerVisit Files => _files ??= new ContainerVisit(examination, part, bytes, depth, archiveDepth);
}
