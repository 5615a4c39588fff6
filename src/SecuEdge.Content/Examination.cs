using SecuEdge.Content.Containers.Passwords;
using SecuEdge.Content.Mime;
using SecuEdge.Content.Text;

namespace SecuEdge.Content;

/// <summary>All that the examination of one message shares. It lives as long as the call; the scratch folder lives on in the anatomy.</summary>
internal sealed class Examination
{
    private HashSet<string>? _seen;

    public Examination(AnatomyBudget budget, string scratchFolder, TimeProvider timeProvider, IReadOnlyList<string> passwords, CancellationToken cancellationToken)
    {
        Meter = new BudgetMeter(budget, timeProvider, cancellationToken);
        Passwords = new PasswordSearch(passwords, Meter);
        Scratch = new ScratchFolder(scratchFolder);
        Text = new TextCollector(budget.MaxTextChars);
        Parts = new PartExaminer(this);
        Messages = new MessageReader(this);
    }

    public BudgetMeter Meter { get; }

    /// <summary>The tenant's passwords for locked archives, and those that the message tells.</summary>
    public PasswordSearch Passwords { get; }

    /// <summary>Examined in the gateway itself, where nothing is opened that needs the cage.</summary>
    public bool IsPlainOnly { get; init; }

    public ScratchFolder Scratch { get; }

    public TextCollector Text { get; }

    public PartExaminer Parts { get; }

    public MessageReader Messages { get; }

    public void RequireCage(bool isNeeded)
    {
        if (isNeeded && IsPlainOnly)
        {
            throw new CageNeededException();
        }
    }

    /// <summary>True the first time. A reading that gives bytes which are a part already tells scanners nothing new.</summary>
    public bool IsNew(string sha256) => (_seen ??= new(StringComparer.Ordinal)).Add(sha256);
}
