using SecuEdge.Content;
using SecuEdge.Filter.Policy;
using SecuEdge.Filter.Policy.Profiles;
using SecuEdge.Filter.Policy.Rules;
using SecuEdge.Smtp;

namespace SecuEdge.Filter.Tests.Policy;

public sealed class RuleSetTests
{
    private static readonly MailPath Anna = new("anna", "example.org");

    private static readonly PolicyFacts Plain = new()
    {
        Reference = "R",
        At = new DateTimeOffset(2026, 3, 6, 22, 30, 0, TimeSpan.Zero),
        Tenant = "acme",
        Direction = Direction.Inbound,
        Sender = "eva@news.partner.example",
        HeaderFrom = "Eva@partner.example",
        ClientAddress = "192.0.2.7",
        Subject = "Invoice 7",
        Headers = [new("Subject", "Invoice 7"), new("List-Id", "<news.partner.example>")],
        SizeBytes = 1_200_000,
        Attachments =
        [
            new() { Path = "1.2", Name = "invoice.tar.gz", Type = "application/gzip", Kind = AttachmentKind.Archive, SizeBytes = 900_000 },
            new() { Path = "1.2/a.exe", Name = "a.exe", Type = "application/x-dosexec", Kind = AttachmentKind.Executable, IsInside = true, Flags = AnatomyFlags.Executable },
        ],
        Authentication = new Dictionary<AuthenticationMethod, string> { [AuthenticationMethod.Spf] = "pass" },
    };

    private static readonly Dictionary<string, (Condition Condition, Truth Holds)> Conditions = new()
    {
        ["address"] = (new SenderCondition { Addresses = ["eva@NEWS.partner.example"] }, Truth.Yes),
        ["domain is not its subdomains"] = (new SenderCondition { Addresses = ["@partner.example"], In = SenderPlace.Envelope }, Truth.No),
        ["domain in From"] = (new SenderCondition { Addresses = ["@partner.example"] }, Truth.Yes),
        ["subdomains"] = (new SenderCondition { Addresses = ["@*.partner.example"], In = SenderPlace.Envelope }, Truth.Yes),
        ["subdomains are not the domain"] = (new SenderCondition { Addresses = ["@*.partner.example"], In = SenderPlace.Header }, Truth.No),
        ["name pattern"] = (new SenderCondition { Addresses = ["e*@*"] }, Truth.Yes),
        ["null path"] = (new SenderCondition { Addresses = ["<>"] }, Truth.No),
        ["recipient"] = (new RecipientCondition { Addresses = ["@example.org"] }, Truth.Yes),
        ["size below"] = (new SizeCondition(5_000_000, null), Truth.No),
        ["size between"] = (new SizeCondition(1_200_000, 1_200_000), Truth.Yes),
        ["files in archives are not counted"] = (new AttachmentCountCondition(2, null), Truth.No),
        ["kind"] = (new AttachmentCondition { Kinds = [AttachmentKind.Executable] }, Truth.Yes),
        ["kind outside"] = (new AttachmentCondition { Kinds = [AttachmentKind.Executable], In = AttachmentPlace.Outside }, Truth.No),
        ["one file must be all"] = (new AttachmentCondition { Kinds = [AttachmentKind.Executable], AtLeast = 100 }, Truth.No),
        ["long extension"] = (new AttachmentCondition { Extensions = ["tar.gz"] }, Truth.Yes),
        ["media type"] = (new AttachmentCondition { Types = ["application/x-*"] }, Truth.Yes),
        ["name"] = (new AttachmentCondition { Names = ["INVOICE*"] }, Truth.Yes),
        ["not encrypted"] = (new EncryptedCondition(), Truth.No),
        ["header is there"] = (new HeaderCondition { Name = "list-id" }, Truth.Yes),
        ["header matches"] = (new HeaderCondition { Name = "Subject", Matches = @"^invoice \d$" }, Truth.Yes),
        ["header is not there"] = (new HeaderCondition { Name = "X-No" }, Truth.No),
        ["pattern in the subject is known without text"] = (new PatternCondition { Pattern = @"invoice\s+\d", In = [TextPlace.Subject] }, Truth.Yes),
        ["pattern in a text not recorded"] = (new PatternCondition { Pattern = "x" }, Truth.Unknown),
        ["score"] = (new ScoreCondition(5, null), Truth.No),
        ["class"] = (new ClassCondition([MessageClass.Clean]), Truth.Yes),
        ["finding"] = (new FindingCondition(["OFFICE_*"]), Truth.No),
        ["authentication"] = (new AuthenticationCondition(AuthenticationMethod.Spf, ["pass"]), Truth.Yes),
        ["authentication not asked"] = (new AuthenticationCondition(AuthenticationMethod.Dmarc, ["pass"]), Truth.Unknown),
        ["campaigns not looked for"] = (new CampaignCondition(null), Truth.Unknown),
        ["first contact unknown"] = (new FirstContactCondition(), Truth.Unknown),
        ["network"] = (new OriginCondition { Networks = ["192.0.2.0/24"], Countries = ["FR"] }, Truth.Yes),
        ["country unknown"] = (new OriginCondition { Countries = ["FR"] }, Truth.Unknown),
        ["friday night"] = (new TimeCondition { Weekdays = [DayOfWeek.Friday], From = new TimeOnly(22, 0), To = new TimeOnly(6, 0) }, Truth.Yes),
        ["no holiday"] = (new TimeCondition { Holidays = HolidayUse.Only }, Truth.No),
        ["and: no decides over unknown"] = (new AllCondition([new FirstContactCondition(), new ScoreCondition(5, null)]), Truth.No),
        ["and: unknown"] = (new AllCondition([new FirstContactCondition(), new ScoreCondition(null, 5)]), Truth.Unknown),
        ["or: yes decides over unknown"] = (new AnyCondition([new FirstContactCondition(), new ScoreCondition(null, 5)]), Truth.Yes),
        ["or: unknown"] = (new AnyCondition([new FirstContactCondition(), new ScoreCondition(5, null)]), Truth.Unknown),
        ["not unknown is unknown"] = (new NotCondition(new FirstContactCondition()), Truth.Unknown),
        ["not"] = (new NotCondition(new ScoreCondition(5, null)), Truth.Yes),
    };

    public static TheoryData<string> Names => [.. Conditions.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_condition_holds_as_the_table_says(string what)
    {
        var (condition, expected) = Conditions[what];
        var set = RuleSet.Compile(Layer("acme", Rule("r", condition)), null);

        var answer = Assert.Single(set.Decide(Plain, 0, MessageClass.Clean, Anna).Answers);

        Assert.True(expected == answer.Holds, $"{what}: {answer.Holds}, {answer.Why}");
        Assert.EndsWith(".", answer.Why, StringComparison.Ordinal);
    }

    /// <summary>Pattern, recipient, whether it is about it.</summary>
    [Theory]
    [InlineData("ceo@example.org", "ceo+a@example.org", Truth.Yes)]
    [InlineData("ceo@example.org", "CEO+a+b@example.org", Truth.Yes)]
    [InlineData("ceo+a@example.org", "ceo+a@example.org", Truth.Yes)]
    [InlineData("ceo+a@example.org", "ceo@example.org", Truth.No)]
    [InlineData("ceo@example.org", "ce+o@example.org", Truth.No)]
    [InlineData("ceo@example.org", "+ceo@example.org", Truth.No)]
    public void A_name_behind_a_plus_does_not_go_past_a_rule_about_the_mailbox(string pattern, string recipient, Truth expected)
    {
        Assert.True(MailPath.TryParse(recipient, out var path));
        var set = RuleSet.Compile(Layer("acme", Rule("r", new RecipientCondition { Addresses = [pattern] })), null);
        Assert.Equal(expected, Assert.Single(set.Decide(Plain, 0, MessageClass.Clean, path).Answers).Holds);
    }

    /// <summary>Names that the header gives, extension or name asked for, whether it holds.</summary>
    [Theory]
    [InlineData("invoice.docm.", "docm", "", Truth.Yes)]
    [InlineData("invoice.docm . ", "docm", "", Truth.Yes)]
    [InlineData("invoice．ｄｏｃｍ", "docm", "", Truth.Yes)]
    [InlineData("invoice.pdf|invoice.html", "html", "", Truth.Yes)]
    [InlineData("invoice.pdf|invoice.html", "", "*.html", Truth.Yes)]
    [InlineData("invoice.pdf|order.html", "html", "invoice*", Truth.No)]
    [InlineData("backup.tar.gz.", "tar.gz", "", Truth.Yes)]
    [InlineData("invoice.docm.", "", "*.docm", Truth.Yes)]
    [InlineData("invoice.pdf", "docm", "", Truth.No)]
    public void A_file_is_asked_by_every_name_that_a_mail_program_may_take(string names, string extension, string name, Truth expected)
    {
        var all = names.Split('|');
        var facts = Plain with { Attachments = [new() { Path = "1", Name = all[0], OtherNames = all[1..], Type = "application/pdf", Kind = AttachmentKind.Document }] };
        var condition = new AttachmentCondition { Extensions = extension.Length > 0 ? [extension] : [], Names = name.Length > 0 ? [name] : [] };
        var set = RuleSet.Compile(Layer("acme", Rule("r", condition)), null);
        Assert.Equal(expected, Assert.Single(set.Decide(facts, 0, MessageClass.Clean, Anna).Answers).Holds);
    }

    [Fact]
    public void Locked_rules_of_upper_nodes_come_first_then_priority_then_root_to_leaf_and_profiles_last()
    {
        var profile = RuleSet.Compile(new PolicyLayer { Node = "profile", Rules = [Rule("p") with { Priority = 100 }], ComesLast = true }, null);
        var provider = RuleSet.Compile(Layer("provider", Rule("usual"), Rule("wall") with { Locked = true, Priority = 1 }, Rule("shared")), profile);
        var acme = RuleSet.Compile(Layer("acme", Rule("own-locked") with { Locked = true }, Rule("first") with { Priority = 90 }, Rule("shared") with { Comment = "mine" }), provider);

        Assert.Equal(["wall", "own-locked", "first", "usual", "shared", "p"], acme.Rules.Select(r => r.Rule.Name));
        Assert.Equal("acme", acme.Rules[4].Node);
    }

    [Theory]
    [InlineData("quarantine", "wall header", "disclaimer")]
    [InlineData("reject", "wall header", "disclaimer")]
    [InlineData("deliver", "wall header", "")]
    public void What_is_kept_back_remembers_what_locked_rules_behind_want_of_a_release(string action, string effects, string demands)
    {
        RuleAction final = action switch { "quarantine" => new QuarantineAction(), "reject" => new RejectAction(), _ => new DeliverAction() };
        var provider = RuleSet.Compile(
            Layer(
                "provider",
                Rule("wall") with { Locked = true, Priority = 90, Then = [new TagAction { Subject = "wall" }, final, new TagAction { Subject = "header" }] },
                Rule("disclaimer") with { Locked = true, Then = [new BannerAction { Text = "disclaimer" }, new DeliverAction()] },
                Rule("not-for-it", new SizeCondition(long.MaxValue, null)) with { Locked = true },
                Rule("watch") with { Locked = true, Mode = RuleMode.Monitor }),
            null);
        var decision = RuleSet.Compile(Layer("acme", Rule("own")), provider).Decide(Plain, 0, MessageClass.Clean, Anna);

        Assert.Equal(effects, string.Join(' ', decision.Effects.Select(Text)));
        Assert.Equal(demands, string.Join(' ', decision.Demands.Select(Text)));
        Assert.All(decision.Effects.Concat(decision.Demands), e => Assert.True(e.IsLocked));
        Assert.Equal("Not asked: rule 'wall' of provider decided before.", decision.Answers[1].Why);

        static string Text(RuleEffect effect) => effect.Action is BannerAction banner ? banner.Text : ((TagAction)effect.Action).Subject!;
    }

    [Fact]
    public void The_first_final_action_ends_the_questions_effects_add_up_and_monitored_rules_only_watch()
    {
        var set = RuleSet.Compile(
            Layer(
                "acme",
                Rule("off") with { Enabled = false, Then = [new DeliverAction()] },
                Rule("watch") with { Mode = RuleMode.Monitor, Then = [new RejectAction()] },
                Rule("tag") with { Then = [new TagAction { Subject = "[x]" }] },
                Rule("files", new AttachmentCondition { Kinds = [AttachmentKind.Executable] }) with { Then = [new QuarantineAction()] },
                Rule("late") with { Then = [new DeliverAction()] }),
            null);

        var decision = set.Decide(Plain, 0, MessageClass.Clean, Anna);

        Assert.Equal("files", decision.Disposition!.Rule);
        Assert.Equal(["1.2/a.exe"], decision.Disposition.Files);
        Assert.Equal("tag", Assert.Single(decision.Effects).Rule);
        Assert.Equal([false, true, true, true, false], decision.Answers.Select(a => a.WasAsked));
        Assert.Equal("Not asked: rule 'files' of acme decided before.", decision.Answers[4].Why);
    }

    [Fact]
    public void Names_mean_what_they_mean_where_the_rule_is_written()
    {
        var provider = RuleSet.Compile(Layer("provider", Rule("a", new ObjectCondition("big"))) with { Objects = [new() { Name = "big", Is = new SizeCondition(1, null) }] }, null);
        var acme = RuleSet.Compile(Layer("acme", Rule("b", new ObjectCondition("big"))) with { Objects = [new() { Name = "big", Is = new SizeCondition(9_000_000, null) }] }, provider);

        Assert.Equal([Truth.Yes, Truth.No], acme.Decide(Plain, 0, MessageClass.Clean, Anna).Answers.Select(a => a.Holds));
    }

    [Fact]
    public void Everything_wrong_is_said_at_its_place()
    {
        var layer = Layer(
            "acme",
            Rule("A B", new AllCondition([new SizeCondition(5, 1), new PatternCondition { Pattern = "(" }])),
            Rule("b", new ObjectCondition("loop")),
            Rule("c") with { Then = [new DiscardAction(), new DeliverAction(), new RedirectAction("nobody")] },
            Rule("d", new SenderCondition { Groups = ["none"] }),
            Rule("e", new TimeCondition())) with
        {
            Objects = [new() { Name = "loop", Is = new NotCondition(new ObjectCondition("loop")) }],
        };

        var places = RuleSet.Check(layer, null).Select(e => e[..e.IndexOf(": ", StringComparison.Ordinal)]).ToList();

        Assert.All(
            ["rules[0].name", "rules[0].when.of[0].atMost", "rules[0].when.of[1].pattern", "objects[0].is.of.name", "rules[2].then[0].confirm", "rules[2].then[1]", "rules[2].then[2].to", "rules[2].then[2]", "rules[3].when.groups[0]", "rules[4].when"],
            place => Assert.Contains(place, places));
        Assert.Throws<ArgumentException>(() => RuleSet.Compile(layer, null));
    }

    public static TheoryData<RuleAction, bool> BesideACopy => new()
    {
        { new RejectAction(), false },
        { new DiscardAction { Confirm = true }, true },
        { new QuarantineAction(), true },
        { new HoldAction(5), true },
    };

    [Theory]
    [MemberData(nameof(BesideACopy))]
    public void A_rule_copies_what_it_keeps_or_throws_away_but_not_what_it_refuses(RuleAction final, bool isAllowed)
    {
        var errors = RuleSet.Check(Layer("acme", Rule("r") with { Then = [new CopyAction("archive@acme.example"), final] }), null);
        Assert.Equal(isAllowed ? [] : ["rules[0].then[0]"], errors.Select(e => e[..e.IndexOf(": ", StringComparison.Ordinal)]));
        Assert.All(errors, e => Assert.Contains("write 'quarantine' or 'discard' instead", e, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_final_rule_hides_no_locked_copy_of_a_node_above(bool isLocked)
    {
        var provider = RuleSet.Compile(Layer("provider", Rule("archive") with { Locked = isLocked, Priority = 0, Then = [new CopyAction("archive@provider.example")] }), null);
        var acme = RuleSet.Compile(Layer("acme", Rule("away") with { Priority = 100, Locked = true, Then = [new DiscardAction { Confirm = true }] }), provider);
        Assert.Equal(isLocked ? ["archive"] : [], acme.Decide(Plain, 0, MessageClass.Clean, Anna).Effects.Select(e => e.Rule));
    }

    [Fact]
    public void A_rule_delivers_in_spite_of_the_score_but_never_below_the_floor_of_antivirus()
    {
        var policy = TenantPolicy.Default with { Rules = RuleSet.Compile(Layer("acme", Rule("vip") with { Then = [new DeliverAction()] }), null) };
        Finding spam = new("SPAM", 20, MessageClass.Spam, null, "Spam.", "");
        Finding virus = new("X_INFECTED", 0, MessageClass.Infected, VerdictAction.Quarantine, "Malware.", "");

        Assert.Equal((VerdictAction.Deliver, "vip"), Outcome(Plain with { Findings = [spam] }, policy));
        Assert.Equal((VerdictAction.Quarantine, "X_INFECTED"), Outcome(Plain with { Findings = [spam, virus] }, policy));
    }

    [Fact]
    public void What_rules_add_to_the_score_counts_before_the_thresholds()
    {
        var policy = TenantPolicy.Default with
        {
            Rules = RuleSet.Compile(Layer("acme", Rule("more") with { Then = [new ScoreAction(6)] }, Rule("sees-before", new ScoreCondition(1, null))), null),
        };

        var verdict = SecuEdge.Filter.Policy.Policy.Decide(Plain, policy, Anna);

        Assert.Equal((VerdictAction.Quarantine, 6d, SecuEdge.Filter.Policy.Policy.QuarantineThreshold), (verdict.Action, verdict.Score, verdict.DecidedBy));
        Assert.Empty(verdict.Effects);
        Assert.False(verdict.Rules[^1].Matched);
    }

    [Fact]
    public void Every_profile_compiles_and_keeps_films_only_when_strict()
    {
        var film = Plain with { Attachments = [new() { Path = "1", Type = "video/mp4", Kind = AttachmentKind.Video }] };

        Assert.Equal(
            [VerdictAction.Deliver, VerdictAction.Deliver, VerdictAction.Quarantine],
            Profiles.All.Select(p => Outcome(film, TenantPolicy.Default with { Rules = RuleSet.Compile(p.Layer, null) }).Action));
        Assert.All(Profiles.All, p => Assert.Empty(RuleSet.Check(p.Layer, null)));
    }

    [Fact]
    public void Every_profile_decides_the_same_codes_and_Standard_leaves_each_finding_its_own_action()
    {
        var own = SecuEdge.Filter.Checks.AllChecks.Create([]).SelectMany(c => c.Findings).ToDictionary(d => d.Code, d => d.Action ?? VerdictAction.Deliver);
        var standard = Profiles.Expand(PolicyProfile.Standard).Actions;
        Assert.All(Profiles.All, p => Assert.Equal(standard.Keys.Order(), p.Actions.Keys.Order()));
        Assert.All(standard, a => Assert.Equal(own[a.Key], a.Value));
    }

    [Fact]
    public void Rules_that_contradict_or_are_never_reached_are_named_with_the_remedy()
    {
        var set = RuleSet.Compile(
            Layer(
                "acme",
                Rule("large", new SizeCondition(1000, null)) with { Priority = 90, Then = [new RejectAction()] },
                Rule("larger", new SizeCondition(5000, null)) with { Then = [new DeliverAction()] },
                Rule("largest", new AllCondition([new SizeCondition(9000, null), new FirstContactCondition()])),
                Rule("never", new AllCondition([new FirstContactCondition(), new NotCondition(new FirstContactCondition())])),
                Rule("small", new SizeCondition(null, 10)) with { Then = [new DeliverAction()] }) with
            {
                Objects = [new() { Name = "unused", Is = new FirstContactCondition() }],
            },
            null);

        var found = Contradictions.Find(set);

        Assert.Equal(
            ["DifferentWays large,larger", "NeverReached large,largest", "NeverHolds never", "UnusedObject "],
            found.Select(c => $"{c.Kind} {string.Join(',', c.Rules)}"));
        Assert.Contains("raise the priority of 'larger' (acme) above 90", found[0].Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void What_contradicts_a_profile_is_mended_where_the_reader_may_write()
    {
        var locked = new AttachmentCondition { Extensions = ["docm"] };
        var profile = RuleSet.Compile(Layer("profile strict", Rule("standard-docm", locked) with { Then = [new QuarantineAction()] }) with { ComesLast = true }, null);
        RuleSet With(string name) => RuleSet.Compile(Layer("acme", Rule(name, locked) with { Then = [new DeliverAction()] }), profile);

        var found = Assert.Single(Contradictions.Find(With("own")));
        Assert.Equal(["own", "standard-docm"], found.Rules);
        Assert.Contains("call it 'standard-docm'", found.Sentence, StringComparison.Ordinal);
        Assert.DoesNotContain("priority", found.Sentence, StringComparison.Ordinal);
        Assert.Empty(Contradictions.Find(With("standard-docm")));
        var below = RuleSet.Compile(Layer("shop", Rule("other", new FirstContactCondition())), With("own"));
        Assert.Contains("write a rule 'own' of your own", Assert.Single(Contradictions.Find(below)).Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_condition_that_a_rule_asks_is_found_through_objects_and_opposites()
    {
        var set = RuleSet.Compile(
            Layer(
                "acme",
                Rule("one", new AllCondition([new ObjectCondition("thing"), new NotCondition(new AnyCondition([new CampaignCondition(null), new FirstContactCondition()]))])),
                Rule("off", new CampaignCondition("x")) with { Enabled = false }) with
            {
                Objects = [new() { Name = "thing", Is = new SizeCondition(1, null) }],
            },
            null);
        Assert.Equal(
            ["one SizeCondition False", "one CampaignCondition True", "one FirstContactCondition True"],
            AskedConditions.Of(set).Select(a => $"{a.Rule.Rule.Name} {a.Condition.GetType().Name} {a.IsNegated}"));
    }

    private static (VerdictAction Action, string By) Outcome(PolicyFacts facts, TenantPolicy policy)
    {
        var verdict = SecuEdge.Filter.Policy.Policy.Decide(facts, policy, Anna);
        return (verdict.Action, verdict.DecidedBy);
    }

    private static PolicyLayer Layer(string node, params Rule[] rules) => new() { Node = node, Rules = rules };

    private static Rule Rule(string name, Condition? when = null) => new() { Name = name, When = when, Then = [new TagAction { Subject = "[t]" }] };
}
