using SecuEdge.Content.Containers.Passwords;
using SecuEdge.Content.Mime;
using SecuEdge.Content.Text;

namespace SecuEdge.Content;

/// <summary>All that the examination of one message shares. It lives as long as the call; the scratch folder lives on in the anatomy.</summary>
internal sealed class Examination
{
    private Dictionary<string, MessagePart>? _known;

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

    /// <summary>The first part with these bytes: a reading that gives them again tells scanners nothing new.</summary>
    public MessagePart? Known(string sha256) => _known?.GetValueOrDefault(sha256);

    public void Remember(MessagePart part) => (_known ??= new(StringComparer.Ordinal)).TryAdd(part.Sha256, part);
}
