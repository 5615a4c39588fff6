using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SecuEdge.Store.Audit;
using SecuEdge.TestKit;

namespace SecuEdge.Store.Tests;

public sealed class AuditLogTests : IDisposable
{
    private readonly TempFolder _folder = new(inMemory: true);
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 20, 12, 0, 0, TimeSpan.Zero));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string, AuditQuery, int[]> Queries => new()
    {
        { "everything", new AuditQuery(), [40, 39, 38, 37, 36, 35, 34, 33] },
        { "one tenant", new AuditQuery { Tenants = new HashSet<string> { "globex" } }, [40, 38, 36, 34, 32, 30, 28, 26] },
        { "the appliance's own", new AuditQuery { Tenants = new HashSet<string> { "" } }, [] },
        { "an actor", new AuditQuery { Actor = "USER-3" }, [39, 35, 31, 27, 23, 19, 15, 11] },
        { "a token by its name alone", new AuditQuery { Actor = "TOOL" }, [17] },
        { "a part of an actor", new AuditQuery { Actor = "user" }, [] },
        { "an action", new AuditQuery { Action = "quarantine.release" }, [40, 35, 30, 25, 20, 15, 10, 5] },
        { "the beginning of an action", new AuditQuery { Action = "token." }, [39, 38, 37, 36, 34, 33, 32, 31] },
        { "a part of an action that is no beginning up to a dot", new AuditQuery { Action = "tok" }, [] },
        { "a target", new AuditQuery { Target = "thing-17" }, [17] },
        { "since and until", new AuditQuery { Since = At(10), Until = At(13) }, [12, 11, 10] },
        { "several", new AuditQuery { Actor = "user-0", Action = "quarantine." }, [40, 20] },
    };

    [Theory]
    [MemberData(nameof(Queries))]
    public async Task Entries_are_found_newest_first(string what, AuditQuery query, int[] numbers)
    {
        await using var log = await OpenAsync();
        await FillAsync(log, 40);
        var page = await log.SearchAsync(query with { Limit = 8 }, Cancellation);
        Assert.True(numbers.SequenceEqual(page.Items.Select(e => (int)e.Number)), $"{what}: {string.Join(", ", page.Items.Select(e => e.Number))}");
    }

    [Fact]
    public async Task Pages_join_without_gap_or_overlap_across_months_and_while_entries_come()
    {
        await using var log = await OpenAsync();
        await FillAsync(log, 30);
        _time.Advance(TimeSpan.FromDays(31));
        await FillAsync(log, 30);
        var numbers = new List<long>();
        string? cursor = null;
        do
        {
            var page = await log.SearchAsync(new AuditQuery { Limit = 7, Cursor = cursor }, Cancellation);
            numbers.AddRange(page.Items.Select(e => e.Number));
            cursor = page.Next;
            await log.AppendAsync(Entry(1), Cancellation);
        }
        while (cursor is not null);

        Assert.Equal(Enumerable.Range(1, 60).Select(n => (long)n).Reverse(), numbers);
    }

    [Theory]
    [InlineData("")]
    [InlineData("abc")]
    [InlineData("202611-")]
    [InlineData("202611--1")]
    [InlineData("202611-ffffffff")]
    [InlineData("999999999999-0")]
    public async Task A_cursor_that_is_none_is_refused(string cursor)
    {
        await using var log = await OpenAsync();
        await FillAsync(log, 3);
        await Assert.ThrowsAsync<ArgumentException>(() => log.SearchAsync(new AuditQuery { Cursor = cursor }, Cancellation));
    }

    [Fact]
    public async Task What_is_written_is_read_back_also_what_is_no_plain_text()
    {
        var strange = Entry(1) with { Detail = "line\nbreak \"quoted\" \\ Jürgen 😀 \u0000 \uD800", Reason = new string('x', 9000), Succeeded = false, Address = "2001:db8::1" };
        await using (var log = await OpenAsync())
        {
            await log.AppendAsync(strange, Cancellation);
        }

        await using var again = await OpenAsync();
        var entry = Assert.Single((await again.SearchAsync(new AuditQuery(), Cancellation)).Items);
        Assert.Equal("line\nbreak \"quoted\" \\ Jürgen 😀 \u0000 \uFFFD", entry.Detail);
        Assert.Equal((4001, false, "2001:db8::1", strange.At), (entry.Reason.Length, entry.Succeeded, entry.Address, entry.At));
        Assert.True(Verify().IsWhole);
    }

    [Fact]
    public async Task The_chain_goes_on_after_a_restart_and_into_the_next_month()
    {
        for (var run = 0; run < 4; run++)
        {
            await using var log = await OpenAsync();
            Assert.Empty(log.Notes);
            await FillAsync(log, 5);
            _time.Advance(TimeSpan.FromDays(20));
        }

        var verification = Verify();
        Assert.True(verification.IsWhole, verification.Break?.ToString());
        Assert.Equal([(202611, 5L), (202612, 10L), (202701, 5L)], verification.Months.Select(m => (m.Month, m.Entries)));
        Assert.Equal(verification.Head, verification.Anchor);
    }

    [Fact]
    public async Task A_clock_that_goes_back_does_not_break_the_chain()
    {
        await using var log = await OpenAsync();
        await log.AppendAsync(Entry(1) with { At = new DateTimeOffset(2026, 12, 1, 0, 0, 1, TimeSpan.Zero) }, Cancellation);
        await log.AppendAsync(Entry(2) with { At = new DateTimeOffset(2026, 11, 30, 23, 59, 59, TimeSpan.Zero) }, Cancellation);
        Assert.True(Verify().IsWhole);
        var found = await log.SearchAsync(new AuditQuery { Until = new DateTimeOffset(2026, 12, 1, 0, 0, 0, TimeSpan.Zero) }, Cancellation);
        Assert.Equal(2, Assert.Single(found.Items).Number);
    }

    [Fact]
    public async Task Many_at_once_share_their_syncs()
    {
        var disk = new FailingFileSystem();
        await using var log = await OpenAsync(disk);
        var before = disk.Operations;
        var entries = await Task.WhenAll(Enumerable.Range(1, 2000).Select(n => log.AppendAsync(Entry(n), Cancellation)));
        Assert.Equal(2000, entries.Select(e => e.Number).Distinct().Count());

        // A batch is a write and a sync of the file and of the anchor.
        Assert.InRange(disk.Operations - before, 4, 1000);
        Assert.True(Verify().IsWhole);
    }

    [Fact]
    public async Task Whole_months_go_and_the_chain_still_verifies()
    {
        await using (var log = await OpenAsync())
        {
            for (var month = 0; month < 4; month++)
            {
                await FillAsync(log, 3);
                _time.Advance(TimeSpan.FromDays(30.5));
            }

            await log.AppendAsync(Entry(1), Cancellation);
            Assert.Equal(2, await log.ExpireAsync(new DateTimeOffset(2027, 1, 15, 0, 0, 0, TimeSpan.Zero), Cancellation));
            Assert.Equal(0, await log.ExpireAsync(new DateTimeOffset(2027, 1, 15, 0, 0, 0, TimeSpan.Zero), Cancellation));
            var tombstones = (await log.SearchAsync(new AuditQuery { Action = AuditLog.ExpiredAction }, Cancellation)).Items;
            Assert.Equal(["6", "3"], tombstones.Select(t => t.Target.Split(':')[0]));
        }

        var verification = Verify();
        Assert.True(verification.IsWhole, verification.Break?.ToString());
        Assert.Equal(7, verification.Months[0].First);

        // The month now oldest goes without a word.
        File.Delete(Path.Combine(_folder.Path, "audit", "audit-202701.jsonl"));
        Assert.Contains("no entry says", Verify().Break?.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_export_gives_everything_in_order()
    {
        await using var log = await OpenAsync();
        await FillAsync(log, 1200);
        _time.Advance(TimeSpan.FromDays(31));
        await FillAsync(log, 3);
        var numbers = new List<long>();
        await foreach (var entry in log.ReadAsync(new AuditQuery { Tenants = new HashSet<string> { "acme" } }, Cancellation))
        {
            numbers.Add(entry.Number);
        }

        Assert.Equal(Enumerable.Range(1, 1203).Where(n => n % 2 == 1).Select(n => (long)n), numbers);
    }

    public void Dispose() => _folder.Dispose();

    private static DateTimeOffset At(int number) => new DateTimeOffset(2026, 11, 20, 12, 0, 0, TimeSpan.Zero).AddMinutes(number);

    private AuditEntry Entry(int number) => new()
    {
        At = _time.GetUtcNow().AddMinutes(number % 1000),
        Actor = number == 17 ? "tool (t_17)" : $"user-{number % 4}",
        Tenant = number % 2 == 0 ? "globex" : "acme",
        Action = number % 5 == 0 ? "quarantine.release" : "token.create",
        Target = $"thing-{number}",
        Detail = "Something was done",
    };

    private async Task FillAsync(AuditLog log, int count)
    {
        for (var i = 1; i <= count; i++)
        {
            await log.AppendAsync(Entry(i), Cancellation);
        }
    }

    private Task<AuditLog> OpenAsync(FailingFileSystem? disk = null) =>
        AuditLog.OpenAsync(disk?.Options(_folder.Path) ?? new StoreOptions { DataFolder = _folder.Path }, _time, NullLogger.Instance, Cancellation);

    private AuditVerification Verify() => AuditVerifier.Run(new StoreOptions { DataFolder = _folder.Path }, [], Cancellation);
}
