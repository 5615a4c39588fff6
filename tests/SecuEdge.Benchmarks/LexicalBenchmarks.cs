using BenchmarkDotNet.Attributes;
using SecuEdge.Filter.Policy.Lexical;
using SecuEdge.Filter.Policy.Rules;
using SecuEdge.Filter.Policy.Rules.Matching;

namespace SecuEdge.Benchmarks;

/// <summary>What rules about words and language cost a plain message.</summary>
[MemoryDiagnoser]
public class LexicalBenchmarks
{
    private const string Sentence = "Bonjour Madame, vous trouverez ci-joint la facture du mois de mars ; n’hésitez pas à nous appeler si vous avez des questions. ";

    private readonly ITextMatcher[] _lists =
    [
        .. new[] { "insults-fr", "confidential-fr", "payment-en" }.Select(name => TextMatchers.Words(StarterLists.Find(name)!, 4, [])),
    ];

    private readonly ITextMatcher _pattern = TextMatchers.Pattern(@"\bFR\d{2}(\s?\d{4}){5}", true, []);

    private string _body = "";

    [Params(1_000, 10_000, 100_000)]
    public int Chars { get; set; }

    [GlobalSetup]
    public void Write() => _body = string.Concat(Enumerable.Repeat(Sentence, (Chars / Sentence.Length) + 1))[..Chars];

    [Benchmark]
    public int ThreeLists()
    {
        // A new text each time, as each message is: folding is part of the cost.
        var text = new MessageText("Facture", _body, []);
        return _lists.Count(list => list.Matches(text, out _) == Truth.Yes);
    }

    [Benchmark]
    public Truth Pattern() => _pattern.Matches(new MessageText("Facture", _body, []), out _);

    [Benchmark]
    public string Language() => LanguageDetector.Detect(_body);
}
