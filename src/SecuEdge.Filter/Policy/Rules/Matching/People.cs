namespace SecuEdge.Filter.Policy.Rules.Matching;

internal sealed class SenderMatcher(AddressPatterns patterns, SenderPlace place) : Matcher
{
    public override Truth Answer(Question question) => IsFrom(question) ? Truth.Yes : Truth.No;

    public override string Why(Question question, Explanation explanation)
    {
        var who = place switch
        {
            SenderPlace.Envelope => $"envelope sender {Quoted(question.Facts.Sender)}",
            SenderPlace.Header => $"From {Quoted(question.Facts.HeaderFrom)}",
            _ when question.Facts.Sender.Equals(question.Facts.HeaderFrom, StringComparison.OrdinalIgnoreCase) => $"sender {Quoted(question.Facts.Sender)}",
            _ => $"sender {Quoted(question.Facts.Sender)} with From {Quoted(question.Facts.HeaderFrom)}",
        };
        return $"{who} is {(IsFrom(question) ? "" : "not ")}among the senders asked for";
    }

    public override bool Implies(Matcher other) =>
        other is SenderMatcher sender && (sender.Place == place || sender.Place == SenderPlace.Either) && patterns.IsSubsetOf(sender.Patterns);

    private SenderPlace Place => place;

    private AddressPatterns Patterns => patterns;

    private bool IsFrom(Question question) =>
        (place != SenderPlace.Header && patterns.Contains(question.Facts.Sender))
        // A message without From is not one with the null path.
        || (place != SenderPlace.Envelope && question.Facts.HeaderFrom.Length > 0 && patterns.Contains(question.Facts.HeaderFrom));

    private static string Quoted(string address) => address.Length == 0 ? AddressPatterns.NullPath : address;
}

internal sealed class RecipientMatcher(AddressPatterns patterns) : Matcher
{
    public override bool AsksRecipient => true;

    /// <summary>Asked by the address and by the mailbox that gets it: <c>eva+shop@</c> does not go past a rule about eva.</summary>
    public override Truth Answer(Question question) =>
        patterns.Contains(question.Recipient) || (Subaddress.Without(question.Recipient) is var mailbox && !ReferenceEquals(mailbox, question.Recipient) && patterns.Contains(mailbox))
            ? Truth.Yes : Truth.No;

    public override string Why(Question question, Explanation explanation) =>
        $"recipient {question.Recipient} is {(question.Ask(this) == Truth.Yes ? "" : "not ")}among the recipients asked for";

    public override bool Implies(Matcher other) => other is RecipientMatcher recipient && patterns.IsSubsetOf(recipient.Patterns);

    private AddressPatterns Patterns => patterns;
}
