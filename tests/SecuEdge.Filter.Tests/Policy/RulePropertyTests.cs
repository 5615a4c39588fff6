using SecuEdge.Filter.Policy.Rules;
using SecuEdge.Smtp;

namespace SecuEdge.Filter.Tests.Policy;

public sealed class RulePropertyTests
{
    [Fact]
    public void Compiled_rules_say_what_rules_asked_one_by_one_say()
    {
        var random = new Random(20260304);
        var made = new RandomRules(random);
        var (decided, unknown, replaced) = (0, 0, 0);
        for (var round = 0; round < 300; round++)
        {
            var layers = made.Layers();
            var naive = new NaiveRules(layers);
            var compiled = layers.Aggregate((RuleSet?)null, (above, layer) => RuleSet.Compile(layer, above))!;
            Assert.Equal(naive.InOrder().Select(s => $"{s.Rule.Name}@{s.Node}"), compiled.Rules.Select(r => $"{r.Rule.Name}@{r.Node}"));
            replaced += layers.Sum(l => l.Rules.Count) - compiled.Rules.Count;
            for (var message = 0; message < 8; message++)
            {
                var (facts, score, messageClass) = (made.Facts(), made.Score(), made.Class());

                // What was found for one recipient is remembered for the next.
                var memory = new MessageMemory();
                List<(NaiveRules.Said Expected, RuleDecision Actual)> asked =
                [
                    .. facts.Recipients.Select(r => (
                        naive.Decide(facts, score, messageClass, r),
                        compiled.Decide(facts, score, messageClass, MailPath.TryParse(r, out var path) ? path : MailPath.Null, memory))),
                ];

                // Read after all were asked: sentences are made late, and must still be about their own recipient.
                foreach (var (expected, actual) in asked)
                {
                    Assert.Equal(expected.Answers, actual.Answers.Select(a => $"{a.Rule.Rule.Name}@{a.Rule.Node} {(a.WasAsked ? a.Holds.ToString() : "not asked")}"));
                    Assert.Equal(expected.Effects, actual.Effects.Select(e => $"{e.Rule}@{e.Node} {e.Action}"));
                    Assert.Equal(expected.DecidedBy, actual.Disposition is { } by ? $"{by.Rule}@{by.Node} {by.Action}" : null);
                    Assert.All(actual.Answers, a => Assert.EndsWith(".", a.Why, StringComparison.Ordinal));
                    decided += expected.DecidedBy is null ? 0 : 1;
                    unknown += expected.Answers.Count(a => a.EndsWith("Unknown", StringComparison.Ordinal));
                }
            }
        }

        // A property that nothing puts to the test proves nothing.
        Assert.True(decided > 1_000 && unknown > 1_000 && replaced > 100, $"{decided} decided, {unknown} unknown, {replaced} replaced");
    }
}
