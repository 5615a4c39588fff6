using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SecuEdge.Store.Files;
using SecuEdge.Store.Refusals;
using SecuEdge.TestKit;

namespace SecuEdge.Store.Tests;

public sealed class RefusalLogTests : IDisposable
{
    private readonly TempFolder _folder = new(inMemory: true);
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 12, 10, 0, TimeSpan.Zero));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Attempts_of_an_hour_are_one_row_with_their_number_over_restarts()
    {
        await using (var log = Open())
        {
            Note(log, "paul@b.example", 5);
        }

        await using var again = Open();
        Note(again, "paul@b.example", 2);
        _time.Advance(TimeSpan.FromHours(1));
        Note(again, "paul@b.example");
        Assert.Equal([1L, 7L], (await again.SearchAsync(new RefusalQuery(), Cancellation)).Items.Select(r => r.Count));
    }

    /// <summary>What is asked, and the recipients found.</summary>
    public static TheoryData<RefusalQuery, string> Queries => new()
    {
        { new RefusalQuery(), "c@d.example b@b.example a@b.example" },
        { new RefusalQuery { Tenant = "bakery" }, "b@b.example a@b.example" },
        { new RefusalQuery { Tenants = new HashSet<string> { "garage" } }, "c@d.example" },
        { new RefusalQuery { Tenants = new HashSet<string>() }, "" },
        { new RefusalQuery { Recipient = "B@b.example" }, "b@b.example" },
        { new RefusalQuery { Recipient = "b.example" }, "b@b.example a@b.example" },
        { new RefusalQuery { Recipient = "example" }, "" },
        { new RefusalQuery { Sender = "me@x.example", Client = "198.51.100.7" }, "c@d.example b@b.example a@b.example" },
        { new RefusalQuery { Client = "198.51.100.8" }, "" },
        { new RefusalQuery { Reference = "REF-b@b.example" }, "b@b.example" },
        { new RefusalQuery { Reason = RefusalReason.Pending }, "" },
        { new RefusalQuery { Since = new DateTimeOffset(2026, 3, 3, 0, 0, 0, TimeSpan.Zero) }, "c@d.example" },
        { new RefusalQuery { Until = new DateTimeOffset(2026, 3, 2, 0, 0, 0, TimeSpan.Zero) }, "a@b.example" },
    };

    [Theory]
    [MemberData(nameof(Queries))]
    public async Task Rows_are_found_by_what_is_asked_on_any_page_size(RefusalQuery query, string expected)
    {
        await using var log = Open();
        foreach (var (tenant, recipient) in ((string, string)[])[("bakery", "a@b.example"), ("bakery", "b@b.example"), ("garage", "c@d.example")])
        {
            Note(log, recipient, tenant: tenant);
            _time.Advance(TimeSpan.FromDays(1));
        }

        foreach (var limit in (int[])[1, 2, 50])
        {
            List<string> found = [];
            for (long? before = long.MaxValue; before is not null;)
            {
                var page = await log.SearchAsync(query with { Limit = limit, Before = before.Value }, Cancellation);
                Assert.True(page.Items.Count <= limit);
                found.AddRange(page.Items.Select(r => r.Recipient));
                before = page.Next;
            }

            Assert.Equal(expected, string.Join(' ', found));
        }
    }

    [Fact]
    public async Task A_client_that_guesses_costs_twenty_rows_and_hides_nobody_else()
    {
        await using var log = Open();
        for (var i = 0; i < 5_000; i++)
        {
            Note(log, $"guess{i}@b.example");
        }

        Note(log, "paul@b.example", client: "203.0.113.9");
        var rows = (await log.SearchAsync(new RefusalQuery { Limit = 200 }, Cancellation)).Items;
        Assert.Equal(22, rows.Count);
        Assert.Equal(5_001, rows.Sum(r => r.Count));
        Assert.Equal(4_980, Assert.Single(rows, r => r.IsSum).Count);
        Assert.Contains(rows, r => r.Recipient == "paul@b.example");
    }

    [Fact]
    public async Task An_attack_by_everybody_is_bounded_in_rows_and_on_disk_and_counted()
    {
        long sum = 0;
        await using (var log = Open())
        {
            for (var i = 0; i < 30_000; i++)
            {
                Note(log, $"guess{i}@b.example", client: $"2001:db8::{i:x}");
                if (i % 5_000 == 0)
                {
                    sum = await SumAsync(log);
                }
            }

            sum = await SumAsync(log);
            Assert.Equal(30_000, sum + log.Dropped);
            Assert.Equal(0, log.Dropped);
        }

        Assert.InRange(new FileInfo(Assert.Single(Files())).Length, 1, 2 << 20);
        await using var again = Open();
        Assert.Equal(sum, await SumAsync(again));

        static async Task<long> SumAsync(RefusalLog log)
        {
            var rows = await log.ReadAsync(new RefusalQuery(), Cancellation).ToListAsync(Cancellation);
            Assert.InRange(rows.Count, 1, 1_001);
            return rows.Sum(r => r.Count);
        }
    }

    [Fact]
    public async Task Rows_that_double_and_double_are_bounded_on_disk()
    {
        var name = new string('x', 200);
        await using (var log = Open())
        {
            for (var round = 0; round < 256; round++)
            {
                for (var i = 0; i < 1_000; i++)
                {
                    Note(log, $"{name}{i}@b.example", client: $"198.51.100.{i / 20}");
                }

                // Looks at no day, but waits until all is written: more would be dropped.
                await log.SearchAsync(new RefusalQuery { Since = _time.GetUtcNow().AddDays(1) }, Cancellation);
            }

            Assert.Equal(0, log.Dropped);
        }

        // The room of the tenant, and each row once more at the end of the hour.
        Assert.InRange(new FileInfo(Assert.Single(Files())).Length, 1 << 20, 4 << 20);
        await using var again = Open();
        Assert.Equal(256_000, (await again.ReadAsync(new RefusalQuery(), Cancellation).ToListAsync(Cancellation)).Sum(r => r.Count));
    }

    [Fact]
    public async Task A_day_that_is_too_long_for_a_page_is_read_once()
    {
        await using var log = Open();
        Note(log, "early@b.example");
        _time.Advance(TimeSpan.FromDays(1));
        Note(log, "late@b.example");
        await log.SearchAsync(new RefusalQuery(), Cancellation);

        // A page ends when 64 MB are read. Lines that an older version wrote in a flood, here few and long ones.
        var line = new byte[1 << 20];
        Array.Fill(line, (byte)'x');
        using (var journal = LineJournal.Open(new StoreOptions { DataFolder = _folder.Path }.Files, Files().Max()!, _ => true))
        {
            for (var i = 0; i < 65; i++)
            {
                journal.Append([line], isDurable: false);
            }
        }

        List<string> found = [];
        var pages = 0;
        for (long? before = long.MaxValue; before is not null && pages < 5; pages++)
        {
            var page = await log.SearchAsync(new RefusalQuery { Before = before.Value }, Cancellation);
            found.AddRange(page.Items.Select(r => r.Recipient));
            before = page.Next;
        }

        Assert.Equal(2, pages);
        Assert.Equal(["late@b.example", "early@b.example"], found);
    }

    [Fact]
    public async Task Who_may_only_know_the_number_has_one_row_from_the_first_attempt_on()
    {
        await using var log = Open();
        Note(log, "paul@b.example", 2);
        for (var i = 0; i < 3; i++)
        {
            log.Note(new RefusedAttempt("claimant", _time.GetUtcNow(), "", "", "", RefusalReason.Pending, "451 4.7.1 Not confirmed", ""));
        }

        var row = Assert.Single((await log.SearchAsync(new RefusalQuery { Tenant = "claimant" }, Cancellation)).Items);
        Assert.Equal((3L, true, "", 0), (row.Count, row.IsSum, row.Client + row.Sender + row.Recipient, row.References.Count));
    }

    [Fact]
    public async Task What_comes_faster_than_it_is_written_is_counted()
    {
        await using var log = Open();
        Note(log, "paul@b.example", 10_005);
        Assert.Equal(5, log.Dropped);
        Assert.Equal(10_000, Assert.Single((await log.SearchAsync(new RefusalQuery(), Cancellation)).Items).Count);
    }

    [Fact]
    public async Task What_is_erased_is_neither_found_nor_on_disk()
    {
        await using (var log = Open())
        {
            Note(log, "yesterday@b.example");
            Note(log, "stays@b.example");
            _time.Advance(TimeSpan.FromDays(1));
            Note(log, "today@b.example", 2);
            Assert.Equal(2, await log.EraseAsync(r => r.Recipient is "yesterday@b.example" or "today@b.example", Cancellation));
            Assert.Equal(["stays@b.example"], (await log.SearchAsync(new RefusalQuery(), Cancellation)).Items.Select(r => r.Recipient));
            Note(log, "today@b.example");
            Assert.Equal(1, (await log.SearchAsync(new RefusalQuery(), Cancellation)).Items[0].Count);
            await log.EraseAsync(r => r.Recipient == "today@b.example", Cancellation);
        }

        Assert.DoesNotContain(Files(), p => File.ReadAllText(p).Contains("day@b.example", StringComparison.Ordinal));
        await using var again = Open();
        Assert.Equal(["stays@b.example"], (await again.SearchAsync(new RefusalQuery(), Cancellation)).Items.Select(r => r.Recipient));
    }

    [Fact]
    public async Task Each_tenant_keeps_its_rows_as_long_as_it_says()
    {
        await using var log = Open();
        Note(log, "a@b.example");
        Note(log, "c@d.example", tenant: "garage");
        _time.Advance(TimeSpan.FromDays(20));
        await log.ExpireAsync(new Dictionary<string, DateTimeOffset> { ["bakery"] = _time.GetUtcNow().AddDays(-10), ["garage"] = _time.GetUtcNow().AddDays(-30) }, _time.GetUtcNow(), Cancellation);
        Assert.Equal(["c@d.example"], (await log.SearchAsync(new RefusalQuery(), Cancellation)).Items.Select(r => r.Recipient));
        _time.Advance(TimeSpan.FromDays(1));
        await log.ExpireAsync(new Dictionary<string, DateTimeOffset>(), _time.GetUtcNow(), Cancellation);
        Assert.Empty(Files());
    }

    /// <summary>Whichever operation of the disk fails: what is refused later is noted, and numbers are those that were counted, or lower.</summary>
    [Fact]
    public async Task Trouble_with_the_disk_costs_numbers_and_nothing_else()
    {
        for (var failing = 1; failing < 60; failing += 2)
        {
            using var folder = new TempFolder(inMemory: true);
            var files = FailingFileSystem.FailingOnce(int.MaxValue, DiskFault.NoSpace);
            var options = new StoreOptions { DataFolder = folder.Path, Files = files };
            await using (var log = new RefusalLog(options, _time, NullLogger.Instance))
            {
                var fails = files.Operations + failing;
                files.Plan = (n, _) => n == fails ? DiskFault.NoSpace : null;
                for (var hour = 0; hour < 26; hour++)
                {
                    Note(log, "paul@b.example", 3);
                    try
                    {
                        await log.SearchAsync(new RefusalQuery(), Cancellation);
                    }
                    catch (IOException)
                    {
                        // Whoever searches is told.
                    }

                    _time.Advance(TimeSpan.FromHours(1));
                }

                files.Plan = (_, _) => null;
                Note(log, "last@b.example");
                Assert.Equal("last@b.example", (await log.SearchAsync(new RefusalQuery(), Cancellation)).Items[0].Recipient);
            }

            await using var again = new RefusalLog(options, _time, NullLogger.Instance);
            var rows = await again.ReadAsync(new RefusalQuery(), Cancellation).ToListAsync(Cancellation);
            Assert.Contains(rows, r => r.Recipient == "last@b.example");
            Assert.InRange(rows.Sum(r => r.Count), 26 * 3 + 1 - 6, 26 * 3 + 1);
        }
    }

    public void Dispose() => _folder.Dispose();

    private string[] Files() => Directory.GetFiles(Path.Combine(_folder.Path, "refusals"));

    private RefusalLog Open() => new(new StoreOptions { DataFolder = _folder.Path }, _time, NullLogger.Instance);

    private void Note(RefusalLog log, string recipient, int times = 1, string tenant = "bakery", string client = "198.51.100.7")
    {
        for (var i = 0; i < times; i++)
        {
            log.Note(new RefusedAttempt(tenant, _time.GetUtcNow(), client, "me@x.example", recipient, RefusalReason.UnknownMailbox, "550 5.1.1 No such mailbox here", "REF-" + recipient));
        }
    }
}
