using System.Globalization;
using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Operations;
using SecuEdge.Appliance.Settings;

namespace SecuEdge.Appliance.Tests.Operations;

/// <summary>Finding tenants, where new ones stand when nobody says so, and whose fault it is when two collide.</summary>
public sealed class TenantPlacesTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("shop", null, null, "shop")]
    [InlineData("FARM.exa", null, null, "farm")]
    [InlineData(null, TenantState.Suspended, null, "acme")]
    [InlineData(null, null, "2026-12-31", "shop")]
    [InlineData(null, null, "2000-01-01", "")]
    [InlineData("acme", TenantState.Active, null, "")]
    public async Task Tenants_are_found_by_name_domain_state_and_end_of_trial(string? text, TenantState? state, string? before, string expected)
    {
        await using var rig = await TreeRig.StartAsync();
        await rig.Tenants.SetStateAsync(Caller.Local, "acme", TenantState.Suspended, Cancellation);
        await rig.Tenants.PatchAsync(Caller.Local, "shop", """{"trial":{"start":"2026-12-01T00:00:00Z","end":"2026-12-15T00:00:00Z"}}""", null, Cancellation);
        var end = before is null ? (DateTimeOffset?)null : DateTimeOffset.Parse(before, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
        Assert.Equal(expected, string.Join(' ', rig.Tenants.List(Caller.Local, new TenantQuery(null, text, state, end, 200, null)).Items.Select(t => t.Name)));
    }

    [Fact]
    public async Task What_collides_is_told_at_the_field_that_was_sent_with_the_name_of_its_owner()
    {
        await using var rig = await TreeRig.StartAsync();
        var north = TreeRig.Manager("north");
        Assert.Equal(
            "name: 'acme.example' already belongs to tenant 'acme'",
            (await rig.Domains.CreateAsync(Caller.Local, "shop", new Domain { Name = "acme.example", NextHops = ["h:25"] }, Cancellation)).Problem!.Detail);

        // Before acme in the order of names, and so once blamed on acme.
        Assert.Equal(
            "outbound.networks[0]: '10.0.0.0/24' contains a network of tenant 'acme'; name only the customer's own servers",
            (await rig.Tenants.CreateAsync(north, """{"name":"aaa","outbound":{"networks":["10.0.0.0/24"]}}""", Cancellation)).Problem!.Detail);
        Assert.Equal(
            "outbound.networks[0]: '10.0.0.1' already belongs to tenant 'acme'",
            (await rig.Tenants.CreateAsync(north, """{"name":"aaa","outbound":{"networks":["10.0.0.1"]}}""", Cancellation)).Problem!.Detail);
        Assert.Equal(
            "domain: 'farm.example' already belongs to another tenant",
            (await rig.Trials.StartAsync(north, new TrialRequest { Name = "aaa", Domain = "farm.example", NextHops = ["h:25"] }, Cancellation)).Problem!.Detail);
    }

    [Fact]
    public async Task A_tenant_that_is_put_without_its_parent_stays_where_it_is()
    {
        await using var rig = await TreeRig.StartAsync();
        var outcome = await rig.Tenants.PutAsync(TreeRig.Manager("north"), "shop", """{"displayName":"The shop"}""", null, Cancellation);
        Assert.Equal(("north", "The shop"), (outcome.Value!.Value.Parent, outcome.Value.Value.DisplayName));
    }

    [Fact]
    public async Task Of_several_nodes_one_must_be_named_and_the_answer_names_them()
    {
        await using var rig = await TreeRig.StartAsync();
        var both = new Caller("both") { Grants = [new Grant("north", Grant.All), new Grant("shop", Grant.All), new Grant("south", Grant.All)] };
        var problem = (await rig.Tenants.CreateAsync(both, """{"name":"fresh"}""", Cancellation)).Problem!;
        Assert.Equal((OperationFailure.Invalid, "parent", "name the node; you may do this on 'north', 'south'"), (problem.Failure, problem.Field, problem.Detail));
    }
}
