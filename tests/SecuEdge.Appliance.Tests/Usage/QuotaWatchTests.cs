using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SecuEdge.Appliance.Directories;
using SecuEdge.Appliance.Events;
using SecuEdge.Appliance.Operations;
using SecuEdge.Appliance.Settings;
using SecuEdge.Appliance.Usage;
using SecuEdge.Store.Usage;
using SecuEdge.TestKit;

namespace SecuEdge.Appliance.Tests.Usage;

public sealed class QuotaWatchTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 20, 12, 0, 0, TimeSpan.Zero));
    private readonly MemoryAuditLog _audit = new();
    private readonly MemoryStateFiles _state = new();
    private readonly FixedUsage _usage = new();
    private readonly SiteHolder _sites = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0, 10, 0)]
    [InlineData(8, 10, 0)]
    [InlineData(9, 10, 90)]
    [InlineData(10, 10, 100)]
    [InlineData(11, 10, 100)]
    [InlineData(1, 1, 100)]
    [InlineData(899, 1000, 0)]
    [InlineData(900, 1000, 90)]
    public void Levels_are_90_and_100_percent(int count, int quota, int level) => Assert.Equal(level, QuotaWatch.Level(count, quota));

    [Fact]
    public async Task Each_level_is_told_once_a_month_and_a_reseller_counts_what_is_below()
    {
        var mailboxes = Enumerable.Range(1, 5).Select(n => $"m{n}").ToList();
        _sites.Current = new SiteDirectory(new Site
        {
            Tenants =
            [
                new Tenant { Name = "north", Kind = TenantKind.Reseller, Service = new ServiceSettings { MailboxQuota = 20 } },
                new Tenant { Name = "acme", Parent = "north", Service = new ServiceSettings { MailboxQuota = 10 } },
                new Tenant { Name = "globex", Parent = "north", Domains = [new Domain { Name = "globex.example", NextHops = ["127.0.0.1:25"], Recipients = mailboxes }] },
            ],
        });
        _usage.Used["acme"] = 8;
        await LookAsync();
        Assert.Empty(_audit.Entries);

        _usage.Used["acme"] = 9;
        await LookAsync();
        await LookAsync();
        _usage.Used["acme"] = 15;
        await LookAsync();
        await LookAsync();
        Assert.Equal([("acme", "9 of 10 mailboxes are used (90 % or more)"), ("north", "20 of 20 mailboxes are used (100 % or more)"), ("acme", "15 of 10 mailboxes are used (100 % or more)")],
            _audit.Entries.OrderBy(e => e.Detail.Length).ThenBy(e => e.Detail[0] == '2' ? 0 : 1).Select(e => (e.Target, e.Detail)));

        _time.Advance(TimeSpan.FromDays(15));
        await LookAsync();
        Assert.Equal(5, _audit.Entries.Count);
    }

    private async Task LookAsync()
    {
        using var watch = new QuotaWatch(_usage, _sites, new DirectoryRecipients(new DirectoryShelf(_state, NullLogger<DirectoryShelf>.Instance)), new Auditor(_audit, _time), new EventHub(), _state, _time, NullLogger<QuotaWatch>.Instance);
        await watch.LookAsync(Cancellation);
    }

    private sealed class FixedUsage : IUsageLog
    {
        public Dictionary<string, int> Used { get; } = [];

        public Task<IReadOnlyList<int>> MonthsAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<int>>([]);

        public Task<MonthlyUsage> FindAsync(int month, CancellationToken cancellationToken, IReadOnlyCollection<string>? tenants = null) =>
            Task.FromResult(new MonthlyUsage { Month = month, Mailboxes = [.. Used.Select(u => new MailboxCount(u.Key, u.Value, u.Value, 0))] });

        public Task<IReadOnlyList<UsedMailbox>> MailboxesAsync(int month, string tenant, string? after, int limit, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<UsedMailbox>>([]);

        public Task<IReadOnlyList<UsedMailbox>> FindMailboxAsync(string tenant, string address, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<UsedMailbox>>([]);

        public Task<int> RenameAsync(string tenant, string? address, Func<string, string> rename, CancellationToken cancellationToken) => Task.FromResult(0);
    }
}
