using Microsoft.Extensions.Time.Testing;
using SecuEdge.Appliance.Operations;
using SecuEdge.Store.Audit;
using SecuEdge.TestKit;

namespace SecuEdge.Appliance.Tests.Operations;

/// <summary>Written down, done, and told when it was not.</summary>
public sealed class AuditorTests
{
    private readonly MemoryAuditLog _log = new();
    private readonly Auditor _auditor;
    private bool _isDone;

    public AuditorTests() => _auditor = new Auditor(_log, new FakeTimeProvider());

    private static Deed Deed => new(new Caller("anna"), "list.delete", "acme", "list", "Deletes the list");

    [Fact]
    public async Task What_is_done_is_one_entry_that_was_there_before()
    {
        await _auditor.DoAsync(Deed, () => Assert.Equal("Deletes the list", Assert.Single(_log.Entries).Detail));
        Assert.Equal(["Deletes the list True"], Told());
    }

    [Fact]
    public async Task What_cannot_be_written_down_is_not_done()
    {
        _log.IsFull = true;
        await Assert.ThrowsAsync<AuditUnavailableException>(() => _auditor.DoAsync(Deed, () => _isDone = true));
        Assert.False(_isDone);
    }

    [Fact]
    public async Task What_fails_is_told_by_a_second_entry()
    {
        await Assert.ThrowsAsync<IOException>(() => _auditor.DoAsync(Deed, () => throw new IOException("full")));
        Assert.Equal(["Deletes the list True", "It could not be done; the log of the appliance says why. False"], Told());
    }

    [Fact]
    public async Task An_outcome_that_is_none_is_told_by_a_second_entry()
    {
        Assert.False(await _auditor.DoAsync(Deed, () => Task.FromResult(false), done => done ? "" : "It was gone."));
        Assert.Equal(["Deletes the list True", "It was gone. False"], Told());
    }

    [Fact]
    public async Task A_disk_that_fails_in_between_hides_nothing()
    {
        var trouble = await Assert.ThrowsAsync<IOException>(() => _auditor.DoAsync(Deed, () =>
        {
            _log.IsFull = true;
            throw new IOException("full");
        }));
        Assert.Equal("full", trouble.Message);
    }

    private IEnumerable<string> Told() => _log.Entries.Select(e => $"{e.Detail} {e.Succeeded}");
}
