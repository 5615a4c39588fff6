using SecuEdge.Smtp;

namespace SecuEdge.Filter.Policy.Rules.Matching;

/// <summary>Asks the rules of a set one after the other for one recipient, and keeps what each said; sentences are made when they are read.</summary>
internal sealed class RuleRun
{
    private readonly RuleSet _rules;
    private readonly PolicyFacts _facts;
    private readonly double _score;
    private readonly MessageClass _class;
    private readonly MailPath _recipient;
    private readonly PatternMemory _patterns;
    private readonly State[] _states;
    private int _decisive = -1;
    private (Question Question, Explanation Full, Explanation Discreet)? _reading;

    private RuleRun(RuleSet rules, Question question, MailPath recipient)
    {
        _rules = rules;
        _facts = question.Facts;
        _score = question.Score;
        _class = question.Class;
        _patterns = question.Patterns;
        _recipient = recipient;
        _states = new State[rules.Compiled.Length];
    }

    private enum State : byte
    {
        NotAsked,
        No,
        Yes,
        Unknown,
        Off,
        OtherDirection,
    }

    public static RuleDecision Over(RuleSet rules, Question question, MailPath recipient) => new RuleRun(rules, question, recipient).Decide(question);

    private RuleDecision Decide(Question question)
    {
        List<RuleEffect>? effects = null;
        List<PlacedRule>? monitored = null;
        List<PlacedRule>? undecided = null;
        Doubt? doubt = null;
        RuleEffect? disposition = null;
        var compiled = _rules.Compiled;
        for (var i = 0; i < compiled.Length && disposition is null; i++)
        {
            var rule = compiled[i];
            _states[i] = Ask(rule, question);
            if (_states[i] == State.Unknown && IsUndecided(rule, question, ref doubt))
            {
                (undecided ??= []).Add(rule.Placed);
            }

            if (_states[i] != State.Yes)
            {
                continue;
            }

            if (rule.Rule.Mode == RuleMode.Monitor)
            {
                (monitored ??= []).Add(rule.Placed);
                continue;
            }

            foreach (var effect in EffectsOf(rule, question))
            {
                if (IsLive && MissesFiles(effect.Action, effect.Files))
                {
                    (undecided ??= []).Add(rule.Placed);
                }

                if (effect.Action.IsFinal)
                {
                    disposition ??= effect;
                    _decisive = i;
                }
                else
                {
                    (effects ??= []).Add(effect);
                }
            }
        }

        return new RuleDecision
        {
            Disposition = disposition,
            Effects = effects ?? (IReadOnlyList<RuleEffect>)[],
            Demands = disposition?.Action is QuarantineAction or RejectAction ? DemandsBehind(_decisive, question) : [],
            Monitored = monitored ?? (IReadOnlyList<PlacedRule>)[],
            Undecided = undecided ?? (IReadOnlyList<PlacedRule>)[],
            Answers = new LazyList<RuleAnswer>(compiled.Length, AnswerOf),
        };
    }

    /// <summary>What locked rules want that were not asked, because another one decided first.</summary>
    private List<RuleEffect> DemandsBehind(int decisive, Question question)
    {
        List<RuleEffect> demands = [];
        foreach (var rule in _rules.Compiled.Skip(decisive + 1).Where(r => r.Rule is { Locked: true, Mode: RuleMode.Enforce }))
        {
            if (Ask(rule, question) == State.Yes)
            {
                demands.AddRange(EffectsOf(rule, question).Where(e => !e.Action.IsFinal));
            }
        }

        return demands;
    }

    private IEnumerable<RuleEffect> EffectsOf(CompiledRule rule, Question question)
    {
        IReadOnlyList<string>? files = null;
        foreach (var action in rule.Rule.Then)
        {
            files ??= FilesOf(rule, question);
            yield return new RuleEffect(rule.Rule.Name, rule.Placed.Node, action, Named(action) ?? files)
            {
                IsLocked = rule.Rule.Locked,
                HeldUntil = action is HoldAction hold ? hold.EndAfter(question.Facts.At, _rules.TimeZone) : null,
            };
        }
    }

    /// <summary>Recorded facts say "unknown" of every text; nothing passes by them.</summary>
    private bool IsLive => _facts.Text is not null;

    /// <summary>It would keep the mail or take something out, and nobody can say whether, because not all of the message was read.</summary>
    private bool IsUndecided(CompiledRule rule, Question question, ref Doubt? doubt) =>
        IsLive && rule.Rule.Mode == RuleMode.Enforce
        && rule.Rule.Then.Any(a => a is HoldAction or QuarantineAction or RejectAction or DiscardAction or RemoveAttachmentsAction)
        && (doubt ??= new Doubt(question)).CouldBe(rule.When!, Truth.Yes);

    /// <summary>Among those that had no room there may be more to remove. Without names, all are removed, wherever they stand.</summary>
    private bool MissesFiles(RuleAction action, IReadOnlyList<string> files) =>
        _facts.AreAttachmentsCut && action is RemoveAttachmentsAction removal && (removal.Which is not null || files.Count > 0);

    private static State Ask(CompiledRule rule, Question question) =>
        !rule.Rule.Enabled ? State.Off
        : !rule.IsAskedOf(question.Facts.Direction) ? State.OtherDirection
        : rule.When is null ? State.Yes
        : question.Ask(rule.When) switch
        {
            Truth.Yes => State.Yes,
            Truth.No => State.No,
            _ => State.Unknown,
        };

    private static IReadOnlyList<string> FilesOf(CompiledRule rule, Question question)
    {
        if (rule.When is null || question.Facts.Attachments.Count == 0)
        {
            return [];
        }

        var files = new FileList();
        files.AddFrom(rule.When, question);
        return files.Paths;
    }

    private List<string>? Named(RuleAction action)
    {
        if (action is not RemoveAttachmentsAction { Which: { } which })
        {
            return null;
        }

        var matcher = new AttachmentMatcher(which);
        return [.. _facts.Attachments.Where(matcher.IsMet).Select(f => f.Path)];
    }

    private RuleAnswer AnswerOf(int index)
    {
        var rule = _rules.Compiled[index];
        return _states[index] switch
        {
            State.Off => new(rule.Placed, Truth.No, () => "Switched off.") { WasAsked = false },
            State.OtherDirection => new(rule.Placed, Truth.No, () => $"Only asked of {rule.Rule.Direction.ToString().ToLowerInvariant()} mail.") { WasAsked = false },
            State.NotAsked => new(rule.Placed, Truth.No, () => $"Not asked: rule '{_rules.Compiled[_decisive].Rule.Name}' of {_rules.Compiled[_decisive].Placed.Node} decided before.") { WasAsked = false },
            State.Yes => new(rule.Placed, Truth.Yes, () => Why(rule)) { Discreet = () => Why(rule, isDiscreet: true), IsOfRecipient = rule.When?.AsksRecipient == true },
            State.No => new(rule.Placed, Truth.No, () => Why(rule)) { Discreet = () => Why(rule, isDiscreet: true), IsOfRecipient = rule.When?.AsksRecipient == true },
            _ => new(rule.Placed, Truth.Unknown, () => Why(rule)) { Discreet = () => Why(rule, isDiscreet: true), IsOfRecipient = rule.When?.AsksRecipient == true },
        };
    }

    private string Why(CompiledRule rule, bool isDiscreet = false)
    {
        if (rule.When is null)
        {
            return "Always holds.";
        }

        // Asked anew: the question of the decision is at another recipient by now.
        if (_reading is not { } reading)
        {
            var question = new Question(_rules, _facts, _score, _class, _patterns);
            question.Begin(_recipient);
            _reading = reading = (question, new Explanation(question), new Explanation(question, isDiscreet: true));
        }

        return Sentence.Of((isDiscreet ? reading.Discreet : reading.Full).Of(rule.When));
    }
}
