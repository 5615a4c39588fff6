using SecuEdge.Smtp;

namespace SecuEdge.Filter.Policy.Rules;

/// <summary>What one node of the tenant tree adds to the policy it inherits.</summary>
public sealed record PolicyLayer
{
    /// <summary>Name of the node, said beside each rule.</summary>
    public required string Node { get; init; }

    public IReadOnlyList<Rule> Rules { get; init; } = [];

    public IReadOnlyList<PolicyObject> Objects { get; init; } = [];

    public IReadOnlyList<WordList> WordLists { get; init; } = [];

    public IReadOnlyList<Group> Groups { get; init; } = [];

    public IReadOnlyList<Holiday> Holidays { get; init; } = [];

    public TimeZoneInfo TimeZone { get; init; } = TimeZoneInfo.Utc;
}

/// <summary>
/// The rules of one node and all above it, compiled: safe for threads, shared by every message. A child that adds nothing uses its parent's.
/// </summary>
public sealed class RuleSet
{
    public static RuleSet Empty { get; } = new();

    /// <summary>Every rule in the order asked.</summary>
    public IReadOnlyList<PlacedRule> Rules { get; } = [];

    /// <param name="inherited">The set of the node above; its rules are not compiled again.</param>
    /// <exception cref="ArgumentException">The layer did not pass <see cref="Check"/>.</exception>
    public static RuleSet Compile(PolicyLayer layer, RuleSet? inherited) => inherited ?? Empty;

    /// <summary>Everything wrong with a layer, each with the place (<c>rules[2].when.of[0].pattern</c>) and the remedy.</summary>
    public static IReadOnlyList<string> Check(PolicyLayer layer, RuleSet? inherited) => [];

    /// <summary>What the rules make of a message for one recipient. Pure.</summary>
    public RuleDecision Decide(PolicyFacts facts, double score, MessageClass messageClass, MailPath recipient) =>
        Rules.Count == 0 ? RuleDecision.Nothing : throw new NotSupportedException();
}

/// <param name="Node">Where it is written.</param>
public sealed record PlacedRule(Rule Rule, string Node);

/// <summary>Whether a condition holds; unknown where a fact was not recorded.</summary>
public enum Truth
{
    No,
    Yes,
    Unknown,
}

/// <summary>One rule asked about one message and recipient.</summary>
/// <param name="Why">One sentence with the values compared.</param>
public sealed record RuleAnswer(PlacedRule Rule, Truth Holds, string Why);

/// <summary>What all rules together ask for.</summary>
public sealed record RuleDecision
{
    public static RuleDecision Nothing { get; } = new();

    /// <summary>The rule and its final action that decided; null when none did.</summary>
    public RuleEffect? Disposition { get; init; }

    /// <summary>The other actions of all rules that held and are enforced, in order.</summary>
    public IReadOnlyList<RuleEffect> Effects { get; init; } = [];

    /// <summary>Every rule in order, those that did not hold or were not asked too.</summary>
    public IReadOnlyList<RuleAnswer> Answers { get; init; } = [];
}

/// <summary>An action to be carried out, and who asked for it.</summary>
/// <param name="Rule">Name of the rule.</param>
/// <param name="Node">Where the rule is written.</param>
/// <param name="Files">Paths of the files that made the rule hold, for actions about files.</param>
public sealed record RuleEffect(string Rule, string Node, RuleAction Action, IReadOnlyList<string> Files);
