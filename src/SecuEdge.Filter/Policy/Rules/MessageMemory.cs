using SecuEdge.Filter.Policy.Rules.Matching;

namespace SecuEdge.Filter.Policy.Rules;

/// <summary>
/// Answers found about one message, so that its recipients share them: make one per message and give it to each decision. For one thread at a
/// time. It changes no decision.
/// </summary>
public sealed class MessageMemory
{
    private readonly PatternMemory _patterns;
    private readonly List<Question> _questions = [];

    public MessageMemory()
        : this(ProcessorTime.OfThread)
    {
    }

    /// <param name="processorTime">Counts what patterns work.</param>
    internal MessageMemory(Func<TimeSpan> processorTime) => _patterns = new PatternMemory(processorTime);

    internal Question For(RuleSet rules, PolicyFacts facts, double score, MessageClass messageClass)
    {
        foreach (var known in _questions)
        {
            if (ReferenceEquals(known.Rules, rules) && ReferenceEquals(known.Facts, facts) && known.Score.Equals(score) && known.Class == messageClass)
            {
                return known;
            }
        }

        var question = new Question(rules, facts, score, messageClass, _patterns);
        _questions.Add(question);
        return question;
    }
}
