using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SecuEdge.Store.Accounts;
using SecuEdge.TestKit;

namespace SecuEdge.Store.Tests;

/// <summary>A change of accounts that somebody must hear of before it is made.</summary>
public sealed class AcceptedChangeTests : IDisposable
{
    private readonly TempFolder _folder = new(inMemory: true);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private static Delegation Help => new() { Id = "d", Node = "acme", Role = "helpdesk", Consent = "yes", CreatedBy = "anna", CreatedAt = DateTimeOffset.UnixEpoch, ExpiresAt = DateTimeOffset.UnixEpoch };

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Who_refuses_leaves_everything_as_it_was_also_after_a_restart()
    {
        await using (var store = Open())
        {
            await Assert.ThrowsAsync<IOException>(() => store.ChangeAsync(Put, (_, _) => throw new IOException("no"), Cancelled));
            Assert.Empty(store.Delegations);
        }

        await using var again = Open();
        Assert.Empty(again.Delegations);
    }

    [Fact]
    public async Task Nobody_sees_the_change_before_it_is_accepted()
    {
        await using var store = Open();
        await store.ChangeAsync(
            Put,
            async (_, commit) =>
            {
                await Task.Yield();
                Assert.Empty(store.Delegations);
                commit();
                Assert.Single(store.Delegations);
            },
            Cancelled);
        Assert.Single(store.Delegations);
    }

    [Fact]
    public async Task What_changes_nothing_is_not_asked_about()
    {
        await using var store = Open();
        Assert.False(await store.ChangeAsync(_ => false, (_, _) => throw new IOException("asked"), Cancelled));
    }

    private static bool Put(AccountDraft draft)
    {
        draft.Put(Help);
        return true;
    }

    private AccountStore Open() => AccountStore.Open(new StoreOptions { DataFolder = _folder.Path }, new FakeTimeProvider(), NullLogger.Instance);
}
