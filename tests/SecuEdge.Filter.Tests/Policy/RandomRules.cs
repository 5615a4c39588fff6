using SecuEdge.Filter.Policy.Rules;

namespace SecuEdge.Filter.Tests.Policy;

/// <summary>Trees of policies and messages made of so few values that rules meet, replace and contradict each other all the time.</summary>
internal sealed class RandomRules(Random random)
{
    private static readonly string[] Addresses = ["a@x.example", "b@x.example", "a@y.example"];
    private static readonly string[] Patterns = [.. Addresses, "@x.example", "@y.example", "<>"];
    private static readonly string[] Codes = ["SPAM_A", "SPAM_B", "ODD"];
    private static readonly string[] Words = ["alpha", "beta"];

    public IReadOnlyList<PolicyLayer> Layers()
    {
        List<PolicyLayer> layers = [new() { Node = "profile", ComesLast = true, Rules = Rules() }];
        for (var depth = random.Next(1, 4); depth > 0; depth--)
        {
            // What is above is always there; what stands under the same name means something else below.
            layers.Add(new PolicyLayer
            {
                Node = $"node{layers.Count}",
                Objects = layers.Count == 1 || random.Next(2) == 0 ? [new() { Name = "one", Is = Condition(1, false) }, new() { Name = "two", Is = Condition(2, false) }] : [],
                Rules = Rules(withObjects: true),
            });
        }

        return layers;
    }

    public PolicyFacts Facts() => new()
    {
        Reference = "R",
        At = DateTimeOffset.UnixEpoch,
        Tenant = "acme",
        Direction = random.Next(2) == 0 ? Direction.Inbound : Direction.Outbound,
        Sender = random.Next(4) == 0 ? "" : Pick(Addresses),
        HeaderFrom = random.Next(4) == 0 ? "" : Pick(Addresses),
        Recipients = Addresses,
        SizeBytes = random.Next(10),
        Headers = [.. Words.Where(_ => random.Next(2) == 0).Select(w => new KeyValuePair<string, string>("X-" + Pick(Words), w))],
        AreHeadersCut = random.Next(4) == 0,
        Attachments = [.. Enumerable.Range(0, random.Next(3)).Select(i => new AttachmentFacts { Path = $"{i}", Type = "application/x", Kind = (AttachmentKind)random.Next(4) })],
        AreAttachmentsCut = random.Next(4) == 0,
        Findings = [.. Codes.Where(_ => random.Next(3) == 0).Select(c => new Finding(c, 1, MessageClass.Spam, null, "", ""))],
        Authentication = random.Next(2) == 0
            ? new Dictionary<AuthenticationMethod, string>()
            : new Dictionary<AuthenticationMethod, string> { [AuthenticationMethod.Spf] = Result() },
        IsFirstContact = random.Next(3) switch { 0 => null, 1 => true, _ => false },
        Country = random.Next(3) switch { 0 => null, 1 => "FR", _ => "DE" },
        Text = random.Next(2) == 0 ? null : new MessageText(Pick(Words), "no " + Pick(Words), []),
    };

    public double Score() => random.Next(10);

    public MessageClass Class() => random.Next(2) == 0 ? MessageClass.Clean : MessageClass.Spam;

    private List<Rule> Rules(bool withObjects = false) =>
    [
        .. Enumerable.Range(0, 12).Where(_ => random.Next(3) > 0).OrderBy(_ => random.Next()).Select(i => new Rule
        {
            Name = $"r{i}",
            Enabled = random.Next(8) > 0,
            Mode = random.Next(6) == 0 ? RuleMode.Monitor : RuleMode.Enforce,
            Direction = random.Next(3) == 0 ? (RuleDirection)random.Next(3) : RuleDirection.Both,
            Priority = random.Next(3) * 50,
            Locked = random.Next(6) == 0,
            When = random.Next(8) == 0 ? null : Condition(3, withObjects),
            Then = Actions(),
        }),
    ];

    private IReadOnlyList<RuleAction> Actions() => random.Next(6) switch
    {
        0 => [new DeliverAction()],
        1 => [new TagAction { Subject = "[t]" }, new QuarantineAction()],
        2 => [new RejectAction { Text = "no" }],
        3 => [new ScoreAction(random.Next(5))],
        _ => [new TagAction { Subject = "[u]" }, new CopyAction("archive@x.example")],
    };

    private Condition Condition(int depth, bool withObjects) => (depth == 0 ? random.Next(4, 16) : random.Next(withObjects ? -2 : 0, 16)) switch
    {
        < 0 => new ObjectCondition(random.Next(2) == 0 ? "one" : "two"),
        0 or 1 => new AllCondition(Conditions(depth, withObjects)),
        2 => new AnyCondition(Conditions(depth, withObjects)),
        3 => new NotCondition(Condition(depth - 1, withObjects)),
        4 => new SenderCondition { Addresses = [Pick(Patterns), Pick(Patterns)], In = (SenderPlace)random.Next(3) },
        5 => new RecipientCondition { Addresses = [Pick(Patterns)] },
        6 => new SizeCondition(random.Next(5), random.Next(3) == 0 ? null : random.Next(5, 10)),
        7 => new ScoreCondition(random.Next(10), null),
        8 => new ClassCondition([Class()]),
        9 => new FindingCondition([random.Next(3) == 0 ? "SPAM_*" : Pick(Codes)]),
        10 => new AttachmentCondition { Kinds = [(AttachmentKind)random.Next(4), (AttachmentKind)random.Next(4)] },
        11 => new HeaderCondition { Name = "X-" + Pick(Words), Contains = random.Next(2) == 0 ? null : Pick(Words) },
        12 => new AuthenticationCondition(AuthenticationMethod.Spf, [Result()]),
        13 => new FirstContactCondition(),
        14 => new OriginCondition { Countries = ["FR"] },
        _ => new PatternCondition { Pattern = Pick(Words) },
    };

    private List<Condition> Conditions(int depth, bool withObjects) => [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => Condition(depth - 1, withObjects))];

    private string Result() => random.Next(2) == 0 ? "pass" : "fail";

    private string Pick(string[] some) => some[random.Next(some.Length)];
}
