using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Operations;
using SecuEdge.Appliance.Settings;

namespace SecuEdge.Appliance.Tests.Operations;

/// <summary>What a node has agreed with the node above it stays so, whichever way the node itself tries to change it.</summary>
public sealed class AgreementTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Way, field, what was agreed, what the node would like.</summary>
    public static TheoryData<string, string, string, string> Wishes
    {
        get
        {
            (string Field, string Agreed, string Wish)[] wishes =
            [
                ("state", """{"state":"suspended"}""", """{"state":"active"}"""),
                ("trial", """{"trial":{"start":"2026-01-01T00:00:00Z","end":"2026-02-01T00:00:00Z"}}""", """{"trial":{"start":"2026-01-01T00:00:00Z","end":"2027-01-01T00:00:00Z"}}"""),
                ("trial", """{"trial":{"start":"2026-01-01T00:00:00Z","end":"2026-02-01T00:00:00Z"}}""", """{"trial":null}"""),
                ("trial", """{"trial":{"start":"2026-01-01T00:00:00Z","end":"2026-02-01T00:00:00Z"}}""", """{"trial":{"start":"2026-01-01T00:00:00Z","end":"2026-02-01T00:00:00Z","atEnd":"continue"}}"""),
                ("service.mailboxQuota", """{"service":{"mailboxQuota":5}}""", """{"service":{"mailboxQuota":500}}"""),
                ("service.mailboxQuota", """{"service":{"mailboxQuota":5}}""", """{"service":{"mailboxQuota":null}}"""),
                ("locks", """{"locks":["policy.tagScore"]}""", """{"locks":[]}"""),
                ("outbound.networks", """{"outbound":{"networks":["10.0.0.1"]}}""", """{"outbound":{"networks":["0.0.0.0/0"]}}"""),
                ("kind", "{}", """{"kind":"reseller"}"""),
                ("kind", "{}", """{"kind":"provider"}"""),
                ("parent", "{}", """{"parent":"south"}"""),
                ("parent", "{}", """{"parent":null}"""),
            ];
            var data = new TheoryData<string, string, string, string>();
            foreach (var (name, agreed, wish) in wishes)
            {
                // A tenant that is put without a parent stays where it is.
                foreach (var way in (string[])(wish == """{"parent":null}""" ? ["patch", "apply"] : ["patch", "put", "apply"]))
                {
                    data.Add(way, name, agreed, wish);
                }
            }

            // By going back to when it was not agreed yet.
            foreach (var agreed in (string[])["""{"state":"suspended"}""", """{"trial":{"start":"2026-01-01T00:00:00Z","end":"2026-02-01T00:00:00Z"}}""", """{"service":{"mailboxQuota":5}}""", """{"locks":["policy.tagScore"]}"""])
            {
                data.Add("rollback", agreed.Split('"') is [_, "service", ..] ? "service.mailboxQuota" : agreed.Split('"')[1], agreed, "");
            }

            data.Add("resume", "state", """{"state":"suspended"}""", "");
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Wishes))]
    public async Task A_node_does_not_change_it_by_itself(string way, string field, string agreed, string wish)
    {
        await using var rig = await TreeRig.StartAsync();
        Assert.Null((await rig.Tenants.PatchAsync(TreeRig.Manager("north"), "acme", agreed, null, Cancellation)).Problem);
        var before = rig.Sites.Current.FindTenant("acme")!.Tenant;
        var acme = TreeRig.Manager("acme");

        var problem = await TryAsync(rig, acme, way, wish, before);
        Assert.Equal((OperationFailure.Forbidden, field), (problem?.Failure, problem?.Field));
        Assert.Same(before, rig.Sites.Current.FindTenant("acme")!.Tenant);
        Assert.DoesNotContain("south", problem!.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("provider")]
    [InlineData("south")]
    [InlineData("farm")]
    [InlineData("nobody")]
    public async Task A_reseller_reaches_neither_up_nor_aside(string target)
    {
        await using var rig = await TreeRig.StartAsync();
        var north = TreeRig.Manager("north");
        var scope = new SiteScope(target, KeepOthers: true);
        OperationProblem?[] problems =
        [
            rig.Tenants.Get(north, target).Problem,
            rig.Tenants.Settings(north, target, null, null).Problem,
            (await rig.Tenants.PatchAsync(north, target, """{"displayName":"Mine"}""", null, Cancellation)).Problem,
            (await rig.Tenants.PutAsync(north, target, "{}", 7, Cancellation)).Problem,
            (await rig.Tenants.SetStateAsync(north, target, TenantState.Suspended, Cancellation)).Problem,
            (await rig.Tenants.SetStateAsync(north, target, TenantState.Active, Cancellation)).Problem,
            (await rig.Revisions.RollBackAsync(north, 1, target, plan: false, Cancellation)).Problem,
            (await rig.SiteOperations.ImportAsync(north, """{"tenants":[]}""", scope, "", plan: false, Cancellation)).Problem,
            (await rig.Domains.CreateAsync(north, target, new Domain { Name = "new.example", NextHops = ["h:25"] }, Cancellation)).Problem,
        ];
        Assert.All(problems, p => Assert.Equal((OperationFailure.NotFound, SiteEditor.NoTenant(target).Detail), (p?.Failure, p?.Detail)));
    }

    /// <summary>Way, and what the customer would like.</summary>
    public static TheoryData<string, string> WishesBelowALock
    {
        get
        {
            var data = new TheoryData<string, string> { { "rollback", "" } };
            foreach (var way in (string[])["patch", "put", "apply"])
            {
                data.Add(way, """{"policy":{"tagScore":9}}""");
                data.Add(way, """{"policy":{"profile":"minimal"}}""");
                data.Add(way, """{"domains":[{"name":"acme.example","nextHops":["h:25"],"recipients":["info"],"policy":{"tagScore":9}}]}""");
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(WishesBelowALock))]
    public async Task What_a_reseller_locks_at_his_own_node_stays_so_below_him(string way, string wish)
    {
        await using var rig = await TreeRig.StartAsync();
        var (north, acme) = (TreeRig.Manager("north"), TreeRig.Manager("acme"));
        var former = (await rig.Tenants.PatchAsync(acme, "acme", """{"policy":{"tagScore":4.5}}""", null, Cancellation)).Value!.Revision;
        await rig.Tenants.PatchAsync(acme, "acme", """{"policy":{"tagScore":null}}""", null, Cancellation);
        Assert.Null((await rig.Tenants.PatchAsync(north, "north", """{"policy":{"tagScore":4},"locks":["policy.tagScore","policy.profile"]}""", null, Cancellation)).Problem);
        var before = rig.Sites.Current.FindTenant("acme")!.Tenant;

        var problem = way == "rollback"
            ? (await rig.Revisions.RollBackAsync(acme, former, "acme", plan: false, Cancellation)).Problem
            : await TryAsync(rig, acme, way, wish, before);
        Assert.Equal(OperationFailure.Invalid, problem?.Failure);
        Assert.Contains("is locked by 'north'", problem!.Detail, StringComparison.Ordinal);
        Assert.Equal(4, rig.Sites.Current.FindTenant("acme")!.Policy.TagScore);
        Assert.Equal(OperationFailure.NotFound, (await rig.Tenants.PatchAsync(acme, "north", """{"locks":[]}""", null, Cancellation)).Problem?.Failure);

        // Himself it does not bind, and who locks may unlock.
        Assert.Null((await rig.Tenants.PatchAsync(north, "north", """{"policy":{"tagScore":3}}""", null, Cancellation)).Problem);
        Assert.Null((await rig.Tenants.PatchAsync(north, "north", """{"locks":[]}""", null, Cancellation)).Problem);
        Assert.Null((await rig.Tenants.PatchAsync(acme, "acme", """{"policy":{"tagScore":4.5}}""", null, Cancellation)).Problem);
    }

    [Fact]
    public async Task A_reseller_unlocks_nothing_that_is_locked_above_him()
    {
        await using var rig = await TreeRig.StartAsync();
        var north = TreeRig.Manager("north");
        Assert.Null((await rig.Tenants.PatchAsync(Caller.Local, "provider", """{"locks":["policy.tagScore"]}""", null, Cancellation)).Problem);
        Assert.Null((await rig.Tenants.PatchAsync(north, "north", """{"locks":["policy.profile"]}""", null, Cancellation)).Problem);
        Assert.Null((await rig.Tenants.PatchAsync(north, "north", """{"locks":[]}""", null, Cancellation)).Problem);
        Assert.Equal(OperationFailure.Invalid, (await rig.Tenants.PatchAsync(north, "acme", """{"policy":{"tagScore":9}}""", null, Cancellation)).Problem?.Failure);
        Assert.Equal("provider", rig.Sites.Current.FindTenant("acme")!.Inherited["policy.tagScore"]);
    }

    [Fact]
    public async Task A_locked_rule_and_a_locked_setting_stay_below()
    {
        await using var rig = await TreeRig.StartAsync();
        Assert.Null((await rig.Tenants.PatchAsync(
            Caller.Local, "north", """{"rules":[{"name":"house","locked":true,"then":[{"type":"quarantine"}]}],"policy":{"tagScore":4},"locks":["policy.tagScore"]}""", null, Cancellation)).Problem);
        var acme = TreeRig.Manager("acme");

        foreach (var rule in (string[])["""{"name":"house","then":[{"type":"deliver"}]}""", """{"name":"house","enabled":false,"then":[{"type":"quarantine"}]}""", """{"name":"house","locked":true,"then":[{"type":"deliver"}]}"""])
        {
            Assert.Equal("rules[0].name", (await rig.Tenants.PatchAsync(acme, "acme", $$"""{"rules":[{{rule}}]}""", null, Cancellation)).Problem?.Field);
        }

        await rig.Tenants.PatchAsync(acme, "acme", """{"policy":{"tagScore":9}}""", null, Cancellation);
        var policy = rig.Sites.Current.FindTenant("acme")!.Policy;
        Assert.Equal(4, policy.TagScore);
        Assert.Equal("north", Assert.Single(policy.Rules.Rules, r => r.Rule.Name == "house").Node);

        // What is not locked can be replaced, so that the lock is what holds.
        Assert.Null((await rig.Tenants.PatchAsync(Caller.Local, "north", """{"rules":[{"name":"house","then":[{"type":"quarantine"}]}]}""", null, Cancellation)).Problem);
        Assert.Null((await rig.Tenants.PatchAsync(acme, "acme", """{"rules":[{"name":"house","then":[{"type":"deliver"}]}]}""", null, Cancellation)).Problem);
        Assert.Equal("acme", Assert.Single(rig.Sites.Current.FindTenant("acme")!.Policy.Rules.Rules, r => r.Rule.Name == "house").Node);
    }

    private static async Task<OperationProblem?> TryAsync(TreeRig rig, Caller caller, string way, string wish, Tenant before)
    {
        switch (way)
        {
            case "patch":
                return (await rig.Tenants.PatchAsync(caller, "acme", wish, null, Cancellation)).Problem;
            case "put":
                return (await rig.Tenants.PutAsync(caller, "acme", Text(before, wish), null, Cancellation)).Problem;
            case "apply":
                return (await rig.SiteOperations.ImportAsync(caller, $$"""{"tenants":[{{Text(before, wish)}}]}""", new SiteScope("acme", KeepOthers: true), "", plan: false, Cancellation)).Problem;
            case "rollback":
                return (await rig.Revisions.RollBackAsync(caller, 1, "acme", plan: false, Cancellation)).Problem;
            default:
                return (await rig.Tenants.SetStateAsync(caller, "acme", TenantState.Active, Cancellation)).Problem;
        }
    }

    private static string Text(Tenant before, string wish) => System.Text.Json.JsonSerializer.Serialize(MergePatch.Apply(before, wish).Value, SiteJson.Options);
}
