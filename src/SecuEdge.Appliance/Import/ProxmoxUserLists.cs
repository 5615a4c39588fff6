using SecuEdge.Filter.Policy.Rules;

namespace SecuEdge.Appliance.Import;

/// <summary>
/// Each user's welcome and block list: <c>WL</c> and <c>BL</c> of <c>userprefs</c>, senders with commas between. A welcome list spares its user
/// the objects about spam and nothing else (<c>PMG/RuleDB/Spam.pm</c>): rules about files or for everybody are asked of its senders, too.
/// </summary>
internal sealed class ProxmoxUserLists
{
    /// <summary>The most that a rule may take off the score.</summary>
    private const double NoSpamCheck = -100;

    private readonly List<(string User, Condition Condition)> _blocked = [];

    public ProxmoxUserLists(Dump dump, ConversionNotes notes)
    {
        List<Condition> welcome = [];
        foreach (var row in dump["userprefs"].OrderBy(r => r.Text("pmail"), StringComparer.Ordinal))
        {
            var (user, kind) = (row.Text("pmail"), row.Text("name"));
            List<string> senders = [.. CopyDump.Bytes(row["data"]).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(Sender)];
            if (kind is not ("WL" or "BL"))
            {
                notes.NotTaken($"preference {kind} of {user}", "has no counterpart yet");
            }
            else if (senders.Count > 0)
            {
                var condition = new AllCondition([new RecipientCondition { Addresses = [user] }, new SenderCondition { Addresses = senders }]);
                if (kind == "WL")
                {
                    welcome.Add(condition);
                }
                else
                {
                    _blocked.Add((user, condition));
                }
            }
        }

        Welcome = welcome.Count == 0 ? null : new PolicyObject
        {
            Name = "welcome-lists",
            Comment = "Welcome lists of the users",
            Is = ProxmoxObjects.Joined(welcome, isAnd: false),
        };
    }

    /// <summary>Mail of a welcome sender to the user who wants it; null when there are no such lists.</summary>
    public PolicyObject? Welcome { get; }

    public IEnumerable<Rule> Rules(ShortNames names)
    {
        if (Welcome is not null)
        {
            yield return new Rule
            {
                Name = names.Make(Welcome.Name, "list"),
                Comment = Welcome.Comment,
                Direction = RuleDirection.Inbound,
                Priority = 86,
                When = new ObjectCondition(Welcome.Name),
                Then = [new ScoreAction(NoSpamCheck)],
            };
        }

        foreach (var (user, condition) in _blocked)
        {
            yield return new Rule
            {
                Name = names.Make($"block-{user}", "list"),
                Comment = $"Block list of {user}",
                Direction = RuleDirection.Inbound,
                Priority = 87,
                When = condition,
                Then = [new QuarantineAction()],
            };
        }
    }

    /// <summary>There a bare domain means everybody in it.</summary>
    private static string Sender(string text) => text.Contains('@', StringComparison.Ordinal) ? text.StartsWith("*@", StringComparison.Ordinal) ? text[1..] : text : "@" + text.TrimStart('*', '.');
}
