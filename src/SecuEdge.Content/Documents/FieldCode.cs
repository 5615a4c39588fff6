using System.Text;

namespace SecuEdge.Content.Documents;

/// <summary>
/// Fields of Word ([MS-DOC] §2.9.90, ISO 29500-1 §17.16.5): the same commands in binary documents, OOXML and RTF. Instructions come in
/// pieces (runs), and pieces inside pieces, which is how they are hidden.
/// </summary>
internal sealed class FieldCode(DocumentVisit visit)
{
    private const int MaxDepth = 50;
    private const int MaxChars = 4096;
    private const int MaxLabelChars = 300;

    private readonly Stack<Frame> _open = new();

    /// <summary>Text belongs to the instruction of a field, not to what a reader sees.</summary>
    public bool IsInInstruction => _open.Any(frame => !frame.IsResult);

    public void Begin()
    {
        if (_open.Count < MaxDepth)
        {
            _open.Push(new Frame());
        }
    }

    /// <summary>The result of a field inside another's instruction is part of that instruction.</summary>
    public void Add(ReadOnlySpan<char> text)
    {
        foreach (var frame in _open)
        {
            var target = frame.IsResult ? frame.Label : frame.Text;
            target.Append(text[..Math.Min(text.Length, (frame.IsResult ? MaxLabelChars : MaxChars) - target.Length)]);
        }
    }

    /// <summary>The instruction is complete; what follows up to the end is what it gave last time.</summary>
    public void Separate()
    {
        if (_open.TryPeek(out var frame))
        {
            frame.IsResult = true;
        }
    }

    public void End()
    {
        if (_open.TryPop(out var frame))
        {
            Judge(frame.Text.ToString(), visit, frame.Label.ToString().Trim());
        }
    }

    /// <summary>Damaged documents never end theirs.</summary>
    public void Finish()
    {
        while (_open.Count > 0)
        {
            End();
        }
    }

    public static void Judge(string instruction, DocumentVisit visit, string label = "")
    {
        var words = Words(instruction);
        if (words.Count == 0)
        {
            return;
        }

        var command = words[0].ToUpperInvariant();
        var target = words.Skip(1).FirstOrDefault(word => !word.StartsWith('\\') || word.StartsWith("\\\\", StringComparison.Ordinal)) ?? "";
        if (command is "DDE" or "DDEAUTO" || IsSplitDde(instruction) || (command == "QUOTE" && IsQuotedDde(words)))
        {
            visit.Found(ActiveContent.Dde, string.Join(' ', words));
        }
        else if (command is "INCLUDETEXT" or "INCLUDE" or "IMPORT" or "RD" or "LINK" or "DATABASE")
        {
            var remote = words.Skip(1).FirstOrDefault(word => RemoteTargets.IsRemote(Collapse(word)));
            if (remote is not null)
            {
                visit.Found(ActiveContent.ExternalObject, $"{command} {remote}");
            }
        }
        else if (command == "INCLUDEPICTURE" && RemoteTargets.IsDangerous(Collapse(target)))
        {
            visit.Found(ActiveContent.ExternalObject, $"{command} {target}");
        }
        else if (command == "HYPERLINK")
        {
            visit.AddLink(Collapse(target), label);
            if (RemoteTargets.IsDangerous(Collapse(target)) && !RemoteTargets.IsUnc(Collapse(target)))
            {
                visit.Found(ActiveContent.ExternalObject, $"{command} {target}");
            }
        }
    }

    /// <summary>In instructions a backslash is written twice.</summary>
    private static string Collapse(string word) =>
        word.StartsWith(@"\\\\", StringComparison.Ordinal) || word.Contains(@":\\", StringComparison.Ordinal) ? word.Replace(@"\\", @"\", StringComparison.Ordinal) : word;

    /// <summary>Ends of paragraphs inside a field are nothing to Word, wherever they stand: <c>DD¶E</c>.</summary>
    private static bool IsSplitDde(string instruction) =>
        instruction.Contains('\n', StringComparison.Ordinal) && Words(instruction.Replace("\n", "", StringComparison.Ordinal)).FirstOrDefault() is { } first
        && first.ToUpperInvariant() is "DDE" or "DDEAUTO";

    /// <summary>QUOTE with the characters of a command as numbers, the known way to hide DDE: <c>QUOTE 68 68 69 65 85 84 79 …</c>.</summary>
    private static bool IsQuotedDde(List<string> words)
    {
        var text = new StringBuilder();
        foreach (var word in words.Skip(1))
        {
            if (int.TryParse(word, System.Globalization.CultureInfo.InvariantCulture, out var code) && code is > 0 and < 0x10000)
            {
                text.Append((char)code);
            }
        }

        return text.ToString() is var quoted && (quoted.Contains("cmd", StringComparison.OrdinalIgnoreCase) || quoted.Contains("powershell", StringComparison.OrdinalIgnoreCase)
            || quoted.Contains(".exe", StringComparison.OrdinalIgnoreCase) || quoted.Contains("DDE", StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Words and quoted strings; curly quotes count, since Word makes them of plain ones.</summary>
    private static List<string> Words(string instruction)
    {
        var words = new List<string>();
        var position = 0;
        while (position < instruction.Length && words.Count < 200)
        {
            var character = instruction[position];
            if (char.IsWhiteSpace(character) || char.IsControl(character))
            {
                position++;
                continue;
            }

            var isQuoted = IsQuote(character);
            var end = isQuoted ? position + 1 : position;
            while (end < instruction.Length && (isQuoted ? !IsQuote(instruction[end]) : !char.IsWhiteSpace(instruction[end]) && !char.IsControl(instruction[end])))
            {
                end++;
            }

            words.Add(isQuoted ? instruction[(position + 1)..end] : instruction[position..end]);
            position = isQuoted ? end + 1 : end;
        }

        return words;
    }

    private static bool IsQuote(char character) => character is '"' or '\u201c' or '\u201d' or '\u201e';

    private sealed class Frame
    {
        public StringBuilder Text { get; } = new();

        public StringBuilder Label { get; } = new();

        public bool IsResult { get; set; }
    }
}
