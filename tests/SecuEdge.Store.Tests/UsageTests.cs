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
    public async Task Addresses_that_nobody_listed_count_apart_until_somebody_does()
    {
        await using var log = await OpenAsync(_folder.Path);
        var listed = new HashSet<string> { "one@acme.example" };
        log.Usage.IsOwn = (_, domain) => domain == "acme.example";
        log.Usage.IsListed = address => listed.Contains(address);
        log.Save(Delivered(1, "one@acme.example", "zozo@acme.example", "late@acme.example"));
        log.Save(Record(2, [MessageState.Delivered]) with
        {
            Recipients = [Recipient("paul@acme.example", MessageState.Delivered) with { RedirectedTo = "one@acme.example" }, Recipient("tom@acme.example", MessageState.Delivered) with { RedirectedTo = "x@gmail.example" }],
        });
        await log.FlushAsync(Cancellation);
        listed.Add("late@acme.example");
        log.Save(Delivered(3, "late@acme.example"));
        await log.FlushAsync(Cancellation);
        Assert.Equal(new MailboxCount("acme", 2, 2, 0) { Unlisted = 1 }, await CountAsync(log));
        Assert.Equal(
            [("late@acme.example", MailboxStanding.Used), ("one@acme.example", MailboxStanding.Used), ("zozo@acme.example", MailboxStanding.Unlisted)],
            (await log.Usage.MailboxesAsync(November, "acme", null, 10, Cancellation)).Select(m => (m.Address, m.Standing)));
    }

    /// <summary>What is done after a month, and that its bill says the same: from the stories, after another start, and when only the numbers are left.</summary>
    public static TheoryData<string, Func<UsageLog, Task>> LaterDeeds => new()
    {
        { "the domain is deleted", usage => Do(() => usage.IsOwn = (_, _) => false) },
        { "the domain moves to another tenant", usage => Do(() => usage.IsOwn = (tenant, _) => tenant == "globex") },
        { "the tenant is deleted", usage => usage.RenameAsync("acme", null, a => a + ".invalid", Cancellation) },
        { "all are listed", usage => Do(() => usage.IsListed = _ => true) },
        { "none is listed", usage => Do(() => usage.IsListed = _ => false) },
    };

    [Theory]
    [MemberData(nameof(LaterDeeds))]
    public async Task What_is_done_to_settings_later_changes_no_bill(string what, Func<UsageLog, Task> deed)
    {
        Assert.NotEmpty(what);
        var expected = new MailboxCount("acme", 2, 1, 1) { Unlisted = 1 };
        var stories = new[] { Delivered(1, "one@acme.example", "zozo@acme.example"), Delivered(2, "you@elsewhere.example") with { Direction = Direction.Outbound, ReversePath = "boss@acme.example" } };
        var options = new StoreOptions { DataFolder = _folder.Path, MessageLogMonths = 2 };
        await using (var log = await OpenAsync(options))
        {
            log.Usage.IsOwn = (tenant, domain) => (tenant, domain) == ("acme", "acme.example");
            log.Usage.IsListed = address => address != "zozo@acme.example";
            stories.ToList().ForEach(log.Save);
            await log.FlushAsync(Cancellation);
            Assert.Equal(expected, await CountAsync(log));

            _time.Advance(TimeSpan.FromDays(12));
            await deed(log.Usage);
            Assert.Equal(expected, await CountAsync(log));
        }

        await using (var again = await OpenAsync(options))
        {
            again.Usage.IsListed = address => address != "zozo@acme.example";
            await deed(again.Usage);
            await again.Usage.SettleAsync(Cancellation);

            // A story goes on when the rest of its mail leaves quarantine.
            again.Save(stories[0] with { Events = [.. stories[0].Events, stories[0].Events[^1]] });
            await again.FlushAsync(Cancellation);
            Assert.Equal(expected, await CountAsync(again));
        }

        _time.Advance(TimeSpan.FromDays(31));
        await using var onlyNumbers = await OpenAsync(options);
        Assert.Null(await onlyNumbers.FindAsync(SampleRecords.Reference(1), Cancellation));
        Assert.Equal(expected, await CountAsync(onlyNumbers));
    }

    [Fact]
    public async Task Mail_that_is_delivered_late_still_counts_in_its_month()
    {
        await using var log = await OpenAsync(_folder.Path);
        log.Save(Record(1, [MessageState.Deferred]));
        await log.FlushAsync(Cancellation);
        _time.Advance(TimeSpan.FromDays(12));
        log.Save(Record(1, [MessageState.Delivered]));
        await log.FlushAsync(Cancellation);
        Assert.Equal(new MailboxCount("acme", 1, 1, 0), await CountAsync(log));
    }

    [Fact]
    public async Task What_an_older_version_counted_is_judged_once()
    {
        await using (var log = await OpenAsync(_folder.Path))
        {
            log.Save(Delivered(1, "one@acme.example", "x@y.invalid", "x@gmail.example"));
        }

        using (var database = new LiteDB.LiteDatabase(Path.Combine(_folder.Path, "messages-202611.db")))
        {
            var rows = database.GetCollection("mailboxes");
            foreach (var row in rows.FindAll().ToList())
            {
                Assert.True(row.Remove("o"));
                rows.Update(row);
            }
        }

        var expected = new MailboxCount("acme", 2, 2, 0) { Former = 1 };
        await using var newer = await OpenAsync(_folder.Path);
        newer.Usage.IsOwn = (_, domain) => domain == "acme.example";
        await newer.Usage.SettleAsync(Cancellation);
        Assert.Equal(expected, await CountAsync(newer));

        newer.Usage.IsOwn = (_, domain) => domain == "gmail.example";
        await newer.Usage.SettleAsync(Cancellation);
        await newer.Usage.RenameAsync("acme", "x@gmail.example", _ => "z@y.invalid", Cancellation);
        Assert.Equal(expected, await CountAsync(newer));
        Assert.Equal(MailboxStanding.Former, Assert.Single(await newer.Usage.FindMailboxAsync("acme", "z@y.invalid", Cancellation)).Standing);

        // The domain has become the tenant's: from now on what its addresses do counts.
        newer.Usage.IsOwn = (_, domain) => domain == "y.invalid";
        newer.Save(Delivered(2, "z@y.invalid"));
        await newer.FlushAsync(Cancellation);
        Assert.Equal(new MailboxCount("acme", 3, 3, 0), await CountAsync(newer));
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

    [Theory]
    [InlineData("ac")]
    [InlineData("acme")]
    [InlineData("acme.north")]
    [InlineData("acme", "ac")]
    [InlineData("nobody")]
    [InlineData]
    public async Task Who_asks_for_some_tenants_gets_theirs_alone(params string[] tenants)
    {
        string[] all = ["ac", "acme", "acme.north", "acme2", "acmf"];
        await using var log = await OpenAsync(_folder.Path);
        foreach (var (i, tenant) in all.Index())
        {
            log.Save(Record(i + 1, [MessageState.Delivered, MessageState.Delivered]) with { Tenant = tenant });
        }

        await log.FlushAsync(Cancellation);
        List<string> expected = [.. all.Intersect(tenants)];
        var usage = await log.Usage.FindAsync(November, Cancellation, tenants);
        Assert.Equal(expected, usage.Days.Select(d => d.Tenant).Order(StringComparer.Ordinal));
        Assert.Equal(expected, usage.Mailboxes.Select(m => m.Tenant).Order(StringComparer.Ordinal));
        Assert.All(usage.Mailboxes, m => Assert.Equal(2, m.Used));
        foreach (var tenant in expected)
        {
            var first = Assert.Single(await log.Usage.MailboxesAsync(November, tenant, null, 1, Cancellation));
            var second = Assert.Single(await log.Usage.MailboxesAsync(November, tenant, first.Address, 5, Cancellation));
            Assert.NotEqual(first.Address, second.Address);
        }
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
            var tally = new UsageTally(database, (_, _) => true, _ => true, isOver: false);
            StoryTable.Put(database, [Record(1, [MessageState.Delivered]) with { IsPseudonymised = isPseudonymised }], tally);
        }

        Assert.Equal(["again", "mailboxes", "records", "usage"], made);
        Assert.Equal(made, database.GetCollectionNames().Order(StringComparer.Ordinal));
        Assert.Equal(1, UsageTable.Read(database, November, null).Mailboxes.Single().Used);
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

    private static MessageRecord Delivered(int number, params string[] addresses) =>
        SampleRecords.Record(SampleRecords.Reference(number)) with { Recipients = [.. addresses.Select(a => Recipient(a, MessageState.Delivered))] };

    private static async Task<MailboxCount> CountAsync(MessageLog.MessageLog log) => Assert.Single((await log.Usage.FindAsync(November, Cancellation)).Mailboxes);

    private static Task Do(Action deed)
    {
        deed();
        return Task.CompletedTask;
    }

    private static RecipientRecord Recipient(string address, MessageState state) => new() { Address = address, Action = VerdictAction.Deliver, State = state };

    private Task<MessageLog.MessageLog> OpenAsync(string folder) => OpenAsync(new StoreOptions { DataFolder = folder });

    private Task<MessageLog.MessageLog> OpenAsync(StoreOptions options) => MessageLog.MessageLog.OpenAsync(options, _time, NullLogger.Instance, Cancellation);
}
