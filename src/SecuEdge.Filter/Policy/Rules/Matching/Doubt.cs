namespace SecuEdge.Filter.Policy.Rules.Matching;

/// <summary>
/// Whether an unknown answer could be the one wanted, had the whole message been read in time. What nobody knows (an authentication that was not
/// asked, a country without a table) is no such doubt: it is unknown of every message.
/// </summary>
internal sealed class Doubt(Question question)
{
    // Objects are used many times over: each is asked once.
    private readonly Dictionary<(int Slot, Truth Wanted), bool> _known = [];

    public bool CouldBe(Matcher matcher, Truth wanted)
    {
        var answer = question.Ask(matcher);
        if (answer != Truth.Unknown)
        {
            return answer == wanted;
        }

        if (!_known.TryGetValue((matcher.Slot, wanted), out var could))
        {
            _known[(matcher.Slot, wanted)] = could = matcher.CouldBe(wanted, this);
        }

        return could;
    }
}
