using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SecuEdge.Filter;
using SecuEdge.Store.MessageLog;
using SecuEdge.TestKit;
using static SecuEdge.Store.Tests.SampleRecords;

namespace SecuEdge.Store.Tests;

public sealed class MessageLogTests : IDisposable
{
    private readonly TempFolder _folder = new(inMemory: true);
    private readonly FakeTimeProvider _time = new(Start);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_saved_record_is_found_at_once_and_after_a_restart()
    {
        var log = await OpenAsync();
        var record = Record(Reference(1), MessageState.Delivered);
        log.Save(record);
        Assert.Same(record, await log.FindAsync(Reference(1), Cancellation));
        await log.FlushAsync(Cancellation);
        Assert.Equivalent(record, await log.FindAsync(Reference(1), Cancellation), strict: true);
        await log.DisposeAsync();

        await using var again = await OpenAsync();
        Assert.Equivalent(record, await again.FindAsync(Reference(1), Cancellation), strict: true);
        Assert.Empty(again.Notes);
    }

    [Fact]
    public async Task The_newest_state_wins()
    {
        await using var log = await OpenAsync();
        log.Save(Record(Reference(1)));
        await log.FlushAsync(Cancellation);
        log.Save(Record(Reference(1), MessageState.Delivered));
        Assert.Equal(MessageState.Delivered, Assert.Single((await log.SearchAsync(new MessageQuery(), Cancellation)).Items).State);
        await log.FlushAsync(Cancellation);
        Assert.Equal(MessageState.Delivered, Assert.Single((await log.SearchAsync(new MessageQuery(), Cancellation)).Items).State);
    }

    [Fact]
    public async Task A_finished_record_is_on_disk_after_a_tick_and_an_unfinished_one_within_a_second()
    {
        await using var log = await OpenAsync();
        log.Save(Record(Reference(1), MessageState.Delivered));
        log.Save(Record(Reference(2)));
        _time.Advance(TimeSpan.FromMilliseconds(250));
        await Eventually.Async(() => IsOnDiskAsync(Reference(1)));
        Assert.False(await IsOnDiskAsync(Reference(2)));
        _time.Advance(TimeSpan.FromMilliseconds(250));
        await Eventually.Async(() => IsOnDiskAsync(Reference(2)));

        // What a power cut would leave now: a copy of the file.
        async Task<bool> IsOnDiskAsync(string reference)
        {
            using var copy = new TempFolder(inMemory: true);
            File.Copy(Path.Combine(_folder.Path, "messages-202611.db"), Path.Combine(copy.Path, "messages-202611.db"));
            await using var log = await MessageLog.MessageLog.OpenAsync(new FailingFileSystem().Options(copy.Path), _time, NullLogger.Instance, Cancellation);
            return await log.FindAsync(reference, Cancellation) is not null;
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Pages_by_cursor_show_each_record_once_newest_first_across_months(bool isFlushed)
    {
        await using var log = await OpenAsync();
        for (var i = 0; i < 500; i++)
        {
            // Some share their time to the tick.
            log.Save(Record(Reference(i)) with { ReceivedAt = Start.AddHours(-(i / 3) * 5) });
        }

        if (isFlushed)
        {
            await log.FlushAsync(Cancellation);
        }

        var seen = new List<MessageRecord>();
        string? cursor = null;
        do
        {
            var page = await log.SearchAsync(new MessageQuery { Limit = 37, Cursor = cursor }, Cancellation);
            seen.AddRange(page.Items);
            cursor = page.Next;
        }
        while (cursor is not null);

        Assert.Equal(500, seen.Count);
        Assert.Equal(500, seen.Select(r => r.Reference).Distinct().Count());
        Assert.Equal(seen.Select(r => r.ReceivedAt).OrderDescending(), seen.Select(r => r.ReceivedAt));
    }

    public static TheoryData<string, MessageQuery, int[]> Queries => new()
    {
        { "tenant", new() { Tenant = "other" }, [3] },
        { "sender in another case", new() { Sender = "Boss@Example.Org" }, [2] },
        { "everybody at the sender's domain", new() { Sender = "@Example.Org" }, [2] },
        { "reference", new() { Text = Reference(3).ToLowerInvariant() }, [3] },
        { "recipient", new() { Recipient = "two@acme.example" }, [1, 2, 3, 4] },
        { "recipient and tenant", new() { Recipient = "two@acme.example", Tenant = "OTHER" }, [3] },
        { "class", new() { Class = MessageClass.Spam }, [4] },
        { "clean", new() { Class = MessageClass.Clean }, [1, 2, 3] },
        { "action", new() { Action = VerdictAction.Quarantine }, [4] },
        { "state", new() { State = MessageState.Deferred }, [2] },
        { "delivered", new() { State = MessageState.Delivered }, [1, 3] },
        { "direction", new() { Direction = Direction.Outbound }, [3] },
        { "text in subject", new() { Text = "minutes OF" }, [1, 3, 4] },
        { "text in from", new() { Text = "jürgen" }, [1, 2, 3, 4] },
        { "since", new() { Since = Start.AddMinutes(3) }, [3, 4] },
        { "until", new() { Until = Start.AddMinutes(3) }, [1, 2] },
        { "nothing", new() { Tenant = "nobody" }, [] },
    };

    [Theory]
    [MemberData(nameof(Queries), DisableDiscoveryEnumeration = true)]
    public async Task Filters_find_the_same_in_memory_and_on_disk(string name, MessageQuery query, int[] expected)
    {
        await using var log = await OpenAsync();
        log.Save(Record(Reference(1), MessageState.Delivered) with { ReceivedAt = Start.AddMinutes(1) });
        log.Save(Record(Reference(2), MessageState.Deferred) with { ReceivedAt = Start.AddMinutes(2), ReversePath = "boss@example.org", Subject = "Other" });
        log.Save(Record(Reference(3), MessageState.Delivered) with { ReceivedAt = Start.AddMinutes(3), Tenant = "other", Direction = Direction.Outbound });
        log.Save(Record(Reference(4), MessageState.Quarantined) with { ReceivedAt = Start.AddMinutes(4), Class = MessageClass.Spam, Action = VerdictAction.Quarantine });
        await CheckAsync("in memory");
        await log.FlushAsync(Cancellation);
        await CheckAsync("on disk");

        async Task CheckAsync(string where)
        {
            var page = await log.SearchAsync(query, Cancellation);
            Assert.True(
                expected.Reverse().Select(Reference).SequenceEqual(page.Items.Select(r => r.Reference)),
                $"{name} {where}: {string.Join(" ", page.Items.Select(r => r.Reference))}");
            Assert.Null(page.Next);
        }
    }

    [Fact]
    public async Task A_search_that_matches_little_gives_a_cursor_instead_of_reading_everything()
    {
        await using var log = await OpenAsync();
        for (var i = 0; i < 6000; i++)
        {
            log.Save(Record(Reference(i), MessageState.Delivered) with { ReceivedAt = Start.AddSeconds(-i), Subject = i == 5900 ? "needle" : "hay" });
        }

        await log.FlushAsync(Cancellation);
        var first = await log.SearchAsync(new MessageQuery { Text = "needle" }, Cancellation);
        Assert.Empty(first.Items);
        var second = await log.SearchAsync(new MessageQuery { Text = "needle", Cursor = first.Next }, Cancellation);
        Assert.Equal(Reference(5900), Assert.Single(second.Items).Reference);
        Assert.Null(second.Next);
    }

    [Fact]
    public async Task A_month_past_its_retention_is_deleted()
    {
        var log = await OpenAsync();
        log.Save(Record(Reference(1)) with { ReceivedAt = Start.AddMonths(-12) });
        log.Save(Record(Reference(2)) with { ReceivedAt = Start.AddMonths(-13) });
        await log.FlushAsync(Cancellation);
        await log.DisposeAsync();

        await using var again = await OpenAsync();
        Assert.NotNull(await again.FindAsync(Reference(1), Cancellation));
        Assert.Null(await again.FindAsync(Reference(2), Cancellation));
        Assert.Equal(["messages-202511.db", "messages-202611.db"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName).Order());

        _time.Advance(TimeSpan.FromDays(30));
        await Eventually.Async(() => !File.Exists(Path.Combine(_folder.Path, "messages-202511.db")));
    }

    [Fact]
    public async Task Restoring_does_not_overwrite_a_later_state()
    {
        await using var log = await OpenAsync();
        var finished = Record(Reference(1), MessageState.Quarantined);
        var released = finished with { Events = [.. finished.Events, new MessageEvent { At = Start.AddHours(1), Kind = MessageEventKind.Released, Text = "Released." }] };
        log.Save(released);
        await log.RestoreAsync([finished, Record(Reference(2), MessageState.Delivered)], Cancellation);
        Assert.Equal(3, (await log.FindAsync(Reference(1), Cancellation))!.Events.Count);
        Assert.NotNull(await log.FindAsync(Reference(2), Cancellation));
    }

    [Fact]
    public async Task Restoring_does_not_bring_back_who_was_forgotten()
    {
        await using var log = await OpenAsync();
        var finished = Record(Reference(1), MessageState.Delivered);
        log.Save(finished);
        await log.Upkeep.RewriteAsync(Reference(1), r => r with { ReversePath = "hidden@x.invalid", Subject = "hidden" }, Cancellation);
        await log.RestoreAsync([finished], Cancellation);
        Assert.Equal("hidden@x.invalid", (await log.FindAsync(Reference(1), Cancellation))!.ReversePath);

        await log.RestoreAsync([finished with { Recipients = [.. finished.Recipients.Select(r => r with { State = MessageState.Bounced })] }], Cancellation);
        Assert.Equal(MessageState.Bounced, (await log.FindAsync(Reference(1), Cancellation))!.State);
    }

    /// <summary>Whether all stories of the tenant were deleted, as with it, or only the older one. What the settings say by now is not asked.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Restoring_does_not_bring_back_what_was_deleted_nor_count_it_again(bool isErased)
    {
        var (old, young, others) = (Record(Reference(1), MessageState.Delivered), Record(Reference(2), MessageState.Delivered) with { ReceivedAt = Start.AddDays(8) }, Record(Reference(3), MessageState.Delivered) with { Tenant = "globex" });
        await using (var log = await OpenAsync())
        {
            log.Save(old);
            _time.Advance(TimeSpan.FromDays(8));
            log.Save(young);
            Assert.Equal(isErased ? 2 : 1, await log.Upkeep.ExpireAsync("acme", isErased ? DateTimeOffset.MaxValue : Start.AddDays(1), 500, Cancellation));
        }

        var later = Record(Reference(4), MessageState.Delivered) with { ReceivedAt = Start.AddDays(8).AddSeconds(1) };
        await using var again = await OpenAsync();
        await again.RestoreAsync([old, young with { ReceivedAt = Start.AddDays(8).AddSeconds(-1) }, others, later], Cancellation);
        Assert.Null(await again.FindAsync(Reference(1), Cancellation));
        Assert.Equal(isErased, await again.FindAsync(Reference(2), Cancellation) is null);
        Assert.NotNull(await again.FindAsync(Reference(3), Cancellation));
        Assert.NotNull(await again.FindAsync(Reference(4), Cancellation));
        var usage = await again.Usage.FindAsync(202611, Cancellation);
        Assert.Equal(3, usage.Days.Where(d => d.Tenant == "acme").Sum(d => d.Messages));
    }

    [Fact]
    public async Task Restoring_does_not_begin_a_month_anew_whose_time_is_over()
    {
        await using var log = await OpenAsync();
        _time.Advance(TimeSpan.FromDays(500));
        await log.RestoreAsync([Record(Reference(1), MessageState.Delivered), Record(Reference(2), MessageState.Delivered) with { ReceivedAt = _time.GetUtcNow() }], Cancellation);
        Assert.Null(await log.FindAsync(Reference(1), Cancellation));
        Assert.NotNull(await log.FindAsync(Reference(2), Cancellation));
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("-1")]
    public async Task A_cursor_of_nobody_is_an_argument_error(string cursor)
    {
        await using var log = await OpenAsync();
        await Assert.ThrowsAsync<ArgumentException>(() => log.SearchAsync(new MessageQuery { Cursor = cursor }, Cancellation));
    }

    public void Dispose() => _folder.Dispose();

    private Task<MessageLog.MessageLog> OpenAsync() =>
        MessageLog.MessageLog.OpenAsync(new FailingFileSystem().Options(_folder.Path), _time, NullLogger.Instance, Cancellation);
}
