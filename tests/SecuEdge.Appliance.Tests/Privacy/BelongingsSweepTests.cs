using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using SecuEdge.Appliance.Privacy;
using SecuEdge.Appliance.Settings;
using SecuEdge.Appliance.Tests.Access;
using SecuEdge.Appliance.Webhooks;
using SecuEdge.Filter.Scanners.HashLists;
using SecuEdge.Store;
using SecuEdge.Store.State;
using SecuEdge.TestKit;

namespace SecuEdge.Appliance.Tests.Privacy;

/// <summary>What a node leaves behind when no deletion erased it, and what the next one of its name finds.</summary>
public sealed class BelongingsSweepTests : IAsyncDisposable
{
    private readonly TempFolder _folder = new(inMemory: true);
    private readonly AccessRig _rig = new();
    private readonly IReadOnlyList<Tenant> _all;
    private readonly WebhookStore _hooks;
    private readonly HashListStore _lists;
    private readonly BelongingsSweep _sweep;

    public BelongingsSweepTests()
    {
        _hooks = new WebhookStore(new JournalFolder(new StoreOptions { DataFolder = _folder.Path }), new MemoryStateFiles(), new WebhookOptions(), NullLogger<WebhookStore>.Instance);
        _hooks.Load();
        _all = _rig.Sites.Current.Site.Tenants;
        _lists = new HashListStore(Path.Combine(_folder.Path, "hashlists"), _rig.Time, NullLogger<HashListStore>.Instance);
        _sweep = new BelongingsSweep([new TenantWebhooks(_hooks), new TenantHashLists(_lists)], _rig.Sites, _rig.Auditor, _rig.Time, NullLogger<BelongingsSweep>.Instance);
    }

    [Fact]
    public async Task A_new_node_of_the_name_inherits_neither_webhooks_nor_lists()
    {
        await FillAsync("acme", "bolt", "");
        await _sweep.StartAsync(AccessRig.Cancelled);
        Drop("acme");
        _rig.SetTenants([.. _all]);
        _rig.Time.Advance(TimeSpan.FromSeconds(1));
        Add("acme", "new");
        await RunningGateway.EventuallyAsync(() => Task.FromResult(Left() == "acme/new bolt/old 0-nobody bolt-old"));
        Assert.Equal(["acme", "acme"], _rig.Audit.Entries.Select(e => e.Tenant));
        Assert.Equal(["hash-list.delete", "webhook.delete"], _rig.Audit.Entries.Select(e => e.Action).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task What_went_before_the_start_goes_then_and_what_only_cannot_be_read_stays()
    {
        await FillAsync("acme", "lost", "unread");
        _rig.Sites.Current = new SiteDirectory(_rig.Sites.Current.Site) { Unusable = [new UnusableTenant("unread", "a word is wrong", null)] };
        await _sweep.StartAsync(AccessRig.Cancelled);
        await RunningGateway.EventuallyAsync(() => Task.FromResult(Left() == "acme/old unread/old acme-old unread-old"));
    }

    [Fact]
    public async Task What_could_not_be_written_down_goes_as_soon_as_it_can()
    {
        await FillAsync("acme", "bolt");
        await _sweep.StartAsync(AccessRig.Cancelled);
        _rig.Audit.IsFull = true;
        var tries = 0;
        _rig.Audit.Meanwhile = () => Task.FromResult(Interlocked.Increment(ref tries));
        Drop("acme");
        await RunningGateway.EventuallyAsync(() => Task.FromResult(Volatile.Read(ref tries) > 0));
        _rig.SetTenants([.. _all]);
        _rig.Audit.IsFull = false;
        await RunningGateway.EventuallyAsync(() =>
        {
            _rig.Time.Advance(TimeSpan.FromMinutes(1));
            return Task.FromResult(Left() == "bolt/old bolt-old");
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _sweep.StopAsync(CancellationToken.None);
        _sweep.Dispose();
        _hooks.Dispose();
        _lists.Dispose();
        await _rig.DisposeAsync();
        _folder.Dispose();
    }

    private void Drop(string node)
    {
        _rig.Time.Advance(TimeSpan.FromSeconds(1));
        _rig.SetTenants([.. _all.Where(t => t.Name != node)]);
    }

    private async Task FillAsync(params string[] nodes)
    {
        foreach (var node in nodes)
        {
            if (node.Length > 0)
            {
                Add(node, "old");
            }

            using var text = new MemoryStream(Encoding.ASCII.GetBytes(new string('a', 64) + "\n"));
            var import = await _lists.ImportAsync(new HashListInfo { Name = node.Length > 0 ? $"{node}-old" : "0-nobody", Tenant = node }, text, null, AccessRig.Cancelled);
            Assert.Empty(import.Errors);
        }
    }

    private void Add(string node, string name) => _hooks.Put(new Webhook
    {
        Name = name,
        Tenant = node,
        Url = new Uri("https://example.com/"),
        Events = ["*"],
        Secret = WebhookCaller.NewSecret(),
        CreatedAt = _rig.Time.GetUtcNow(),
    });

    private string Left() => string.Join(' ', _hooks.All.Select(h => h.Key).Concat(_lists.All.Select(l => l.Name)));
}
