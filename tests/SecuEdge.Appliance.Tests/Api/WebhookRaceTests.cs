using Microsoft.Extensions.Logging.Abstractions;
using SecuEdge.Appliance.Operations;
using SecuEdge.Appliance.Settings;
using SecuEdge.Appliance.Webhooks;
using SecuEdge.Store;
using SecuEdge.Store.State;
using SecuEdge.TestKit;

namespace SecuEdge.Appliance.Tests.Api;

/// <summary>What happens to a webhook while a change of it is being written down.</summary>
public sealed class WebhookRaceTests : IDisposable
{
    private readonly TempFolder _folder = new(inMemory: true);
    private readonly MemoryAuditLog _audit = new();
    private readonly WebhookCaller _http = new(new WebhookOptions(), TimeProvider.System);
    private readonly WebhookStore _store;
    private readonly WebhookOperations _operations;
    private readonly Webhook _hook = new()
    {
        Name = "h",
        Tenant = "acme",
        Url = new Uri("https://example.com/"),
        Events = ["*"],
        Secret = WebhookCaller.NewSecret(),
        CreatedAt = DateTimeOffset.UnixEpoch,
    };

    public WebhookRaceTests()
    {
        _store = new WebhookStore(new JournalFolder(new StoreOptions { DataFolder = _folder.Path }), new MemoryStateFiles(), new WebhookOptions(), NullLogger<WebhookStore>.Instance);
        _store.Load();
        _store.Put(_hook);
        var sites = new SiteHolder { Current = new SiteDirectory(new Site { Tenants = [new Tenant { Name = "acme" }] }) };

        // Nothing here is called, so nobody needs the runner.
        _operations = new WebhookOperations(_store, null!, _http, new WebhookOptions(), sites, new Auditor(_audit, TimeProvider.System), TimeProvider.System);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_webhook_that_is_deleted_during_a_change_does_not_come_back()
    {
        Task<Outcome<string>>? deletion = null;
        _audit.Meanwhile = () =>
        {
            deletion = _operations.DeleteAsync(Caller.Local, "h", null, Cancellation);
            return Task.CompletedTask;
        };
        Assert.Null((await _operations.RotateAsync(Caller.Local, "h", null, Cancellation)).Problem);
        Assert.Null((await deletion!).Problem);
        Assert.Null(_store.Find(_hook.Key));
    }

    [Fact]
    public async Task A_webhook_whose_tenant_goes_during_a_change_does_not_come_back()
    {
        _audit.Meanwhile = () => Task.FromResult(_store.Remove(_hook.Key));
        Assert.Equal(OperationFailure.NotFound, (await _operations.RotateAsync(Caller.Local, "h", null, Cancellation)).Problem?.Failure);
        Assert.Null(_store.Find(_hook.Key));
        Assert.Equal([true, false], _audit.Entries.Select(e => e.Succeeded));
    }

    [Fact]
    public async Task A_webhook_that_is_switched_off_during_a_change_stays_off()
    {
        _audit.Meanwhile = () =>
        {
            var delivery = new WebhookDelivery { Id = "1", Event = "x", At = DateTimeOffset.UnixEpoch, Try = 1, Succeeded = false, Milliseconds = 1, Reply = "" };
            _store.Settle(_hook.Key, delivery, null, h => h with { Enabled = false, DisabledReason = "nobody answers" });
            return Task.CompletedTask;
        };
        Assert.Null((await _operations.RotateAsync(Caller.Local, "h", null, Cancellation)).Problem);
        Assert.Equal((false, "nobody answers"), (_store.Find(_hook.Key)!.Enabled, _store.Find(_hook.Key)!.DisabledReason));
        Assert.NotEqual(_hook.Secret, _store.Find(_hook.Key)!.Secret);
    }

    public void Dispose()
    {
        _operations.Dispose();
        _http.Dispose();
        _store.Dispose();
        _folder.Dispose();
    }
}
