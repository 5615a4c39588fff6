using SecuEdge.Appliance.Operations;
using SecuEdge.TestKit;

namespace SecuEdge.Appliance.Tests.Operations;

/// <summary>A site file at every start, beside an API that people use meanwhile.</summary>
public sealed class SiteFileTests : IDisposable
{
    private readonly TempFolder _folder = new(inMemory: true);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_people_changed_survives_a_start_and_what_left_the_file_goes()
    {
        await using var rig = await TreeRig.StartAsync();
        Assert.Null(await StartAsync(rig, """{"tenants":[{"name":"one"},{"name":"two"}]}"""));
        await rig.Tenants.PatchAsync(Caller.Local, "one", """{"state":"suspended"}""", null, Cancellation);
        await rig.Tenants.CreateAsync(Caller.Local, """{"name":"by-hand"}""", Cancellation);

        Assert.Null(await StartAsync(rig, """{"tenants":[{"name":"one"},{"name":"two"}]}"""));
        Assert.Equal("acme by-hand farm north one shop south two", Names(rig));
        Assert.True(rig.Sites.Current.FindTenant("one")!.IsSuspended(rig.Time.GetUtcNow()));

        Assert.Null(await StartAsync(rig, """{"tenants":[{"name":"one"}]}"""));
        Assert.Equal("acme by-hand farm north one shop south", Names(rig));
        Assert.False(rig.Sites.Current.FindTenant("one")!.IsSuspended(rig.Time.GetUtcNow()));
    }

    [Fact]
    public async Task A_wrong_file_is_said_at_every_start_and_changes_nothing()
    {
        await using var rig = await TreeRig.StartAsync();
        for (var i = 0; i < 2; i++)
        {
            Assert.Contains("tenants[0].name", (await StartAsync(rig, """{"tenants":[{"name":"Bad Name"}]}"""))!.Detail, StringComparison.Ordinal);
        }

        Assert.Equal("acme farm north shop south", Names(rig));
    }

    public void Dispose() => _folder.Dispose();

    private static string Names(TreeRig rig) => string.Join(' ', rig.Sites.Current.Site.Tenants.Select(t => t.Name));

    private async Task<OperationProblem?> StartAsync(TreeRig rig, string json)
    {
        var path = Path.Combine(_folder.Path, "site.json");
        await File.WriteAllTextAsync(path, json, Cancellation);
        return await new SiteFile(rig.SiteOperations, rig.States).ImportAsync(path, Cancellation);
    }
}
