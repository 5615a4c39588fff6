using System.Text;

namespace SecuEdge.Content.Text;

/// <summary>
/// Texts of several bodies, one after the other. Each has room of its own, so that a long one in front does not keep out those behind it; all
/// together are bounded as well.
/// </summary>
internal sealed class BodyTexts(int maxChars)
{
    /// <summary>Twice what a mail has that says the same as text and as page, and carries another mail that does.</summary>
    public const int MaxBodies = 4;

    private string _first = "";
    private StringBuilder? _more;

    /// <returns>False when not all of it had room.</returns>
    public bool Add(string text, out string kept) => Add(text, maxChars, out kept);

    /// <summary>What was bounded before.</summary>
    public void Add(string text, int room) => Add(text, room, out _);

    // Most mail has one body: it is not copied.
    public override string ToString() => _more?.ToString() ?? _first;

    private bool Add(string text, int ofOne, out string kept)
    {
        var room = Math.Min(ofOne, (maxChars * MaxBodies) - (_more?.Length ?? _first.Length));
        kept = text.Length <= room ? text : text[..Math.Max(0, room)];
        if (_first.Length == 0)
        {
            _first = kept;
        }
        else if (kept.Length > 0)
        {
            _more ??= new StringBuilder(_first);
            _more.Append('\n').Append(kept);
        }

        return kept.Length == text.Length;
    }
}
