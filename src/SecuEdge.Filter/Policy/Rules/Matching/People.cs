namespace SecuEdge.Filter.Policy.Rules.Matching;

internal sealed class SenderMatcher(AddressLists people, DirectoryGroups groups, SenderPlace place) : Matcher
{
    public override Truth Answer(Question question)
    {
        if (IsFrom(question))
        {
            return Truth.Yes;
        }

        // Anybody can write a colleague's address into mail that comes in.
        return question.Facts.Direction == Direction.Inbound ? Truth.No : Senders(question.Facts).Select(s => groups.Contain(question.Facts, s)).DefaultIfEmpty(Truth.No).MaxBy(Weight);
    }

    public override string Why(Question question, Explanation explanation)
    {
        var who = place switch
        {
            SenderPlace.Envelope => $"envelope sender {Quoted(question.Facts.Sender)}",
            SenderPlace.Header => $"From {Quoted(question.Facts.HeaderFrom)}",
            _ when question.Facts.Sender.Equals(question.Facts.HeaderFrom, StringComparison.OrdinalIgnoreCase) => $"sender {Quoted(question.Facts.Sender)}",
            _ => $"sender {Quoted(question.Facts.Sender)} with From {Quoted(question.Facts.HeaderFrom)}",
        };
        var groupsSay = question.Facts.Direction == Direction.Outbound ? string.Concat(Senders(question.Facts).Select(s => groups.Why(question.Facts, s)).Distinct()) : "";
        return $"{who} is {Membership.Among(question.Ask(this))} the senders asked for{groupsSay}";
    }

    public override bool Implies(Matcher other, Effort effort) =>
        other is SenderMatcher sender && (sender.Place == place || sender.Place == SenderPlace.Either) && people.IsSubsetOf(sender.People, effort) && groups.IsSubsetOf(sender.Groups);

    private SenderPlace Place => place;

    private AddressLists People => people;

    private DirectoryGroups Groups => groups;

    private bool IsFrom(Question question) =>
        (place != SenderPlace.Header && people.Contain(question.Facts.Sender, question))
        // A message without From is not one with the null path.
        || (place != SenderPlace.Envelope && question.Facts.HeaderFrom.Length > 0 && people.Contain(question.Facts.HeaderFrom, question));

    private IEnumerable<string> Senders(PolicyFacts facts) => place switch
    {
        SenderPlace.Envelope => [facts.Sender],
        SenderPlace.Header => [facts.HeaderFrom],
        SenderPlace.Either => new[] { facts.Sender, facts.HeaderFrom }.Distinct(StringComparer.OrdinalIgnoreCase),
        _ => throw new InvalidOperationException($"unknown place {place}"),
    };

    /// <summary>One of two holds when either does, and is unknown when neither does and one is unknown.</summary>
    private static int Weight(Truth truth) => truth switch
    {
        Truth.No => 0,
        Truth.Unknown => 1,
        Truth.Yes => 2,
        _ => throw new InvalidOperationException($"unknown truth {truth}"),
    };

    private static string Quoted(string address) => address.Length == 0 ? AddressPatterns.NullPath : address;
}

internal sealed class RecipientMatcher(AddressLists people, DirectoryGroups groups) : Matcher
{
    public override bool AsksRecipient => true;

    /// <summary>Asked by the address and by the mailbox that gets it: <c>eva+shop@</c> does not go past a rule about eva.</summary>
    public override Truth Answer(Question question) =>
        people.Contain(question.Recipient, question) || (Subaddress.Without(question.Recipient) is var mailbox && !ReferenceEquals(mailbox, question.Recipient) && people.Contain(mailbox, question))
            ? Truth.Yes : groups.Contain(question.Facts, question.Recipient);

    public override string Why(Question question, Explanation explanation) =>
        $"recipient {question.Recipient} is {Membership.Among(question.Ask(this))} the recipients asked for{groups.Why(question.Facts, question.Recipient)}";

    public override bool Implies(Matcher other, Effort effort) => other is RecipientMatcher recipient && people.IsSubsetOf(recipient.People, effort) && groups.IsSubsetOf(recipient.Groups);

    private AddressLists People => people;

    private DirectoryGroups Groups => groups;
}

/// <summary>Words that sender and recipient share.</summary>
internal static class Membership
{
    public static string Among(Truth truth) => truth switch
    {
        Truth.Yes => "among",
        Truth.No => "not among",
        Truth.Unknown => "perhaps among",
        _ => throw new InvalidOperationException($"unknown truth {truth}"),
    };
}
