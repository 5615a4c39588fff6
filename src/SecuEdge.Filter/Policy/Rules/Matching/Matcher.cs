namespace SecuEdge.Filter.Policy.Rules.Matching;

/// <summary>
/// A compiled condition. Equal conditions of a rule set and of those above it are one matcher, so that each is answered once per message.
/// </summary>
internal abstract class Matcher
{
    /// <summary>Where its answer is remembered; unique among a rule set and those above it.</summary>
    public int Slot { get; set; }

    /// <summary>The answer may be another for each recipient.</summary>
    public virtual bool AsksRecipient => false;

    /// <summary>Rough price of an answer; cheap ones are asked first.</summary>
    public virtual int Cost => 1;

    /// <summary>Called once per message or recipient: whoever wants the answer goes through <see cref="Question.Ask"/>.</summary>
    public abstract Truth Answer(Question question);

    /// <summary>One sentence with the values compared, without full stop. Asked only when somebody wants to read it.</summary>
    public abstract string Why(Question question, Explanation explanation);

    /// <summary>
    /// Asked where the answer is unknown: whether it is so only because something had no room or no time, and could be the one wanted.
    /// </summary>
    public virtual bool CouldBe(Truth wanted, Doubt doubt) => false;

    /// <summary>Adds the paths of the files that make it hold.</summary>
    public virtual void AddFiles(Question question, FileList files)
    {
    }

    /// <summary>How many things it has to compare with those of another.</summary>
    public virtual int Entries => 1;

    /// <summary>Whether this holding means that the other holds. False when it cannot be shown.</summary>
    /// <param name="effort">For what goes beyond <see cref="Entries"/> times those of the other.</param>
    public virtual bool Implies(Matcher other, Effort effort) => false;
}

/// <summary>Sentences made once per matcher: objects used many times over must not multiply.</summary>
/// <param name="isDiscreet">Without words of the message: for those who may know why, and not read it. Names of files and addresses are no such words.</param>
internal sealed class Explanation(Question question, bool isDiscreet = false)
{
    // Enough for the values of a dozen comparisons; a page of text explains nothing.
    private const int MaxChars = 600;

    private readonly Dictionary<int, string> _known = [];

    public bool IsDiscreet => isDiscreet;

    public string Of(Matcher matcher)
    {
        if (!_known.TryGetValue(matcher.Slot, out var why))
        {
            why = matcher.Why(question, this);
            _known[matcher.Slot] = why = why.Length <= MaxChars ? why : why[..(MaxChars - 2)] + " …";
        }

        return why;
    }
}

/// <summary>From what a matcher says to a sentence.</summary>
internal static class Sentence
{
    public static string Of(string why) => why.Length == 0 ? "" : $"{char.ToUpperInvariant(why[0])}{why.AsSpan(1)}.";
}

/// <summary>Paths of files, each once, in the order found.</summary>
internal sealed class FileList
{
    private readonly HashSet<int> _asked = [];
    private readonly HashSet<string> _paths = new(StringComparer.Ordinal);
    private readonly List<string> _inOrder = [];

    public IReadOnlyList<string> Paths => _inOrder;

    public void Add(string path)
    {
        if (_paths.Add(path))
        {
            _inOrder.Add(path);
        }
    }

    /// <summary>Asks a matcher that holds for its files; each only once.</summary>
    public void AddFrom(Matcher matcher, Question question)
    {
        if (_asked.Add(matcher.Slot) && question.Ask(matcher) == Truth.Yes)
        {
            matcher.AddFiles(question, this);
        }
    }
}
