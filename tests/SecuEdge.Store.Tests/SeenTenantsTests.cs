using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SecuEdge.Content;
using SecuEdge.Filter;
using SecuEdge.Store.MessageLog;
using SecuEdge.Store.Quarantine;
using SecuEdge.TestKit;
using static SecuEdge.Store.Tests.SampleRecords;

namespace SecuEdge.Store.Tests;

/// <summary>Lists for a caller who may see only some tenants: all of theirs, nothing of the others, in results, cursors and order alike.</summary>
public sealed class SeenTenantsTests : IDisposable
{
    private const int Tenants = 250;
    private const int Records = 1500;

    private readonly TempFolder _folder = new(inMemory: true);
    private readonly FakeTimeProvider _time = new(Start);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Tenants seen, then filters besides.</summary>
    public static TheoryData<int, string?> Views
    {
        get
        {
            var views = new TheoryData<int, string?>();
            foreach (var seen in (int[])[1, 3, 40, 240])
            {
                foreach (var filter in (string?[])[null, "recipient", "sender", "class", "text", "tenant"])
                {
                    views.Add(seen, filter);
                }
            }

            return views;
        }
    }

    [Theory]
    [MemberData(nameof(Views))]
    public async Task The_message_log_shows_exactly_their_mail_in_pages(int seen, string? filter)
    {
        await using var log = await MessageLog.MessageLog.OpenAsync(new FailingFileSystem().Options(_folder.Path), _time, NullLogger.Instance, Cancellation);
        var all = Enumerable.Range(0, Records).Select(Message).ToList();
        all.ForEach(log.Save);
        await log.FlushAsync(Cancellation);
        // A few are not on disk yet.
        var late = Enumerable.Range(Records, 20).Select(Message).ToList();
        late.ForEach(log.Save);
        all.AddRange(late);

        var query = Filtered(new MessageQuery { Tenants = Names(seen), Limit = 7 }, filter);
        var found = new List<MessageRecord>();
        do
        {
            var page = await log.SearchAsync(query, Cancellation);
            found.AddRange(page.Items);
            query = query with { Cursor = page.Next };
        }
        while (query.Cursor is not null);

        var expected = all.Where(r => Names(seen).Contains(r.Tenant) && IsWanted(r, filter)).Select(r => r.Reference).ToList();
        Assert.NotEmpty(expected);
        Assert.Equal(expected.Order(), found.Select(r => r.Reference).Order());
        Assert.Equal(found.Select(r => r.ReceivedAt).OrderDescending(), found.Select(r => r.ReceivedAt));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(40)]
    [InlineData(240)]
    public async Task The_quarantine_shows_exactly_their_mail_in_pages(int seen)
    {
        await using var quarantine = await Quarantine.Quarantine.OpenAsync(new FailingFileSystem().Options(_folder.Path), _time, NullLogger.Instance, Cancellation);
        var all = Enumerable.Range(0, 300).Select(Message).ToList();
        foreach (var message in all)
        {
            await quarantine.AddAsync(
                new QuarantineEntry { QuarantinedAt = message.ReceivedAt, Recipients = [message.Recipients[0].Address], Message = message }, new MemoryBytes(new byte[1]), Cancellation);
        }

        var query = new QuarantineQuery { Tenants = Names(seen), Limit = 7 };
        var found = new List<string>();
        do
        {
            var page = await quarantine.ListAsync(query, Cancellation);
            found.AddRange(page.Items.Select(e => e.Reference));
            query = query with { Cursor = page.Next };
        }
        while (query.Cursor is not null);
        Assert.Equal(all.Where(r => Names(seen).Contains(r.Tenant)).Select(r => r.Reference).Order(), found.Order());
    }

    [Fact]
    public async Task What_others_have_in_plenty_does_not_show_in_the_cursor()
    {
        await using var log = await MessageLog.MessageLog.OpenAsync(new FailingFileSystem().Options(_folder.Path), _time, NullLogger.Instance, Cancellation);
        for (var i = 0; i < 6000; i++)
        {
            log.Save(Record(Reference(i), MessageState.Delivered) with { ReceivedAt = Start.AddMilliseconds(-i), Tenant = "other" });
        }

        log.Save(Record(Reference(6000), MessageState.Delivered) with { ReceivedAt = Start.AddDays(-1), Tenant = "own" });
        await log.FlushAsync(Cancellation);
        foreach (var query in (MessageQuery[])
                 [
                     new() { Recipient = "one@acme.example" }, new() { Sender = "sender@example.net" }, new() { Text = "minutes" }, new() { State = MessageState.Delivered }, new(),
                 ])
        {
            var page = await log.SearchAsync(query with { Tenants = Set("own") }, Cancellation);
            Assert.Equal(Reference(6000), Assert.Single(page.Items).Reference);
            Assert.Null(page.Next);
        }

        var asked = await log.SearchAsync(new MessageQuery { Tenants = Set("own"), Tenant = "other" }, Cancellation);
        Assert.Empty(asked.Items);
        Assert.Null(asked.Next);
    }

    [Fact]
    public async Task A_cursor_after_a_long_search_is_no_order_of_a_record()
    {
        await using var log = await MessageLog.MessageLog.OpenAsync(new FailingFileSystem().Options(_folder.Path), _time, NullLogger.Instance, Cancellation);
        for (var i = 0; i < 6000; i++)
        {
            log.Save(Record(Reference(i)) with { ReceivedAt = Start.AddMilliseconds(-137 * i) });
        }

        await log.FlushAsync(Cancellation);
        var page = await log.SearchAsync(new MessageQuery { Text = "nobody writes this" }, Cancellation);
        var order = long.Parse(page.Next!, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        Assert.Equal(0, (order >> 12) % 1_000_000);
        Assert.Equal(0, order & 0xFFF);
    }

    [Fact]
    public async Task A_mailbox_shows_what_came_for_it_and_what_it_sent()
    {
        await using var log = await MessageLog.MessageLog.OpenAsync(new FailingFileSystem().Options(_folder.Path), _time, NullLogger.Instance, Cancellation);
        log.Save(Record(Reference(1)));
        log.Save(Record(Reference(2)) with { Recipients = [Record(Reference(2)).Recipients[1]] });
        log.Save(Record(Reference(3)) with { Recipients = [Record(Reference(2)).Recipients[1]], Direction = Direction.Outbound, ReversePath = "one@acme.example" });

        // Somebody else wrote it with his address.
        log.Save(Record(Reference(4)) with { Recipients = [Record(Reference(2)).Recipients[1]], ReversePath = "one@acme.example" });
        log.Save(Record(Reference(5)) with { Tenant = "other" });
        var query = new MessageQuery { Tenants = Set(), Mailboxes = [new MailboxView("acme", "One@acme.example")] };
        await CheckAsync();
        await log.FlushAsync(Cancellation);
        await CheckAsync();

        async Task CheckAsync() => Assert.Equal([Reference(1), Reference(3)], (await log.SearchAsync(query, Cancellation)).Items.Select(r => r.Reference).Order());
    }

    [Theory]
    [InlineData("one@acme.example", "two@acme.example", 2)]
    [InlineData("one@acme.example", "ONE@acme.example", 1)]
    [InlineData("two@acme.example", "one@acme.example", 0)]
    public async Task The_owner_of_a_mailbox_does_not_find_out_who_got_a_copy_unless_he_sent_it(string owner, string asked, int found)
    {
        var both = Record(Reference(1));
        var sent = Record(Reference(2)) with { Recipients = [both.Recipients[1]], Direction = Direction.Outbound, ReversePath = "one@acme.example" };
        await using var log = await MessageLog.MessageLog.OpenAsync(new FailingFileSystem().Options(_folder.Path), _time, NullLogger.Instance, Cancellation);
        await using var quarantine = await Quarantine.Quarantine.OpenAsync(new FailingFileSystem().Options(_folder.Path), _time, NullLogger.Instance, Cancellation);
        foreach (var message in (MessageRecord[])[both, sent])
        {
            log.Save(message);
            await quarantine.AddAsync(
                new QuarantineEntry { QuarantinedAt = message.ReceivedAt, Recipients = [.. message.Recipients.Select(r => r.Address)], Message = message }, new MemoryBytes(new byte[1]), Cancellation);
        }

        MailboxView[] mailboxes = [new("acme", owner)];
        string[] expected = found == 0 ? [] : [Reference(found)];
        Assert.Equal(expected, (await log.SearchAsync(new MessageQuery { Tenants = Set(), Mailboxes = mailboxes, Recipient = asked }, Cancellation)).Items.Select(r => r.Reference));
        Assert.Equal(expected, (await quarantine.ListAsync(new QuarantineQuery { Tenants = Set(), Mailboxes = mailboxes, Recipient = asked }, Cancellation)).Items.Select(e => e.Reference));
        Assert.Equal(2, (await log.SearchAsync(new MessageQuery { Recipient = "two@acme.example" }, Cancellation)).Items.Count);
    }

    [Theory]
    [InlineData("one@acme.example", MessageState.Delivered, VerdictAction.Deliver)]
    [InlineData("two@acme.example", MessageState.Quarantined, VerdictAction.Quarantine)]
    public async Task The_owner_of_a_mailbox_finds_a_message_by_how_his_own_copy_fared(string owner, MessageState state, VerdictAction action)
    {
        var both = Record(Reference(1));
        await using var log = await MessageLog.MessageLog.OpenAsync(new FailingFileSystem().Options(_folder.Path), _time, NullLogger.Instance, Cancellation);
        log.Save(both with
        {
            Action = VerdictAction.Quarantine,
            Recipients =
            [
                both.Recipients[0] with { Action = VerdictAction.Deliver, State = MessageState.Delivered },
                both.Recipients[1] with { Action = VerdictAction.Quarantine, State = MessageState.Quarantined },
            ],
        });

        foreach (var other in (MessageState[])[MessageState.Delivered, MessageState.Quarantined])
        {
            Assert.Equal(other == state ? 1 : 0, await CountAsync(new MessageQuery { State = other }));
        }

        foreach (var other in (VerdictAction[])[VerdictAction.Deliver, VerdictAction.Quarantine])
        {
            Assert.Equal(other == action ? 1 : 0, await CountAsync(new MessageQuery { Action = other }));
        }

        async Task<int> CountAsync(MessageQuery query) =>
            (await log.SearchAsync(query with { Tenants = Set(), Mailboxes = [new MailboxView("acme", owner)] }, Cancellation)).Items.Count;
    }

    [Fact]
    public async Task Who_got_it_by_a_redirect_is_found_by_those_who_see_the_tenant_and_by_no_mailbox()
    {
        var sent = Record(Reference(1));
        sent = sent with { Recipients = [sent.Recipients[0] with { RedirectedTo = "eva@acme.example" }] };
        await using var log = await MessageLog.MessageLog.OpenAsync(new FailingFileSystem().Options(_folder.Path), _time, NullLogger.Instance, Cancellation);
        log.Save(sent);
        await log.FlushAsync(Cancellation);
        var query = new MessageQuery { Recipient = "EVA@acme.example" };
        Assert.Single((await log.SearchAsync(query, Cancellation)).Items);
        Assert.Single((await log.SearchAsync(query with { Tenants = Set("acme") }, Cancellation)).Items);
        Assert.Empty((await log.SearchAsync(query with { Tenants = Set("other") }, Cancellation)).Items);
        foreach (var owner in (string[])["one@acme.example", "eva@acme.example"])
        {
            Assert.Empty((await log.SearchAsync(query with { Tenants = Set(), Mailboxes = [new("acme", owner)] }, Cancellation)).Items);
        }
    }

    public void Dispose() => _folder.Dispose();

    private static MessageRecord Message(int i) => Record(Reference(i)) with
    {
        // Some share their time to the tick.
        ReceivedAt = Start.AddMinutes(-(i / 3)),
        Tenant = "t" + (i * 7919 % Tenants).ToString(CultureInfo.InvariantCulture),
        Class = i % 5 == 0 ? MessageClass.Spam : MessageClass.Clean,
        ReversePath = i % 4 == 0 ? "often@example.net" : "rarely@example.net",
        Recipients = [Record(Reference(i)).Recipients[i / 2 % 2]],
        Subject = i % 6 == 0 ? "needle" : "hay",
    };

    private static MessageQuery Filtered(MessageQuery query, string? filter) => filter switch
    {
        null => query,
        "recipient" => query with { Recipient = "two@acme.example" },
        "sender" => query with { Sender = "often@example.net" },
        "class" => query with { Class = MessageClass.Spam },
        "text" => query with { Text = "needle" },
        "tenant" => query with { Tenant = "T0" },
        _ => throw new ArgumentOutOfRangeException(nameof(filter)),
    };

    private static bool IsWanted(MessageRecord record, string? filter) => filter switch
    {
        "recipient" => record.Recipients[0].Address == "two@acme.example",
        "sender" => record.ReversePath == "often@example.net",
        "class" => record.Class == MessageClass.Spam,
        "text" => record.Subject == "needle",
        "tenant" => record.Tenant == "t0",
        _ => true,
    };

    private static HashSet<string> Names(int count) => Set([.. Enumerable.Range(0, count).Select(i => "t" + i.ToString(CultureInfo.InvariantCulture))]);

    private static HashSet<string> Set(params string[] names) => names.ToHashSet(StringComparer.OrdinalIgnoreCase);
}
