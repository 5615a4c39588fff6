using System.Globalization;
using System.Text.Json.Nodes;
using SecuEdge.Appliance.Privacy;
using SecuEdge.Appliance.Settings;
using SecuEdge.Filter;
using SecuEdge.Filter.Policy;
using SecuEdge.Filter.Policy.Profiles;
using SecuEdge.Smtp;

namespace SecuEdge.Appliance.Tests.Settings;

/// <summary>What is inherited, overridden and locked, from the provider down to one mailbox.</summary>
public sealed class TreeTests
{
    private const string Tree = """
        {"tenants":[
          {"name":"provider","kind":"provider","policy":{"tagScore":4,"archivePasswords":["house"]},"service":{"retention":{"logDays":100,"auditDays":400}},"locks":["policy.rejectScore"]},
          {"name":"north","kind":"reseller","policy":{"quarantineScore":7,"actions":{"A":"hold","B":"hold"},"scores":{"A":1,"B":2}},"service":{"language":"fr"},"locks":["service.*"]},
          {"name":"acme","parent":"north","policy":{"actions":{"B":"reject"},"scores":{"B":3},"archivePasswords":["acme"]},
           "domains":[
             {"name":"acme.example","nextHops":["h:25"],"policy":{"quarantineScore":8},
              "mailboxes":[{"address":"boss","policy":{"quarantineScore":9}},{"address":"idle@acme.example"}]},
             {"name":"plain.example","nextHops":["h:25"]}]},
          {"name":"shop","parent":"north","domains":[{"name":"shop.example","nextHops":["h:25"]}]}]}
        """;

    private const string OfStandard =
        """
        "ATTACHMENT_EXECUTABLE":"quarantine","OFFICE_MACRO":"deliver","ATTACHMENT_ENCRYPTED":"deliver","ATTACHMENT_PARTIAL":"deliver",
        "ATTACHMENT_UNKNOWN_CONTAINER":"deliver","ATTACHMENT_DECEPTIVE_NAME":"deliver"
        """;

    private static readonly ServiceSettings s_usual = ServiceSettings.Usual(Retentions.Usual(quarantineDays: 30));

    private static readonly SiteDirectory Site = Compile(Tree);

    /// <summary>Each profile below each other one.</summary>
    public static TheoryData<string, string> Profiles
    {
        get
        {
            var pairs = new TheoryData<string, string>();
            foreach (var above in Enum.GetValues<PolicyProfile>())
            {
                foreach (var own in Enum.GetValues<PolicyProfile>())
                {
                    pairs.Add(above.ToString().ToLowerInvariant(), own.ToString().ToLowerInvariant());
                }
            }

            return pairs;
        }
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void A_profile_below_another_is_what_it_is_alone(string above, string own)
    {
        var site = Compile($$$"""
            {"tenants":[{"name":"alone","policy":{"profile":"{{{own}}}"}},
            {"name":"above","kind":"reseller","policy":{"profile":"{{{above}}}"}},
            {"name":"below","parent":"above","policy":{"profile":"{{{own}}}"},"domains":[{"name":"x.example","nextHops":["h:25"]}]},
            {"name":"mixed","parent":"above","domains":[{"name":"y.example","nextHops":["h:25"],"policy":{"profile":"{{{own}}}"},
              "mailboxes":[{"address":"open","policy":{"profile":"{{{above}}}"}}]}]}]}
            """);
        var alone = PolicyFor(site, "alone", "x@x.example");
        foreach (var (tenant, address) in (List<(string, string)>)[("below", "x@x.example"), ("mixed", "x@y.example")])
        {
            var below = PolicyFor(site, tenant, address);
            Assert.Equal(alone.Actions.OrderBy(a => a.Key), below.Actions.OrderBy(a => a.Key));
            Assert.Equal(alone.Rules.Rules.Select(r => r.Rule.Name), below.Rules.Rules.Select(r => r.Rule.Name));
        }

        Assert.Equal(PolicyFor(site, "above", "x@z.example").Actions.OrderBy(a => a.Key), PolicyFor(site, "mixed", "open@y.example").Actions.OrderBy(a => a.Key));
    }

    [Theory]
    [InlineData(Direction.Inbound, "boss@a.example", "x@elsewhere.example", 60)]
    [InlineData(Direction.Inbound, "x@a.example", "boss@a.example", 30)]
    [InlineData(Direction.Inbound, "x@b.example", "x@elsewhere.example", null)]
    [InlineData(Direction.Outbound, "x@elsewhere.example", "boss@a.example", 2)]
    [InlineData(Direction.Outbound, "boss@a.example", "x@b.example", null)]
    public void A_hold_is_as_long_as_the_mailbox_or_domain_has_it(Direction direction, string recipient, string sender, int? minutes)
    {
        var site = Compile("""
            {"tenants":[{"name":"a","policy":{"outbreakHold":{"inbound":"off"}},"domains":[
              {"name":"a.example","nextHops":["h:25"],"policy":{"outbreakHold":{"inbound":"00:30:00"}},
               "mailboxes":[{"address":"boss","policy":{"outbreakHold":{"inbound":"01:00:00","outbound":"00:02:00"}}}]},
              {"name":"b.example","nextHops":["h:25"]}]}]}
            """);
        MailPath PathOf(string address) => MailPath.TryParse(address, out var path) ? path : MailPath.Null;
        Assert.Equal(minutes, site.HoldFor("a", direction, PathOf(recipient), PathOf(sender)).Of(direction)?.TotalMinutes);
    }

    [Fact]
    public void What_a_node_sets_beside_its_profile_and_what_is_locked_above_count_more_than_a_profile()
    {
        var site = Compile("""
            {"tenants":[{"name":"free","policy":{"profile":"strict","actions":{"OFFICE_MACRO":"deliver"}}},
            {"name":"top","kind":"reseller","policy":{"profile":"minimal"},"locks":["policy.actions"]},
            {"name":"low","parent":"top","policy":{"profile":"strict"}}]}
            """);
        Assert.Equal(VerdictAction.Deliver, PolicyFor(site, "free", "x@x.example").Actions["OFFICE_MACRO"]);
        Assert.Equal(VerdictAction.Deliver, PolicyFor(site, "low", "x@x.example").Actions["ATTACHMENT_EXECUTABLE"]);
    }

    [Theory]
    [InlineData("shop", "x@shop.example", 4, 7)]
    [InlineData("acme", "x@plain.example", 4, 7)]
    [InlineData("acme", "x@acme.example", 4, 8)]
    [InlineData("acme", "BOSS@acme.example", 4, 9)]
    [InlineData("acme", "boss+shop@acme.example", 4, 9)]
    [InlineData("acme", "boss+a+b@acme.example", 4, 9)]
    [InlineData("acme", "bos+s@acme.example", 4, 8)]
    [InlineData("acme", "+boss@acme.example", 4, 8)]
    [InlineData("acme", "idle@acme.example", 4, 8)]
    [InlineData("acme", "x@elsewhere.example", 4, 7)]
    [InlineData("shop", "boss@acme.example", 4, 7)]
    [InlineData("north", "x@north.example", 4, 7)]
    [InlineData("provider", "x@x.example", 4, 6)]
    [InlineData("gone", "x@x.example", 4, 6)]
    public void The_nearest_node_that_says_something_counts(string tenant, string address, double tagScore, double quarantineScore)
    {
        var policy = PolicyFor(Site, tenant, address);
        Assert.Equal((tagScore, quarantineScore), (policy.TagScore, policy.QuarantineScore));
    }

    [Fact]
    public void Nodes_that_override_nothing_share_one_policy()
    {
        Assert.Same(PolicyFor(Site, "north", "a@b.example"), PolicyFor(Site, "shop", "x@shop.example"));
        Assert.Same(PolicyFor(Site, "acme", "x@acme.example"), PolicyFor(Site, "acme", "idle@acme.example"));
        Assert.NotSame(PolicyFor(Site, "acme", "x@acme.example"), PolicyFor(Site, "acme", "boss@acme.example"));
    }

    [Fact]
    public void Dictionaries_join_code_by_code_and_passwords_are_added()
    {
        var policy = PolicyFor(Site, "acme", "x@acme.example");
        Assert.Equal(VerdictAction.Hold, policy.Actions["A"]);
        Assert.Equal(VerdictAction.Reject, policy.Actions["B"]);
        Assert.Equal(["house", "acme"], policy.ArchivePasswords);
    }

    [Theory]
    [InlineData("acme", "policy.tagScore", "4", "provider", null)]
    [InlineData("acme", "policy.quarantineScore", "7", "north", null)]
    [InlineData("acme", "policy.rejectScore", "15", "default", "provider")]
    [InlineData("acme", "policy.profile", "\"standard\"", "default", null)]
    [InlineData("acme", "service.language", "\"fr\"", "north", "north")]
    [InlineData("acme", "service.mailboxQuota", null, "default", "north")]
    [InlineData("acme", "service.timeZone", "\"UTC\"", "default", "north")]
    [InlineData("acme", "service.contacts", "[]", "default", "north")]
    [InlineData("acme", "service.reasonRequired", "false", "default", "north")]
    [InlineData("north", "service.language", "\"fr\"", "north", null)]
    [InlineData("north", "policy.scores", """{"A":1,"B":2}""", "north", null)]
    [InlineData("acme", "policy.scores", """{"A":1,"B":3}""", "acme", null)]
    [InlineData("shop", "policy.actions", $$"""{"A":"hold","B":"hold",{{OfStandard}} }""", "north", null)]
    [InlineData("shop", "service.retention", """{"quarantineDays":30,"factsDays":14,"logDays":100,"pseudonymiseAfterDays":180,"auditDays":400}""", "provider", "north")]
    [InlineData("provider", "policy.rejectScore", "15", "default", null)]
    public void Every_setting_says_where_it_comes_from_and_who_locks_it(string node, string setting, string? value, string from, string? lockedBy)
    {
        var found = EffectiveSettings.Of(Site.FindTenant(node)!, null, null, s_usual, _ => true).Single(s => s.Name == setting);
        Assert.Equal((from, lockedBy is not null, lockedBy), (found.From, found.Locked, found.LockedBy));
        Assert.True(JsonNode.DeepEquals(value is null ? null : JsonNode.Parse(value), found.Value), found.Value?.ToJsonString());
    }

    [Fact]
    public void Effective_settings_go_down_to_the_mailbox_and_name_every_property()
    {
        var acme = Site.FindTenant("acme")!;
        var domain = acme.Tenant.Domains[0];
        var settings = EffectiveSettings.Of(acme, domain, domain.Mailboxes[0], s_usual, _ => true);
        Assert.Equal(typeof(PolicySettings).GetProperties().Length + typeof(ServiceSettings).GetProperties().Length, settings.Count);
        Assert.Equal("boss", settings.Single(s => s.Name == "policy.quarantineScore").From);
        Assert.Equal(["acme"], EffectiveSettings.Of(acme, null, null, s_usual, n => n == "acme").Single(s => s.Name == "policy.archivePasswords").Value!.AsArray().Select(n => n!.ToString()));
    }

    [Theory]
    [InlineData("acme", "acme", true)]
    [InlineData("acme", "north", true)]
    [InlineData("ACME", "North", true)]
    [InlineData("acme", "provider", true)]
    [InlineData("north", "acme", false)]
    [InlineData("acme", "shop", false)]
    [InlineData("gone", "provider", true)]
    [InlineData("gone", "gone", false)]
    [InlineData("gone", "north", false)]
    [InlineData("provider", "north", false)]
    public void A_node_is_within_those_above_it(string node, string ancestor, bool isWithin) => Assert.Equal(isWithin, Site.IsWithin(node, ancestor));

    [Theory]
    [InlineData("north", "acme north shop")]
    [InlineData("acme", "acme")]
    [InlineData("provider", "acme north provider shop")]
    [InlineData("gone", "")]
    public void A_subtree_is_the_node_and_all_below(string node, string expected) =>
        Assert.Equal(expected, string.Join(' ', Site.Subtree(node).Order(StringComparer.Ordinal)));

    [Theory]
    [InlineData("acme", "acme")]
    [InlineData("north", "north acme shop")]
    [InlineData("provider", "provider north acme shop")]
    public void A_change_compiles_only_the_node_and_what_is_below(string changed, string compiled)
    {
        var next = Site.Site with
        {
            Tenants = [.. Site.Site.Tenants.Select(t => t.Name == changed ? t with { Policy = t.Policy with { TagScore = 3 } } : t)],
        };
        var (after, errors) = SiteValidation.TryCompile(next, Site);
        Assert.Empty(errors);
        Assert.Equal(compiled.Split(' ').Order(), after!.Tenants.Where(t => !ReferenceEquals(Site.FindTenant(t.Tenant.Name), t)).Select(t => t.Tenant.Name).Order());
        Assert.Equal(3, PolicyFor(after, "acme", "x@acme.example").TagScore);
        Assert.Same(after.FindTenant("acme"), after.FindDomain("acme.example")!.Tenant);
        Assert.Same(after.FindTenant("shop"), after.FindDomain("shop.example")!.Tenant);
    }

    [Fact]
    public void A_tenant_that_goes_takes_its_domains_and_networks_along()
    {
        var before = Compile("""{"tenants":[{"name":"a","domains":[{"name":"a.example","nextHops":["h:25"]}],"outbound":{"networks":["10.0.0.1"]}},{"name":"b"}]}""");
        var (after, _) = SiteValidation.TryCompile(before.Site with { Tenants = [before.Site.Tenants[1]] }, before);
        Assert.Null(after!.FindDomain("a.example"));
        Assert.Null(after.FindTenant("a"));
        Assert.Null(after.FindByNetwork(System.Net.IPAddress.Parse("10.0.0.1")));
        Assert.NotNull(before.FindDomain("a.example"));
    }

    [Fact]
    public void A_domain_that_moves_belongs_to_its_new_tenant()
    {
        var before = Compile("""{"tenants":[{"name":"a","domains":[{"name":"x.example","nextHops":["h:25"]}]},{"name":"b"}]}""");
        var moved = new Site { Tenants = [before.Site.Tenants[0] with { Domains = [] }, before.Site.Tenants[1] with { Domains = before.Site.Tenants[0].Domains }] };
        Assert.Equal("b", SiteValidation.TryCompile(moved, before).Directory!.FindDomain("x.example")!.Tenant.Tenant.Name);
    }

    [Fact]
    public void A_pending_domain_takes_no_mail_and_blocks_nobody()
    {
        var site = Compile("""
            {"tenants":[{"name":"thief","domains":[{"name":"a.example","nextHops":["evil:25"],"ownership":"pending"}]},
            {"name":"owner","domains":[{"name":"a.example","nextHops":["h:25"]}]},
            {"name":"new","domains":[{"name":"b.example","nextHops":["h:25"],"ownership":"pending"}]}]}
            """);
        Assert.Equal("owner", site.FindDomain("a.example")!.Tenant.Tenant.Name);
        Assert.Null(site.FindDomain("b.example"));
        Assert.Equal(["owner", "thief"], site.DomainsNamed("A.example").Select(d => d.Tenant.Tenant.Name));
    }

    [Theory]
    [InlineData("""{"state":"suspended"}""", "{}", "2026-01-01", true)]
    [InlineData("{}", """{"state":"suspended"}""", "2026-01-01", true)]
    [InlineData("{}", "{}", "2026-01-01", false)]
    [InlineData("{}", """{"trial":{"start":"2026-01-01T00:00:00Z","end":"2026-02-01T00:00:00Z"}}""", "2026-01-31", false)]
    [InlineData("{}", """{"trial":{"start":"2026-01-01T00:00:00Z","end":"2026-02-01T00:00:00Z"}}""", "2026-02-01", true)]
    [InlineData("""{"trial":{"start":"2026-01-01T00:00:00Z","end":"2026-02-01T00:00:00Z"}}""", "{}", "2026-02-01", true)]
    [InlineData("{}", """{"trial":{"start":"2026-01-01T00:00:00Z","end":"2026-02-01T00:00:00Z","atEnd":"continue"}}""", "2026-03-01", false)]
    public void A_node_is_suspended_with_those_above_it(string reseller, string customer, string now, bool isSuspended)
    {
        var site = Compile($$"""{"tenants":[{"name":"r","kind":"reseller",{{Inner(reseller)}}},{"name":"c","parent":"r",{{Inner(customer)}}}]}""".Replace(",}", "}", StringComparison.Ordinal));
        Assert.Equal(isSuspended, site.FindTenant("c")!.IsSuspended(DateTimeOffset.Parse(now, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal)));
    }

    private static string Inner(string json) => json[1..^1];

    private static TenantPolicy PolicyFor(SiteDirectory site, string tenant, string address) => site.PolicyFor(tenant, MailPath.TryParse(address, out var path) ? path : MailPath.Null);

    private static SiteDirectory Compile(string json)
    {
        var (site, errors) = SiteJson.Read(json);
        Assert.Empty(errors);
        return new SiteDirectory(site!);
    }
}
