using System.Collections.Frozen;
using SecuEdge.Filter.Policy.Rules.Matching;
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

    /// <summary>Names of directories, whose groups are named as <c>directory/group</c>.</summary>
    public IReadOnlyList<string> Directories { get; init; } = [];

    /// <summary>In which times are compared for mail of this node, also by the rules above it.</summary>
    public TimeZoneInfo TimeZone { get; init; } = TimeZoneInfo.Utc;

    /// <summary>Its rules are asked after all others, whatever their priority: a profile.</summary>
    public bool ComesLast { get; init; }
}

/// <summary>
/// The rules of one node and all above it, compiled: safe for threads, shared by every message. A child that adds nothing uses its parent's.
/// </summary>
public sealed class RuleSet
{
    private readonly RuleSet? _above;
    private readonly FrozenSet<DateOnly> _holidays;
    private readonly int _depth;

    private RuleSet()
    {
        Scope = new RuleScope(new PolicyLayer { Node = "" }, null);
        Pool = new MatcherPool(null);
        Compiled = [];
        TimeZone = TimeZoneInfo.Utc;
        _holidays = [];
    }

    private RuleSet(RuleSet above, RuleScope scope, MatcherPool pool, CompiledRule[] rules)
    {
        _above = above;
        _depth = above._depth + 1;
        _holidays = scope.Layer.Holidays.Select(h => h.Date).ToFrozenSet();
        Scope = scope;
        Pool = pool;
        Compiled = rules;
        Rules = [.. rules.Select(r => r.Placed)];
        TimeZone = scope.Layer.TimeZone;
    }

    public static RuleSet Empty { get; } = new();

    /// <summary>Every rule in the order asked.</summary>
    public IReadOnlyList<PlacedRule> Rules { get; } = [];

    internal TimeZoneInfo TimeZone { get; }

    internal RuleScope Scope { get; }

    internal MatcherPool Pool { get; }

    internal CompiledRule[] Compiled { get; }

    internal int SlotCount => Pool.Count;

    /// <param name="inherited">The set of the node above; its rules are not compiled again.</param>
    /// <exception cref="ArgumentException">The layer did not pass <see cref="Check"/>.</exception>
    public static RuleSet Compile(PolicyLayer layer, RuleSet? inherited)
    {
        var above = inherited ?? Empty;
        if (layer.Rules.Count + layer.Objects.Count + layer.WordLists.Count + layer.Groups.Count + layer.Holidays.Count + layer.Directories.Count == 0
            && layer.TimeZone.Equals(above.TimeZone))
        {
            return above;
        }

        List<string> errors = [];
        ShapeCheck.Check(layer, "", errors);
        var scope = new RuleScope(layer, above.Scope);
        var pool = new MatcherPool(above.Pool);
        var rules = errors.Count == 0 ? Compile(new ConditionCompiler(scope, pool, errors), layer, above) : [];
        return errors.Count == 0
            ? new RuleSet(above, scope, pool, Merge(above, rules))
            : throw new ArgumentException($"the policy of {layer.Node} cannot be compiled: {string.Join("; ", errors)}", nameof(layer));
    }

    /// <summary>The names of a layer without its rules, for conditions that are only tried.</summary>
    internal static (RuleSet Names, ConditionCompiler Compiler) Prepare(PolicyLayer layer, RuleSet? inherited, List<string> errors)
    {
        var above = inherited ?? Empty;
        var (scope, pool) = (new RuleScope(layer, above.Scope), new MatcherPool(above.Pool));
        return (new RuleSet(above, scope, pool, []), new ConditionCompiler(scope, pool, errors));
    }

    /// <summary>Everything wrong with a layer, each with the place (<c>rules[2].when.of[0].pattern</c>) and the remedy.</summary>
    public static IReadOnlyList<string> Check(PolicyLayer layer, RuleSet? inherited)
    {
        List<string> errors = [];
        ShapeCheck.Check(layer, "", errors);
        if (errors.Count > 0)
        {
            return errors;
        }

        var above = inherited ?? Empty;
        LayerCheck.Check(layer, above, errors);
        var compiler = new ConditionCompiler(new RuleScope(layer, above.Scope), new MatcherPool(above.Pool), errors);
        for (var i = 0; i < layer.Objects.Count; i++)
        {
            compiler.CompileObject(layer.Objects[i], $"objects[{i}]");
        }

        Compile(compiler, layer, above);
        return [.. errors.Distinct()];
    }

    /// <summary>What the rules make of a message for one recipient. Pure.</summary>
    public RuleDecision Decide(PolicyFacts facts, double score, MessageClass messageClass, MailPath recipient) =>
        Decide(facts, score, messageClass, recipient, new MessageMemory());

    /// <param name="memory">Of this message; what does not depend on the recipient is asked once.</param>
    public RuleDecision Decide(PolicyFacts facts, double score, MessageClass messageClass, MailPath recipient, MessageMemory memory)
    {
        if (Compiled.Length == 0)
        {
            return RuleDecision.Nothing;
        }

        var question = memory.For(this, facts, score, messageClass);
        question.Begin(recipient);
        return RuleRun.Over(this, question, recipient);
    }

    internal bool IsHoliday(DateOnly day) => _holidays.Contains(day) || _above?.IsHoliday(day) == true;

    private static List<CompiledRule> Compile(ConditionCompiler compiler, PolicyLayer layer, RuleSet above)
    {
        List<CompiledRule> rules = [];
        for (var i = 0; i < layer.Rules.Count; i++)
        {
            var rule = layer.Rules[i];
            var when = rule.When is null ? null : compiler.Compile(rule.When, $"rules[{i}].when");
            rules.Add(new CompiledRule(new PlacedRule(rule, layer.Node), when, above._depth + 1, i, layer.ComesLast));
        }

        return rules;
    }

    // A rule of the same name takes the place of the inherited one; a locked one stays, whoever wrote the other first.
    private static CompiledRule[] Merge(RuleSet above, List<CompiledRule> own)
    {
        var locked = above.Compiled.Where(r => r.Rule.Locked).Select(r => r.Rule.Name).ToHashSet(StringComparer.Ordinal);
        var replaced = own.Select(r => r.Rule.Name).ToHashSet(StringComparer.Ordinal);
        return [.. CompiledRule.InOrder(
            above.Compiled.Where(r => r.Rule.Locked || !replaced.Contains(r.Rule.Name))
                .Concat(own.Where(r => !locked.Contains(r.Rule.Name)).DistinctBy(r => r.Rule.Name)))];
    }
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
/// <param name="why">Makes the sentence when it is read: a back-test reads one in a thousand.</param>
public sealed class RuleAnswer(PlacedRule rule, Truth holds, Func<string> why)
{
    public PlacedRule Rule => rule;

    public Truth Holds => holds;

    /// <summary>One sentence with the values compared.</summary>
    public string Why => field ??= why();

    /// <summary>The same without words of the message, for those who may not read it.</summary>
    public string WhyDiscreetly => field ??= (Discreet ?? why)();

    /// <summary>Makes that sentence; null where <see cref="Why"/> has no such words.</summary>
    internal Func<string>? Discreet { private get; init; }

    /// <summary>False for rules that are switched off, of the other direction, or after the one that decided.</summary>
    public bool WasAsked { get; init; } = true;

    /// <summary>It compares the recipient: what is said of one is of nobody else, and names him.</summary>
    public bool IsOfRecipient { get; init; }
}

/// <summary>What all rules together ask for.</summary>
public sealed record RuleDecision
{
    public static RuleDecision Nothing { get; } = new();

    /// <summary>The rule and its final action that decided; null when none did.</summary>
    public RuleEffect? Disposition { get; init; }

    /// <summary>The other actions of all rules that held and are enforced, in order.</summary>
    public IReadOnlyList<RuleEffect> Effects { get; init; } = [];

    /// <summary>What locked rules behind a deciding one want for whoever gets the message in spite of it: a person may let it out of quarantine.</summary>
    public IReadOnlyList<RuleEffect> Demands { get; init; } = [];

    /// <summary>Rules in monitor mode that held, in order.</summary>
    public IReadOnlyList<PlacedRule> Monitored { get; init; } = [];

    /// <summary>
    /// Enforced rules that keep mail or remove files and could not be asked to their end: too many files, a text too long, patterns that took too
    /// long. Of live mail only.
    /// </summary>
    public IReadOnlyList<PlacedRule> Undecided { get; init; } = [];

    /// <summary>Every rule in order, those that did not hold or were not asked too.</summary>
    public IReadOnlyList<RuleAnswer> Answers { get; init; } = [];
}

/// <summary>An action to be carried out, and who asked for it.</summary>
/// <param name="Rule">Name of the rule.</param>
/// <param name="Node">Where the rule is written.</param>
/// <param name="Files">
/// For actions about files: paths of those that the action names (<see cref="RemoveAttachmentsAction.Which"/>), otherwise of those that made the
/// rule hold.
/// </param>
public sealed record RuleEffect(string Rule, string Node, RuleAction Action, IReadOnlyList<string> Files)
{
    /// <summary>The rule is locked: nobody below its node is without it, not even by a release.</summary>
    public bool IsLocked { get; init; }

    /// <summary>For a hold: when it ends.</summary>
    public DateTimeOffset? HeldUntil { get; init; }
}
