using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using SecuEdge.Appliance.Directories;
using SecuEdge.Appliance.MailFlow;
using SecuEdge.Appliance.Operations;
using SecuEdge.Appliance.Settings;
using SecuEdge.Appliance.Tests.Operations;
using SecuEdge.Smtp;
using SecuEdge.Store.Settings;
using SecuEdge.TestKit;

namespace SecuEdge.Appliance.Tests.Settings;

/// <summary>Whatever is stored, the appliance starts; mail of whoever's settings cannot be used waits, all others' flows.</summary>
public sealed class UnusableTenantTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 8, 0, 0, TimeSpan.Zero);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("a field of a later version", """{"name":"acme","parent":"north","colour":"red","domains":[{"name":"acme.example","nextHops":["h:25"]}],"outbound":{"networks":["10.0.0.1"]}}""")]
    [InlineData("wrong types everywhere", """{"name":"acme","parent":7,"state":[],"domains":[{"name":"acme.example","nextHops":"h:25"},5],"outbound":{"networks":["10.0.0.1",5,"x"]}}""")]
    [InlineData("a bad value", """{"name":"acme","parent":"north","domains":[{"name":"acme.example","nextHops":["h:25"],"recipients":["a b"]}],"outbound":{"networks":["10.0.0.1"]},"policy":{"tagScore":-5}}""")]
    [InlineData("a parent that is gone", """{"name":"acme","parent":"west","domains":[{"name":"acme.example","nextHops":["h:25"]}],"outbound":{"networks":["10.0.0.1"]}}""")]
    [InlineData("a circle", """{"name":"acme","kind":"reseller","parent":"acme","domains":[{"name":"acme.example","nextHops":["h:25"]}],"outbound":{"networks":["10.0.0.1"]}}""")]
    [InlineData("pieces of a list that are not there", """{"name":"acme","parent":"north","domains":[{"name":"acme.example","nextHops":["h:25"],"recipients":{"pieces":4,"count":2000,"digest":"00"}}],"outbound":{"networks":["10.0.0.1"]}}""")]
    [InlineData("no object", """["acme.example"]""")]
    [InlineData("a rule that cannot be compiled", """{"name":"acme","parent":"north","domains":[{"name":"acme.example","nextHops":["h:25"]}],"outbound":{"networks":["10.0.0.1"]},"rules":[{"name":"r","when":{"type":"recipientIn","group":"none"},"then":[]}]}""")]
    public async Task Its_mail_waits_and_all_other_mail_flows(string why, string document)
    {
        Assert.NotEmpty(why);
        await using var rig = await RestartWithAsync("acme", document);
        Assert.Contains(rig.Sites.Current.Unusable, u => u.Name == "acme");
        Assert.All(rig.Sites.Current.Unusable, u => Assert.NotEmpty(u.Reason));
        Assert.Equal(451, Ask(rig, "info@acme.example"));
        Assert.Equal(451, Ask(rig, "x@elsewhere.example", from: "10.0.0.1"));
        Assert.Null(Ask(rig, "info@farm.example"));
        Assert.Equal(451, Ask(rig, "x@unknown.example"));
    }

    [Fact]
    public async Task Everybody_below_a_reseller_waits_with_him()
    {
        await using var rig = await RestartWithAsync("north", """{"name":"north","kind":"reseller","policy":{"nonsense":1}}""");
        Assert.Equal(451, Ask(rig, "info@acme.example"));
        Assert.Null(Ask(rig, "info@farm.example"));
    }

    [Fact]
    public async Task Without_the_policy_of_the_provider_all_mail_waits()
    {
        await using var rig = await RestartWithAsync("provider", """{"name":"provider","kind":"provider","policy":{"nonsense":1}}""");
        Assert.Equal(451, Ask(rig, "info@acme.example"));
        Assert.Equal(451, Ask(rig, "info@farm.example"));
    }

    [Fact]
    public async Task What_cannot_be_read_is_not_written_over_by_a_part_and_is_mended_by_a_roll_back()
    {
        const string Document = """{"name":"acme","parent":"north","colour":"red","domains":[{"name":"acme.example","nextHops":["h:25"]}]}""";
        await using var rig = await RestartWithAsync("acme", Document);
        var patched = await rig.Recipients.ChangeAsync(Caller.Local, "acme.example", ["eva"], [], replace: false, null, Cancellation);
        Assert.Equal(OperationFailure.Conflict, patched.Problem!.Failure);
        Assert.Equal(Document, rig.Store.Documents["tenant/acme"].Json);

        // The export as it is changes nothing, either.
        Assert.Empty((await rig.SiteOperations.ImportAsync(Caller.Local, rig.SiteOperations.Export(), "", plan: false, Cancellation)).Value!.Changes);
        Assert.Single(rig.Sites.Current.Unusable);

        // Others are changed as always.
        Assert.Null((await rig.Recipients.ChangeAsync(Caller.Local, "farm.example", ["eva"], [], replace: false, null, Cancellation)).Problem);
        Assert.Single(rig.Sites.Current.Unusable);

        Assert.Null((await rig.Revisions.RollBackAsync(Caller.Local, 1, "acme", plan: false, Cancellation)).Problem);
        Assert.Empty(rig.Sites.Current.Unusable);
        Assert.Null(Ask(rig, "info@acme.example"));
        Assert.Equal(554, Ask(rig, "x@unknown.example"));
    }

    [Fact]
    public async Task It_is_mended_by_an_import_too()
    {
        await using var rig = await RestartWithAsync("acme", """["acme.example"]""");
        var site = JsonNode.Parse(rig.SiteOperations.Export())!;
        var tenants = site["tenants"]!.AsArray();
        tenants.RemoveAll(t => t!["name"]!.ToString() == "acme");
        tenants.Add(JsonNode.Parse("""{"name":"acme","parent":"north","domains":[{"name":"acme.example","nextHops":["h:25"]}]}"""));
        Assert.Null((await rig.SiteOperations.ImportAsync(Caller.Local, site.ToJsonString(), "", plan: false, Cancellation)).Problem);
        Assert.Empty(rig.Sites.Current.Unusable);
        Assert.Null(Ask(rig, "info@acme.example"));
    }

    private static async Task<TreeRig> RestartWithAsync(string tenant, string document)
    {
        var rig = await TreeRig.StartAsync();
        await rig.Store.SaveAsync([new DocumentWrite($"tenant/{tenant}", document)], "somebody", "", Cancellation);
        return await rig.RestartAsync();
    }

    /// <summary>The code of the refusal; null when mail is taken.</summary>
    private static int? Ask(TreeRig rig, string recipient, string? from = null)
    {
        Assert.True(MailPath.TryParse(recipient, out var path));
        var connection = new SmtpConnection
        {
            Id = "1",
            Role = from is null ? ListenerRole.Inbound : ListenerRole.Outbound,
            Remote = new IPEndPoint(IPAddress.Parse(from ?? "192.0.2.1"), 1),
            Local = new IPEndPoint(IPAddress.Loopback, 25),
            OpenedAt = Now,
        };
        var recipients = new DirectoryRecipients(new DirectoryShelf(new MemoryStateFiles(), NullLogger<DirectoryShelf>.Instance));
        return RelayRule.Decide(rig.Sites.Current, recipients, connection, path, Now).Refusal?.Code;
    }
}
