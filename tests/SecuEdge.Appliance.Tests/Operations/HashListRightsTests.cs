using Microsoft.Extensions.Logging.Abstractions;
using SecuEdge.Appliance.Operations;
using SecuEdge.Appliance.Supervision;
using SecuEdge.Filter.Scanners.HashLists;
using SecuEdge.TestKit;

namespace SecuEdge.Appliance.Tests.Operations;

/// <summary>What a customer may do with lists of hashes, besides having some.</summary>
public sealed class HashListRightsTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Only_the_provider_says_what_is_fetched_and_customers_have_ten_lists()
    {
        using var folder = new TempFolder();
        await using var rig = await TreeRig.StartAsync();
        using var store = new HashListStore(folder.Path, rig.Time, NullLogger<HashListStore>.Instance);
        var lists = new HashListOperations(store, rig.Sites, new HashListOptions(), rig.Auditor, NullLogger<HashListOperations>.Instance);
        var acme = TreeRig.Manager("acme");
        var fetched = new HashListInfo { Name = "acme_feed", Tenant = "acme", Url = new Uri("http://10.0.0.1/a"), Sha256Url = new Uri("http://10.0.0.1/b") };

        var outcomes = new List<OperationFailure?> { await ImportAsync(acme, fetched) };
        Assert.Empty(store.All);
        for (var i = 0; i < 11; i++)
        {
            outcomes.Add(await ImportAsync(acme, new HashListInfo { Name = $"acme_{i}", Tenant = "acme" }));
        }

        outcomes.Add(await ImportAsync(acme, new HashListInfo { Name = "acme_0", Tenant = "acme" }));
        outcomes.Add(await ImportAsync(Caller.Local, fetched));

        Assert.Equal([OperationFailure.Forbidden, .. Enumerable.Repeat<OperationFailure?>(null, 10), OperationFailure.Conflict, null, null], outcomes);
        Assert.Equal((10L << 20, 1L << 30), (lists.MaxBytes(acme), lists.MaxBytes(Caller.Local)));

        async Task<OperationFailure?> ImportAsync(Caller caller, HashListInfo draft) =>
            (await lists.ImportAsync(caller, draft, new MemoryStream(), null, Cancellation)).Problem?.Failure;
    }
}
