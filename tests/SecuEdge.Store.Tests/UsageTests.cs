using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SecuEdge.Filter;
using SecuEdge.Store.MessageLog;
using SecuEdge.Store.Usage;
using SecuEdge.TestKit;

namespace SecuEdge.Store.Tests;

public sealed class UsageTests : IDisposable
{
    private const int November = 202611;

    private readonly TempFolder _folder = new(inMemory: true);
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 20, 12, 0, 0, TimeSpan.Zero));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>What one message is saved as, one state of its two recipients after the other, and what it counts as in the end.</summary>
    public static TheoryData<string, MessageState[][], UsageDay> Stories => new()
    {
        { "delivered at once", [[MessageState.Delivered, MessageState.Delivered]], Day(messages: 1, delivered: 1, deliveries: 2) },
        { "delivered one by one", [[MessageState.Queued, MessageState.Queued], [MessageState.Delivered, MessageState.Deferred], [MessageState.Delivered, MessageState.Delivered]], Day(1, 1, 2) },
        { "the same again", [[MessageState.Delivered, MessageState.Queued], [MessageState.Delivered, MessageState.Queued]], Day(1, 1, 1) },
        { "never delivered", [[MessageState.Queued, MessageState.Queued], [MessageState.Bounced, MessageState.Bounced]], Day(1) },
        { "quarantined and released", [[MessageState.Quarantined, MessageState.Quarantined], [MessageState.Queued, MessageState.Quarantined], [MessageState.Delivered, MessageState.Quarantined]], Day(1, 1, 1, 1) },
        { "released twice", [[MessageState.Delivered, MessageState.Delivered], [MessageState.Queued, MessageState.Queued], [MessageState.Delivered, MessageState.Delivered]], Day(1, 1, 2) },
        { "one accepts, one rejects", [[MessageState.Delivered, MessageState.Rejected]], Day(1, 1, 1) },
        { "refused for good", [[MessageState.Rejected, MessageState.Rejected]], Day(0, blocked: 1) },
        { "refused for now", [[MessageState.TemporarilyRefused, MessageState.TemporarilyRefused]], Day(0) },
    };

    [Theory]
    [MemberData(nameof(Stories))]
    public async Task A_message_counts_once_however_often_it_is_written(string what, MessageState[][] states, UsageDay expected)
    {
        foreach (var restart in (bool[])[false, true])
        {
            using var folder = new TempFolder(inMemory: true);
            var log = await OpenAsync(folder.Path);
            foreach (var state in states)
            {
                log.Save(Record(1, state));
                await log.FlushAsync(Cancellation);
                if (restart)
                {
                    await log.DisposeAsync();
                    log = await OpenAsync(folder.Path);
                    await log.RestoreAsync([Record(1, state)], Cancellation);
                }
            }

            var usage = await log.Usage.FindAsync(November, Cancellation);
            Assert.True((usage.Days.SingleOrDefault() ?? Day(0)) == expected, $"{what}: {usage.Days.SingleOrDefault()}");
            var received = states.SelectMany(s => s.Index()).Where(s => s.Item == MessageState.Delivered).Select(s => s.Index).Distinct().Count();
            Assert.Equal(received, usage.Mailboxes.SingleOrDefault()?.Received ?? 0);
            await log.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_message_that_changes_its_class_moves_to_the_new_one()
    {
        await using var log = await OpenAsync(_folder.Path);
        log.Save(Record(1, [MessageState.Held]) with { Class = MessageClass.Suspicious });
        await log.FlushAsync(Cancellation);
        log.Save(Record(1, [MessageState.Quarantined]) with { Class = MessageClass.Infected });
        await log.FlushAsync(Cancellation);
        Assert.Equal(Day(1, quarantined: 1) with { Class = MessageClass.Infected }, Assert.Single((await log.Usage.FindAsync(November, Cancellation)).Days));
    }

    [Fact]
    public async Task Only_own_addresses_that_really_got_or_sent_mail_are_mailboxes()
    {
        await using var log = await OpenAsync(_folder.Path);
        log.Usage.IsOwn = (tenant, domain) => tenant == "acme" && domain.Equals("acme.example", StringComparison.OrdinalIgnoreCase);
        log.Save(Record(1, [MessageState.Delivered, MessageState.Quarantined]));
        log.Save(Record(2, [MessageState.Delivered]) with { Recipients = [Recipient("ONE@Acme.Example", MessageState.Delivered), Recipient("copy@elsewhere.example", MessageState.Delivered)] });
        log.Save(Record(3, [MessageState.Queued]) with { Direction = Direction.Outbound, ReversePath = "boss@acme.example" });
        log.Save(Record(4, [MessageState.Rejected]) with { Direction = Direction.Outbound, ReversePath = "refused@acme.example" });
        log.Save(Record(5, [MessageState.Delivered]) with { Direction = Direction.Outbound, ReversePath = "" });
        log.Save(Record(6, [MessageState.Delivered]) with { Direction = Direction.Outbound, ReversePath = "forged@elsewhere.example" });
        log.Save(Record(7, [MessageState.Delivered]) with { Direction = Direction.Outbound, ReversePath = "one@acme.example" });
        log.Save(Record(8, [MessageState.Delivered]) with { Recipients = [.. Enumerable.Range(0, 5).Select(i => Recipient($"one+{i}@acme.example", MessageState.Delivered))] });
        await log.FlushAsync(Cancellation);
        Assert.Equal(new MailboxCount("acme", 2, 1, 2), Assert.Single((await log.Usage.FindAsync(November, Cancellation)).Mailboxes));
        var mailboxes = await log.Usage.MailboxesAsync(November, "acme", null, 10, Cancellation);
        Assert.Equal([("boss@acme.example", false, true), ("one@acme.example", true, true)], mailboxes.Select(m => (m.Address, m.HasReceived, m.HasSent)));
        Assert.Equal(["one@acme.example"], (await log.Usage.MailboxesAsync(November, "acme", "boss@acme.example", 10, Cancellation)).Select(m => m.Address));
        Assert.Empty(await log.Usage.MailboxesAsync(November, "acm", null, 10, Cancellation));
        Assert.Equal([November], (await log.Usage.FindMailboxAsync("acme", "One@acme.example", Cancellation)).Select(m => m.Month));
    }

    [Fact]
    public async Task Addresses_that_nobody_listed_or_that_went_with_their_domain_count_apart()
    {
        await using var log = await OpenAsync(_folder.Path);
        var listed = new HashSet<string> { "one@acme.example", "two@former.example" };
        log.Usage.IsListed = address => listed.Contains(address);
        log.Save(Record(1, [MessageState.Delivered]) with
        {
            Recipients = [.. new[] { "one@acme.example", "zozo@acme.example", "late@acme.example", "two@former.example", "three@former.example" }.Select(a => Recipient(a, MessageState.Delivered))],
        });
        log.Save(Record(2, [MessageState.Delivered]) with
        {
            Recipients = [Recipient("paul@acme.example", MessageState.Delivered) with { RedirectedTo = "one@acme.example" }, Recipient("tom@acme.example", MessageState.Delivered) with { RedirectedTo = "x@gmail.example" }],
        });
        await log.FlushAsync(Cancellation);
        listed.Add("late@acme.example");
        log.Save(Record(3, [MessageState.Delivered]) with { Recipients = [Recipient("late@acme.example", MessageState.Delivered)] });
        await log.FlushAsync(Cancellation);

        log.Usage.IsOwn = (_, domain) => domain == "acme.example";
        await log.Usage.RenameAsync("acme", "one@acme.example", _ => "x@y.invalid", Cancellation);
        Assert.Equal(new MailboxCount("acme", 2, 2, 0) { Unlisted = 1, Former = 3 }, Assert.Single((await log.Usage.FindAsync(November, Cancellation)).Mailboxes));
        var mailboxes = await log.Usage.MailboxesAsync(November, "acme", null, 10, Cancellation);
        Assert.Equal(
            [
                ("late@acme.example", MailboxStanding.Used), ("three@former.example", MailboxStanding.Former), ("two@former.example", MailboxStanding.Former), ("x@gmail.example", MailboxStanding.Former),
                ("x@y.invalid", MailboxStanding.Used), ("zozo@acme.example", MailboxStanding.Unlisted),
            ],
            mailboxes.Select(m => (m.Address, m.Standing)));
    }

    [Fact]
    public async Task The_numbers_of_a_month_outlive_its_messages()
    {
        var options = new StoreOptions { DataFolder = _folder.Path, MessageLogMonths = 1 };
        await using (var log = await MessageLog.MessageLog.OpenAsync(options, _time, NullLogger.Instance, Cancellation))
        {
            log.Save(Record(1, [MessageState.Delivered]));
        }

        _time.Advance(TimeSpan.FromDays(40));
        await using var later = await MessageLog.MessageLog.OpenAsync(options, _time, NullLogger.Instance, Cancellation);
        Assert.Null(await later.FindAsync(SampleRecords.Reference(1), Cancellation));
        var usage = await later.Usage.FindAsync(November, Cancellation);
        Assert.Equal((Day(1, 1, 1), new MailboxCount("acme", 1, 1, 0)), (Assert.Single(usage.Days), Assert.Single(usage.Mailboxes)));
        Assert.Equal([202612, November], await later.Usage.MonthsAsync(Cancellation));
    }

    /// <summary>Who sent it, whether it counts.</summary>
    [Theory]
    [InlineData("192.0.2.7", false, 1)]
    [InlineData("192.0.2.7", true, 0)]
    [InlineData("", false, 0)]
    public async Task Mail_with_the_null_path_is_free_only_where_the_gateway_made_it(string client, bool isOurs, int messages)
    {
        await using var log = await OpenAsync(_folder.Path);
        log.Save(Record(1, [MessageState.Delivered]) with { Direction = Direction.Outbound, ReversePath = "", ClientAddress = client, IsOurs = isOurs });
        await log.FlushAsync(Cancellation);
        Assert.Equal(messages, (await log.Usage.FindAsync(November, Cancellation)).Days.Sum(d => d.Messages));
    }

    [Fact]
    public async Task A_renamed_address_still_counts_once()
    {
        await using var log = await OpenAsync(_folder.Path);
        log.Save(Record(1, [MessageState.Delivered, MessageState.Delivered]));
        await log.FlushAsync(Cancellation);
        Assert.Equal(1, await log.Usage.RenameAsync("acme", "ONE@acme.example", _ => "x@y.invalid", Cancellation));
        Assert.Equal(2, (await log.Usage.FindAsync(November, Cancellation)).Mailboxes.Single().Used);
        Assert.Equal(["two@acme.example", "x@y.invalid"], (await log.Usage.MailboxesAsync(November, "acme", null, 10, Cancellation)).Select(m => m.Address));
        Assert.Equal(2, await log.Usage.RenameAsync("acme", null, a => a + ".invalid", Cancellation));
    }

    [Fact]
    public void The_first_story_makes_no_table_under_those_who_read()
    {
        using var database = new LiteDB.LiteDatabase(new MemoryStream());
        StoryTable.Prepare(database);
        StoryTable.Prepare(database);
        List<string> made = [.. database.GetCollectionNames().Order(StringComparer.Ordinal)];
        foreach (var isPseudonymised in (bool[])[true, false])
        {
            var tally = new UsageTally(database, (_, _) => true, _ => true);
            StoryTable.Put(database, [Record(1, [MessageState.Delivered]) with { IsPseudonymised = isPseudonymised }], tally);
        }

        Assert.Equal(["again", "mailboxes", "records", "usage"], made);
        Assert.Equal(made, database.GetCollectionNames().Order(StringComparer.Ordinal));
        Assert.Equal(1, UsageTable.Read(database, November, (_, _) => true).Mailboxes.Single().Used);
    }

    public void Dispose() => _folder.Dispose();

    private static UsageDay Day(int messages, int delivered = 0, int deliveries = 0, int quarantined = 0, int blocked = 0) => new()
    {
        Tenant = "acme",
        Day = new DateOnly(2026, 11, 10),
        Direction = Direction.Inbound,
        Class = MessageClass.Clean,
        Messages = messages,
        Bytes = messages * 4096,
        Delivered = delivered,
        Deliveries = deliveries,
        Quarantined = quarantined,
        Blocked = blocked,
    };

    private static MessageRecord Record(int number, MessageState[] states) => SampleRecords.Record(SampleRecords.Reference(number)) with
    {
        Recipients = [.. states.Select((s, i) => Recipient(i == 0 ? "one@acme.example" : "two@acme.example", s))],
    };

    private static RecipientRecord Recipient(string address, MessageState state) => new() { Address = address, Action = VerdictAction.Deliver, State = state };

    private Task<MessageLog.MessageLog> OpenAsync(string folder) =>
        MessageLog.MessageLog.OpenAsync(new StoreOptions { DataFolder = folder }, _time, NullLogger.Instance, Cancellation);
}
