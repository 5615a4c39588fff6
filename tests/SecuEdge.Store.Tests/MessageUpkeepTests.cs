using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SecuEdge.Store.MessageLog;
using SecuEdge.TestKit;

namespace SecuEdge.Store.Tests;

public sealed class MessageUpkeepTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new(inMemory: true);
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 12, 20, 12, 0, 0, TimeSpan.Zero));
    private MessageLog.MessageLog _log = null!; // opened before each test

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _log = await MessageLog.MessageLog.OpenAsync(new StoreOptions { DataFolder = _folder.Path }, _time, NullLogger.Instance, Cancellation);

        // Sixty days, two tenants, over three months.
        for (var i = 1; i <= 600; i++)
        {
            _log.Save(Record(i));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _log.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Only_the_tenants_old_stories_are_deleted_in_bounded_steps()
    {
        var deleted = new List<int>();
        do
        {
            deleted.Add(await _log.Upkeep.ExpireAsync("acme", Day(30), 70, Cancellation));
        }
        while (deleted[^1] == 70);

        Assert.Equal([70, 70, 10], deleted);
        Assert.Null(await _log.FindAsync(SampleRecords.Reference(299), Cancellation));
        Assert.NotNull(await _log.FindAsync(SampleRecords.Reference(300), Cancellation));
        Assert.NotNull(await _log.FindAsync(SampleRecords.Reference(301), Cancellation));
    }

    [Fact]
    public async Task Old_stories_are_rewritten_once_and_again_when_they_come_back_in_clear()
    {
        Assert.Equal(150, await RewriteAllAsync(0));
        Assert.Equal(("hidden", true), await SubjectAsync(1));
        Assert.Equal(("Minutes of the meeting", false), await SubjectAsync(2));
        Assert.Equal(("Minutes of the meeting", false), await SubjectAsync(301));

        // From the beginning: nothing is left to do.
        Assert.Equal(0, await RewriteAllAsync(0));

        // Somebody who still held the old record saves it; the place is long behind it.
        _log.Save(Record(17));
        Assert.Equal(("Minutes of the meeting", false), await SubjectAsync(17));
        var step = await _log.Upkeep.RewriteAsync("acme", long.MaxValue, Day(30), Hide, 100, Cancellation);
        Assert.Equal((0, 1), (step.Looked, step.Rewritten));
        Assert.Equal(("hidden", true), await SubjectAsync(17));
    }

    [Fact]
    public async Task A_step_is_bounded_and_the_next_goes_on_where_it_ended()
    {
        var first = await _log.Upkeep.RewriteAsync("acme", 0, Day(30), Hide, 40, Cancellation);
        var second = await _log.Upkeep.RewriteAsync("acme", first.Next, Day(30), Hide, 40, Cancellation);
        Assert.Equal((40, 40, 40, 40), (first.Looked, first.Rewritten, second.Looked, second.Rewritten));
        Assert.Equal("hidden", (await SubjectAsync(159)).Subject);
        Assert.Equal("Minutes of the meeting", (await SubjectAsync(161)).Subject);
    }

    [Fact]
    public async Task Rewriting_changes_no_usage()
    {
        await _log.FlushAsync(Cancellation);
        var before = await _log.Usage.FindAsync(202611, Cancellation);
        await RewriteAllAsync(0);
        var after = await _log.Usage.FindAsync(202611, Cancellation);
        Assert.Equal(before.Days.AsEnumerable(), after.Days);
        Assert.Equal(before.Mailboxes.AsEnumerable(), after.Mailboxes);
    }

    [Fact]
    public async Task The_stories_of_a_person_are_found_as_sender_and_as_recipient()
    {
        _log.Save(Record(700) with { Tenant = "acme", ReversePath = "ONE@acme.example" });
        _log.Save(Record(701) with { Tenant = "acme", ReversePath = "other@acme.example", Recipients = [] });
        var found = 0;
        await foreach (var record in _log.Upkeep.OfPersonAsync("acme", "one@ACME.example", Cancellation))
        {
            Assert.Equal("acme", record.Tenant);
            found++;
        }

        Assert.Equal(301, found);
    }

    private static DateTimeOffset Day(int day) => new DateTimeOffset(2026, 10, 20, 12, 0, 0, TimeSpan.Zero).AddDays(day);

    /// <summary>Odd ones are acme's.</summary>
    private static MessageRecord Record(int number) => SampleRecords.Record(SampleRecords.Reference(number), MessageState.Delivered) with
    {
        Tenant = number % 2 == 1 ? "acme" : "globex",
        ReceivedAt = Day(0).AddHours(number * 2.4),
    };

    private static MessageRecord Hide(MessageRecord record) => record with { Subject = "hidden", IsPseudonymised = true };

    private async Task<(string Subject, bool IsPseudonymised)> SubjectAsync(int number)
    {
        var record = (await _log.FindAsync(SampleRecords.Reference(number), Cancellation))!;
        return (record.Subject, record.IsPseudonymised);
    }

    private async Task<int> RewriteAllAsync(long from)
    {
        var rewritten = 0;
        while (true)
        {
            var step = await _log.Upkeep.RewriteAsync("acme", from, Day(30), Hide, 100, Cancellation);
            rewritten += step.Rewritten;
            from = step.Next;
            if (step.Looked < 100)
            {
                return rewritten;
            }
        }
    }
}
