using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Operations;
using SecuEdge.Appliance.Settings;
using SecuEdge.Filter.Policy.Rules;
using SecuEdge.Store.Audit;

namespace SecuEdge.Appliance.Tests.Operations;

/// <summary>Who may change what of a tenant, and that a stranger learns nothing.</summary>
public sealed class TenantRightsTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("provider", "acme", """{"state":"suspended"}""", "done")]
    [InlineData("north", "acme", """{"state":"suspended"}""", "done")]
    [InlineData("acme", "acme", """{"state":"suspended"}""", "Forbidden state")]
    [InlineData("north", "acme", """{"locks":["policy.tagScore"]}""", "done")]
    [InlineData("acme", "acme", """{"locks":["policy.tagScore"]}""", "Forbidden locks")]
    [InlineData("north", "north", """{"locks":["policy.tagScore"]}""", "done")]
    [InlineData("north -TenantsManage", "north", """{"locks":["policy.tagScore"]}""", "Forbidden locks")]
    [InlineData("acme", "north", """{"locks":["policy.tagScore"]}""", "NotFound")]
    [InlineData("north", "north", """{"parent":"south"}""", "Forbidden parent")]
    [InlineData("north", "acme", """{"parent":"south"}""", "Forbidden parent")]
    [InlineData("provider", "acme", """{"parent":"south"}""", "done")]
    [InlineData("north", "north", """{"service":{"mailboxQuota":5}}""", "Forbidden service.mailboxQuota")]
    [InlineData("north", "acme", """{"service":{"mailboxQuota":5}}""", "done")]
    [InlineData("acme", "acme", """{"service":{"mailboxQuota":5}}""", "Forbidden service.mailboxQuota")]
    [InlineData("acme", "acme", """{"service":{"language":"fr"}}""", "done")]
    [InlineData("acme", "acme", """{"trial":null}""", "done")]
    [InlineData("acme", "acme", """{"trial":{"start":"2026-01-01T00:00:00Z","end":"2027-01-01T00:00:00Z"}}""", "Forbidden trial")]
    [InlineData("acme", "acme", """{"kind":"reseller"}""", "Forbidden kind")]
    [InlineData("acme", "acme", """{"outbound":{"networks":["10.0.0.1","10.0.0.2"]}}""", "Forbidden outbound.networks")]
    [InlineData("north", "acme", """{"outbound":{"networks":["10.0.0.1","10.0.0.2"]}}""", "done")]
    [InlineData("acme", "acme", """{"outbound":{"nextHops":["relay:25"]}}""", "done")]
    [InlineData("acme", "acme", """{"outbound":{"nextHops":["127.0.0.1:6379"]}}""", "Forbidden outbound.nextHops")]
    [InlineData("acme", "acme", """{"outbound":{"nextHops":["[::ffff:127.0.0.1]:25"]}}""", "Forbidden outbound.nextHops")]
    [InlineData("acme", "acme", """{"outbound":{"nextHops":["LOCALHOST:25"]}}""", "Forbidden outbound.nextHops")]
    [InlineData("acme", "acme", """{"outbound":{"nextHops":["0.0.0.0:25"]}}""", "Forbidden outbound.nextHops")]
    [InlineData("acme", "acme", """{"domains":[{"name":"acme.example","nextHops":["169.254.169.254:80"]}]}""", "Forbidden domains.nextHops")]
    [InlineData("acme", "acme", """{"domains":[{"name":"acme.example","nextHops":["[fe80::1]:25"]}]}""", "Forbidden domains.nextHops")]
    [InlineData("acme", "acme", """{"domains":[{"name":"acme.example","nextHops":["192.168.1.5:25"]}]}""", "done")]
    [InlineData("north", "acme", """{"outbound":{"nextHops":["127.0.0.1:25"]}}""", "done")]
    [InlineData("north", "acme", """{"domains":[{"name":"huge.example","nextHops":["h:25"],"ownership":"proven"}]}""", "Forbidden domains.ownership")]
    [InlineData("provider", "acme", """{"domains":[{"name":"huge.example","nextHops":["h:25"],"ownership":"proven"}]}""", "done")]
    [InlineData("acme", "acme", """{"policy":{"tagScore":3}}""", "done")]
    [InlineData("acme", "acme", """{"rules":[{"name":"r","then":[{"type":"copy","to":"x@farm.example"}]}]}""", "Invalid rules[0].then[0].to")]
    [InlineData("acme", "acme", """{"rules":[{"name":"r","then":[{"type":"redirect","to":"x@farm.example"}]}]}""", "Invalid rules[0].then[0].to")]
    [InlineData("acme", "acme", """{"rules":[{"name":"r","then":[{"type":"copy","to":"x@outside.example"}]}]}""", "done")]
    [InlineData("acme", "acme", """{"rules":[{"name":"r","then":[{"type":"copy","to":"info@acme.example"}]}]}""", "done")]
    [InlineData("north", "north", """{"rules":[{"name":"r","then":[{"type":"copy","to":"info@acme.example"}]}]}""", "done")]
    [InlineData("acme -PolicyWrite", "acme", """{"policy":{"tagScore":3}}""", "Forbidden policy")]
    [InlineData("acme -PolicyWrite", "acme", """{"displayName":"Acme"}""", "done")]
    [InlineData("acme -TenantsManage", "acme", """{"displayName":"Acme"}""", "Forbidden domains")]
    [InlineData("acme -TenantsManage", "acme", """{"policy":{"tagScore":3}}""", "done")]
    [InlineData("south", "acme", """{"displayName":"Acme"}""", "NotFound")]
    [InlineData("shop", "acme", """{"displayName":"Acme"}""", "NotFound")]
    [InlineData("acme", "north", """{"displayName":"Acme"}""", "NotFound")]
    [InlineData("acme", "nobody", """{"displayName":"Acme"}""", "NotFound")]
    [InlineData("acme", "acme", """{"name":"other"}""", "Invalid name")]
    [InlineData("acme", "acme", """{"colour":"red"}""", "Invalid colour")]
    [InlineData("acme", "acme", "[]", "Invalid the document")]
    [InlineData("acme", "acme", """{"domains":null}""", "done")]
    public async Task Who_may_change_what(string who, string tenant, string patch, string expected)
    {
        await using var rig = await TreeRig.StartAsync();
        var outcome = await rig.Tenants.PatchAsync(CallerOf(who), tenant, patch, null, Cancellation);
        Assert.Equal(expected, outcome.Problem is { } p ? $"{p.Failure} {p.Field}".Trim() : "done");
    }

    [Theory]
    [InlineData("provider", "north", "done")]
    [InlineData("provider", null, "done")]
    [InlineData("north", "north", "done")]
    [InlineData("north", "south", "NotFound")]
    [InlineData("north", null, "done")]
    [InlineData("acme", "acme", "Invalid")]
    [InlineData("acme", "north", "NotFound")]
    [InlineData("north -TenantsManage", "north", "Forbidden")]
    public async Task Tenants_are_created_below_what_one_manages(string who, string? parent, string expected)
    {
        await using var rig = await TreeRig.StartAsync();
        var json = parent is null ? """{"name":"fresh"}""" : $$"""{"name":"fresh","parent":"{{parent}}"}""";
        var outcome = await rig.Tenants.CreateAsync(CallerOf(who), json, Cancellation);
        Assert.Equal(expected, outcome.Problem?.Failure.ToString() ?? "done");
        Assert.Equal(expected == "done", rig.Sites.Current.FindTenant("fresh") is not null);
    }

    [Fact]
    public async Task What_may_not_be_seen_answers_like_what_is_not_there()
    {
        await using var rig = await TreeRig.StartAsync();
        var south = TreeRig.Manager("south");
        Assert.Equal(
            rig.Tenants.Get(south, "nobody").Problem!.Detail.Replace("nobody", "acme", StringComparison.Ordinal),
            rig.Tenants.Get(south, "acme").Problem!.Detail);
        Assert.Equal(
            rig.Domains.Get(south, "nothing.example").Problem!.Detail.Replace("nothing", "acme", StringComparison.Ordinal),
            rig.Domains.Get(south, "acme.example").Problem!.Detail);
        Assert.Equal(["farm", "south"], rig.Tenants.List(south, new TenantQuery(null, null, null, null, 200, null)).Items.Select(t => t.Name));
        Assert.Equal(["farm.example"], rig.Domains.List(south, null, 200, null).Items.Select(d => d.Name));
        Assert.Equal(["acme", "farm", "north", "provider", "shop", "south"], rig.Tenants.List(Caller.Local, new TenantQuery(null, null, null, null, 200, null)).Items.Select(t => t.Name));
    }

    [Fact]
    public async Task Lists_come_page_by_page()
    {
        await using var rig = await TreeRig.StartAsync();
        var names = new List<string>();
        for (string? cursor = null; ;)
        {
            var (items, next) = rig.Tenants.List(Caller.Local, new TenantQuery(null, null, null, null, 2, cursor));
            names.AddRange(items.Select(t => t.Name));
            if ((cursor = next) is null)
            {
                break;
            }
        }

        Assert.Equal(["acme", "farm", "north", "provider", "shop", "south"], names);
        Assert.Equal(["acme", "shop"], rig.Tenants.List(Caller.Local, new TenantQuery("north", null, null, null, 2, null)).Items.Select(t => t.Name));
    }

    [Fact]
    public async Task Only_what_was_read_is_changed()
    {
        await using var rig = await TreeRig.StartAsync();
        var revision = rig.Tenants.Get(Caller.Local, "acme").Value!.Revision;
        await rig.Tenants.PatchAsync(Caller.Local, "shop", """{"displayName":"Shop"}""", null, Cancellation);
        Assert.Null((await rig.Tenants.PatchAsync(Caller.Local, "acme", """{"displayName":"A"}""", revision, Cancellation)).Problem);
        Assert.Equal(OperationFailure.Stale, (await rig.Tenants.PatchAsync(Caller.Local, "acme", """{"displayName":"B"}""", revision, Cancellation)).Problem!.Failure);
        Assert.Equal("A", rig.Sites.Current.FindTenant("acme")!.Tenant.DisplayName);
    }

    [Theory]
    [InlineData("tenant")]
    [InlineData("domain")]
    [InlineData("recipients")]
    [InlineData("rule")]
    public async Task The_number_of_an_answer_is_of_its_own_text_even_when_somebody_changes_more_meanwhile(string what)
    {
        await using var rig = await TreeRig.StartAsync();
        var parts = new TenantParts(rig.Editor, rig.Sites);
        var holidays = new TenantPart<Holiday>("holiday", "holiday", t => t.Holidays, (t, items) => t with { Holidays = items }, h => h.Name);
        Task? other = null;
        rig.Audit.Meanwhile = () =>
        {
            // It waits until the first change is made.
            other = rig.Tenants.PatchAsync(TreeRig.Manager("north"), "acme", """{"displayName":"B"}""", null, Cancellation);
            return Task.CompletedTask;
        };
        var acme = TreeRig.Manager("acme");
        var number = what switch
        {
            "tenant" => (await rig.Tenants.PatchAsync(acme, "acme", """{"displayName":"A"}""", null, Cancellation)).Value!.Revision,
            "domain" => (await rig.Domains.PutAsync(acme, "acme.example", d => d with { NextHops = ["other:25"] }, null, Cancellation)).Value!.Revision,
            "recipients" => (await rig.Recipients.ChangeAsync(acme, "acme.example", ["new"], [], replace: false, null, Cancellation)).Value!.Revision,
            _ => (await parts.PutAsync(acme, "acme", holidays, "x", """{"name":"x","date":"2026-12-25"}""", null, Cancellation)).Value!.Revision,
        };
        await other!;
        Assert.Equal((2, 3), (number, rig.Tenants.Get(acme, "acme").Value!.Revision));
        Assert.Equal(OperationFailure.Stale, (await rig.Tenants.PatchAsync(acme, "acme", """{"displayName":"A again"}""", number, Cancellation)).Problem!.Failure);
        Assert.Equal("B", rig.Sites.Current.FindTenant("acme")!.Tenant.DisplayName);
    }

    [Fact]
    public async Task One_part_of_the_tree_writes_so_much_history_a_day_and_no_more()
    {
        await using var rig = await TreeRig.StartAsync(budget: 4000);
        var acme = TreeRig.Manager("acme");
        OperationProblem? refused = null;
        var changes = 0;
        for (; refused is null && changes < 100; changes++)
        {
            refused = (await rig.Tenants.PatchAsync(acme, "acme", $$"""{"displayName":"{{changes}}"}""", null, Cancellation)).Problem;
        }

        Assert.Equal(OperationFailure.TooMany, refused?.Failure);
        Assert.InRange(changes, 3, 50);
        Assert.Equal(changes, rig.SiteOperations.Revision);
        // Its neighbours below the same reseller share it, others and the provider do not.
        Assert.Equal(OperationFailure.TooMany, (await rig.Tenants.CreateAsync(TreeRig.Manager("north"), $$"""{"name":"fresh","parent":"north","locks":[{{string.Join(',', Enumerable.Repeat("\"policy.*\"", 200))}}]}""", Cancellation)).Problem?.Failure);
        Assert.Null((await rig.Tenants.PatchAsync(TreeRig.Manager("farm"), "farm", """{"displayName":"F"}""", null, Cancellation)).Problem);
        Assert.Null((await rig.Tenants.PatchAsync(Caller.Local, "acme", """{"displayName":"P"}""", null, Cancellation)).Problem);
        rig.Time.Advance(TimeSpan.FromDays(1));
        Assert.Null((await rig.Tenants.PatchAsync(acme, "acme", """{"displayName":"next day"}""", null, Cancellation)).Problem);
    }

    [Fact]
    public async Task A_change_of_the_node_above_leaves_the_number_of_a_tenant_alone()
    {
        await using var rig = await TreeRig.StartAsync();
        await rig.Tenants.PatchAsync(Caller.Local, "north", """{"displayName":"North"}""", null, Cancellation);
        Assert.Equal((2, 1), (rig.Tenants.Get(Caller.Local, "north").Value!.Revision, rig.Tenants.Get(Caller.Local, "acme").Value!.Revision));
    }

    [Theory]
    [InlineData("acme", "new.example", DomainOwnership.Pending)]
    [InlineData("north", "new.example", DomainOwnership.Vouched)]
    public async Task A_new_domain_needs_proof_unless_the_node_above_vouches(string who, string domain, DomainOwnership expected)
    {
        await using var rig = await TreeRig.StartAsync();
        var created = await rig.Domains.CreateAsync(CallerOf(who), "acme", new Domain { Name = domain, NextHops = ["h:25"] }, Cancellation);
        Assert.Equal(expected, created.Value!.Ownership);
        Assert.Equal(expected == DomainOwnership.Pending, rig.Sites.Current.FindDomain(domain) is null);

        // The same by replacing the whole tenant.
        var json = """{"domains":[{"name":"acme.example","nextHops":["h:25"]},{"name":"other.example","nextHops":["h:25"]}],"outbound":{"networks":["10.0.0.1"]},"parent":"north"}""";
        var put = await rig.Tenants.PutAsync(CallerOf(who), "acme", json, null, Cancellation);
        Assert.Equal([DomainOwnership.Vouched, expected], put.Value!.Value.Domains.Select(d => d.Ownership));
    }

    [Fact]
    public async Task A_domain_is_proven_by_its_record()
    {
        await using var rig = await TreeRig.StartAsync();
        var acme = TreeRig.Manager("acme");
        var record = (await rig.Domains.CreateAsync(acme, "acme", new Domain { Name = "new.example", NextHops = ["h:25"] }, Cancellation)).Value!.Verification!;
        Assert.Equal(("_secuedge-challenge.new.example", "TXT"), (record.Name, record.Type));

        var missing = await rig.Domains.VerifyAsync(acme, "new.example", vouch: false, Cancellation);
        Assert.Equal(OperationFailure.Conflict, missing.Problem!.Failure);
        Assert.Contains(record.Value, missing.Problem.Detail, StringComparison.Ordinal);
        rig.Dns.Text(record.Name, "secuedge-verification=of-somebody-else");
        Assert.NotNull((await rig.Domains.VerifyAsync(acme, "new.example", vouch: false, Cancellation)).Problem);
        rig.Dns.Fails(record.Name);
        Assert.Equal(OperationFailure.Unavailable, (await rig.Domains.VerifyAsync(acme, "new.example", vouch: false, Cancellation)).Problem!.Failure);
        Assert.Equal(OperationFailure.Forbidden, (await rig.Domains.VerifyAsync(acme, "new.example", vouch: true, Cancellation)).Problem!.Failure);
        Assert.Null(rig.Sites.Current.FindDomain("new.example"));

        rig.Dns.Temporary.Clear();
        rig.Dns.Text(record.Name, record.Value);
        Assert.Equal(DomainOwnership.Proven, (await rig.Domains.VerifyAsync(acme, "new.example", vouch: false, Cancellation)).Value!.Ownership);
        Assert.NotNull(rig.Sites.Current.FindDomain("new.example"));
    }

    [Fact]
    public async Task A_claim_on_somebody_elses_domain_cannot_be_proven_with_his_record_and_names_nobody()
    {
        await using var rig = await TreeRig.StartAsync();
        var shop = TreeRig.Manager("shop");
        Assert.Null((await rig.Domains.CreateAsync(shop, "shop", new Domain { Name = "farm.example", NextHops = ["evil:25"] }, Cancellation)).Problem);
        Assert.Equal("farm", rig.Sites.Current.FindDomain("farm.example")!.Tenant.Tenant.Name);
        var vouched = await rig.Domains.VerifyAsync(TreeRig.Manager("north"), "farm.example", vouch: true, Cancellation);
        Assert.Equal(OperationFailure.Invalid, vouched.Problem!.Failure);
        Assert.DoesNotContain("farm'", vouched.Problem.Detail, StringComparison.Ordinal);
        Assert.Contains("another tenant", vouched.Problem.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_record_in_the_DNS_beats_a_word_for_somebody_else_in_the_same_revision()
    {
        await using var rig = await TreeRig.StartAsync();
        using var listener = rig.Events.Subscribe(null);
        var shop = TreeRig.Manager("shop");
        var record = (await rig.Domains.CreateAsync(shop, "shop", new Domain { Name = "farm.example", NextHops = ["shop:25"] }, Cancellation)).Value!.Verification!;
        rig.Dns.Text(record.Name, record.Value);
        Assert.Equal(DomainOwnership.Proven, (await rig.Domains.VerifyAsync(shop, "farm.example", vouch: false, Cancellation)).Value!.Ownership);

        Assert.Equal("shop", rig.Sites.Current.FindDomain("farm.example")!.Tenant.Tenant.Name);
        Assert.Equal(DomainOwnership.Pending, Assert.Single(rig.Sites.Current.FindTenant("farm")!.Tenant.Domains).Ownership);
        var newest = (await rig.Revisions.ListAsync(Caller.Local, null, 1, null, Cancellation)).Items[0];
        Assert.Equal(["tenant/farm", "tenant/shop"], newest.Documents.Order(StringComparer.Ordinal));
        var audited = (await rig.Audit.SearchAsync(new AuditQuery { Limit = 100 }, Cancellation)).Items;
        Assert.Equal(["farm", "provider"], audited.Where(e => e.Action == "domain.disproved").Select(e => e.Tenant).Order(StringComparer.Ordinal));
        Assert.Contains(audited, e => e.Action == "domain.verify" && e.Tenant == "shop");
        Assert.All(audited.Where(e => e.Tenant == "farm" && e.Action != "site.import"), e => Assert.DoesNotContain("shop", e.Actor + e.Detail, StringComparison.Ordinal));
        Assert.True(listener.TryRead(out var told));
        Assert.Equal(("domain.disproved", "farm"), (told.Event.Name, told.Event.Tenant));
        Assert.Equal(OperationFailure.Invalid, (await rig.Domains.VerifyAsync(TreeRig.Manager("south"), "farm.example", vouch: true, Cancellation)).Problem!.Failure);
    }

    [Fact]
    public async Task Two_records_in_the_DNS_are_a_conflict_that_names_nobody()
    {
        await using var rig = await TreeRig.StartAsync();
        await rig.Domains.CreateAsync(Caller.Local, "farm", new Domain { Name = "both.example", NextHops = ["h:25"], Ownership = DomainOwnership.Proven }, Cancellation);
        var shop = TreeRig.Manager("shop");
        var record = (await rig.Domains.CreateAsync(shop, "shop", new Domain { Name = "both.example", NextHops = ["h:25"] }, Cancellation)).Value!.Verification!;
        rig.Dns.Text(record.Name, record.Value);
        var refused = (await rig.Domains.VerifyAsync(shop, "both.example", vouch: false, Cancellation)).Problem!;
        Assert.Equal(OperationFailure.Conflict, refused.Failure);
        Assert.Contains("another tenant", refused.Detail, StringComparison.Ordinal);
        Assert.Equal("farm", rig.Sites.Current.FindDomain("both.example")!.Tenant.Tenant.Name);
    }

    [Fact]
    public async Task A_reseller_applies_its_part_of_the_tree_and_nothing_else()
    {
        await using var rig = await TreeRig.StartAsync();
        var north = TreeRig.Manager("north");
        var scope = new SiteScope("north", KeepOthers: false);
        var plan = await rig.SiteOperations.ImportAsync(north, """{"tenants":[{"name":"acme","parent":"north"},{"name":"fresh","parent":"north"}]}""", scope, "", plan: true, Cancellation);
        Assert.Equal(["+ tenants[fresh]", "- tenants[acme].domains[acme.example]", "- tenants[acme].outbound", "- tenants[shop]"], plan.Value!.Changes.Select(c => c.Split(':')[0]).Order(StringComparer.Ordinal));
        Assert.NotNull(rig.Sites.Current.FindTenant("shop"));

        Assert.Equal("tenants[0].name", (await rig.SiteOperations.ImportAsync(north, """{"tenants":[{"name":"farm","parent":"south"}]}""", scope, "", plan: true, Cancellation)).Problem!.Field);
        Assert.Equal("tenants[0].name", (await rig.SiteOperations.ImportAsync(north, """{"tenants":[{"name":"farm","parent":"north"}]}""", scope, "", plan: true, Cancellation)).Problem!.Field);
        Assert.Equal("tenants[0].name", (await rig.SiteOperations.ImportAsync(north, """{"tenants":[{"name":"fresh"}]}""", scope, "", plan: true, Cancellation)).Problem!.Field);
        Assert.Equal(OperationFailure.NotFound, (await rig.SiteOperations.ImportAsync(north, """{"tenants":[]}""", new SiteScope("south", false), "", plan: true, Cancellation)).Problem!.Failure);
        Assert.Equal(OperationFailure.Forbidden, (await rig.SiteOperations.ImportAsync(north, """{"tenants":[{"name":"north","kind":"reseller","service":{"mailboxQuota":5}}]}""", new SiteScope("north", true), "", plan: true, Cancellation)).Problem!.Failure);

        var applied = await rig.SiteOperations.ImportAsync(north, """{"tenants":[{"name":"fresh","parent":"north"}]}""", new SiteScope("north", KeepOthers: true), "", plan: false, Cancellation);
        Assert.True(applied.Value!.Applied);
        Assert.NotNull(rig.Sites.Current.FindTenant("shop"));
        Assert.NotNull(rig.Sites.Current.FindTenant("fresh"));
    }

    [Fact]
    public async Task Rolling_back_restores_one_tenant_or_all()
    {
        await using var rig = await TreeRig.StartAsync();
        var north = TreeRig.Manager("north");
        await rig.Tenants.PatchAsync(north, "acme", """{"displayName":"One"}""", null, Cancellation);
        var good = (await rig.Tenants.PatchAsync(north, "shop", """{"displayName":"Shop"}""", null, Cancellation)).Value!.Revision;
        await rig.Tenants.PatchAsync(north, "acme", """{"displayName":"Two","domains":[]}""", null, Cancellation);
        await rig.Tenants.PatchAsync(north, "shop", """{"displayName":"Bad"}""", null, Cancellation);

        Assert.Equal(OperationFailure.Forbidden, (await rig.Revisions.RollBackAsync(north, good, null, plan: false, Cancellation)).Problem!.Failure);
        Assert.Equal(OperationFailure.NotFound, (await rig.Revisions.RollBackAsync(TreeRig.Manager("south"), good, "acme", plan: false, Cancellation)).Problem!.Failure);
        Assert.Equal(OperationFailure.NotFound, (await rig.Revisions.RollBackAsync(north, 999, "acme", plan: false, Cancellation)).Problem!.Failure);
        var plan = await rig.Revisions.RollBackAsync(north, good, "acme", plan: true, Cancellation);
        Assert.Contains("~ tenants[acme].displayName: \"Two\" -> \"One\"", plan.Value!.Changes);
        Assert.Null(rig.Sites.Current.FindDomain("acme.example"));

        Assert.True((await rig.Revisions.RollBackAsync(north, good, "acme", plan: false, Cancellation)).Value!.Applied);
        Assert.NotNull(rig.Sites.Current.FindDomain("acme.example"));
        Assert.Equal("Bad", rig.Sites.Current.FindTenant("shop")!.Tenant.DisplayName);
        Assert.True((await rig.Revisions.RollBackAsync(Caller.Local, good, null, plan: false, Cancellation)).Value!.Applied);
        Assert.Equal("Shop", rig.Sites.Current.FindTenant("shop")!.Tenant.DisplayName);
        Assert.False((await rig.Revisions.RollBackAsync(Caller.Local, good, null, plan: false, Cancellation)).Value!.Applied);
    }

    [Fact]
    public async Task Everybody_sees_his_part_of_the_history()
    {
        await using var rig = await TreeRig.StartAsync();
        await rig.Tenants.PatchAsync(TreeRig.Manager("acme"), "acme", """{"displayName":"Acme"}""", null, Cancellation);
        var south = await rig.Revisions.ListAsync(TreeRig.Manager("south"), null, 50, null, Cancellation);
        Assert.Equal(["tenant/farm", "tenant/south"], Assert.Single(south.Items).Documents.Order());
        Assert.Equal(OperationFailure.NotFound, (await rig.Revisions.GetAsync(TreeRig.Manager("south"), 2, Cancellation)).Problem!.Failure);
        var own = await rig.Revisions.GetAsync(TreeRig.Manager("acme"), 2, Cancellation);
        Assert.Equal(["~ tenants[acme].displayName: \"\" -> \"Acme\""], own.Value!.Changes);
        Assert.Equal("manager-of-acme", own.Value.Revision.Author);
        Assert.All((await rig.Revisions.GetAsync(TreeRig.Manager("south"), 1, Cancellation)).Value!.Changes, c => Assert.DoesNotContain("acme", c, StringComparison.Ordinal));
        Assert.Equal([2], (await rig.Revisions.ListAsync(Caller.Local, "acme", 1, null, Cancellation)).Items.Select(r => r.Number));
    }

    [Fact]
    public async Task Recipients_are_changed_one_by_one_or_all_at_once()
    {
        await using var rig = await TreeRig.StartAsync();
        var acme = TreeRig.Manager("acme");
        var changed = await rig.Recipients.ChangeAsync(acme, "acme.example", ["sales", "INFO@acme.example", "x@b.example"], ["nobody"], replace: false, null, Cancellation);
        Assert.Equal(
            [RecipientOutcome.Added, RecipientOutcome.Existed, RecipientOutcome.Invalid, RecipientOutcome.Absent],
            changed.Value!.Results.Select(r => r.Result));
        Assert.Equal(["info@acme.example", "sales@acme.example"], rig.Recipients.List(acme, "acme.example", 200, null).Value!.Items);
        Assert.Equal(["sales@acme.example"], rig.Recipients.List(acme, "acme.example", 1, "info@acme.example").Value!.Items);

        var wrong = await rig.Recipients.ChangeAsync(acme, "acme.example", ["a", ""], [], replace: true, null, Cancellation);
        Assert.Equal("recipients[1]", Assert.Single(wrong.Problem!.Errors).Field);
        Assert.True(rig.Sites.Current.FindDomain("acme.example")!.HasMailbox("sales"));
        var replaced = await rig.Recipients.ChangeAsync(acme, "acme.example", ["a"], [], replace: true, null, Cancellation);
        Assert.Equal(["a Added", "info@acme.example Removed", "sales@acme.example Removed"], replaced.Value!.Results.Select(r => $"{r.Address} {r.Result}"));
        Assert.False(rig.Sites.Current.FindDomain("acme.example")!.HasMailbox("sales"));
        Assert.Equal(OperationFailure.NotFound, (await rig.Recipients.ChangeAsync(TreeRig.Manager("south"), "acme.example", ["a"], [], false, null, Cancellation)).Problem!.Failure);
    }

    /// <summary><c>north -PolicyWrite</c>: everything at the node but that.</summary>
    private static Caller CallerOf(string words) =>
        words.Split(" -") is [var node, .. var without] ? TreeRig.Manager(node, [.. without.Select(Enum.Parse<Permission>)]) : throw new ArgumentException(words);
}
