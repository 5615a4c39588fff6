using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SecuEdge.Content;
using SecuEdge.Filter;
using SecuEdge.Store.MessageLog;
using SecuEdge.Store.Quarantine;
using SecuEdge.TestKit;
using static SecuEdge.Store.Tests.SampleRecords;

namespace SecuEdge.Store.Tests;

public sealed class QuarantineTests : IDisposable
{
    private readonly TempFolder _folder = new(inMemory: true);
    private readonly FakeTimeProvider _time = new(Start);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Index => Path.Combine(_folder.Path, "quarantine.db");

    private string Bodies => Path.Combine(_folder.Path, "quarantine");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_message_is_there_after_a_restart(bool isInMemory)
    {
        var bytes = Bytes(Reference(1), 100_000);
        var quarantine = await OpenAsync();
        await quarantine.AddAsync(Entry(1), isInMemory ? new MemoryBytes(bytes) : FileOf(bytes), Cancellation);
        await quarantine.DisposeAsync();

        await using var again = await OpenAsync();
        Assert.Empty(again.Notes);
        Assert.Equal((1, 100_000), (again.Count, again.TotalBytes));
        Assert.Equivalent(Entry(1), await again.FindAsync(Reference(1), Cancellation), strict: true);
        Assert.Equivalent(Entry(1), Assert.Single((await again.ListAsync(new QuarantineQuery(), Cancellation)).Items), strict: true);
        using var stream = again.OpenBytes(Reference(1))!.OpenRead();
        using var copy = new MemoryStream();
        await stream.CopyToAsync(copy, Cancellation);
        Assert.Equal(bytes, copy.ToArray());
    }

    [Fact]
    public async Task Adding_again_changes_nothing_and_updating_replaces_the_entry()
    {
        await using var quarantine = await OpenAsync();
        await quarantine.AddAsync(Entry(1), new MemoryBytes(new byte[10]), Cancellation);
        await quarantine.AddAsync(Entry(1) with { Recipients = [] }, new MemoryBytes(new byte[20]), Cancellation);
        Assert.Equal((1, 10), (quarantine.Count, quarantine.TotalBytes));
        Assert.Equal(2, (await quarantine.FindAsync(Reference(1), Cancellation))!.Recipients.Count);

        Assert.True(await quarantine.UpdateAsync(Entry(1) with { ReleasedTo = ["one@acme.example"] }, Cancellation));
        Assert.Single((await quarantine.FindAsync(Reference(1), Cancellation))!.ReleasedTo);
    }

    /// <summary>The owner of a mailbox is told of his own part: that others wait, and for whom, is not for him.</summary>
    [Theory]
    [InlineData(null, QuarantineState.Waiting, "", true)]
    [InlineData(null, QuarantineState.Released, "", false)]
    [InlineData("one@acme.example", QuarantineState.Waiting, "", false)]
    [InlineData("one@acme.example", QuarantineState.Released, "", true)]
    [InlineData("two@acme.example", QuarantineState.Waiting, "", true)]
    [InlineData(null, null, "two@ACME", true)]
    [InlineData("one@acme.example", null, "two@acme", false)]
    [InlineData("one@acme.example", null, "one@acme", true)]
    [InlineData("one@acme.example", null, "minutes of", true)]
    [InlineData(null, null, "sender@example.net", true)]
    [InlineData(null, null, "nothing of it", false)]
    public async Task What_waits_and_what_is_searched_depends_on_who_asks(string? owner, QuarantineState? state, string text, bool isFound)
    {
        await using var quarantine = await OpenAsync();
        await quarantine.AddAsync(Entry(1) with { ReleasedTo = ["one@acme.example"] }, new MemoryBytes(new byte[10]), Cancellation);
        var query = new QuarantineQuery { State = state, Text = text };
        query = owner is null ? query : query with { Tenants = new HashSet<string>(), Mailboxes = [new MailboxView("acme", owner)] };
        Assert.Equal(isFound, (await quarantine.ListAsync(query, Cancellation)).Items.Count == 1);
    }

    [Theory]
    [InlineData("sender@example.net", true)]
    [InlineData("@example.net", true)]
    [InlineData("@other.example", false)]
    public async Task Who_sees_everything_finds_a_sender_or_everybody_of_a_domain(string sender, bool isFound)
    {
        await using var quarantine = await OpenAsync();
        await quarantine.AddAsync(Entry(1), new MemoryBytes(new byte[10]), Cancellation);
        Assert.Equal(isFound, (await quarantine.ListAsync(new QuarantineQuery { Sender = sender }, Cancellation)).Items.Count == 1);
    }

    [Theory]
    [InlineData(1, "0HN4ABCD1234")]
    [InlineData(0, "other")]
    public async Task Another_message_of_the_same_reference_is_refused_and_replaces_nothing(int minutesLater, string connectionId)
    {
        await using var quarantine = await OpenAsync();
        await quarantine.AddAsync(Entry(1), new MemoryBytes(new byte[10]), Cancellation);
        var other = Entry(1) with { Message = Entry(1).Message with { ReceivedAt = Start.AddMinutes(minutesLater), ConnectionId = connectionId } };

        await Assert.ThrowsAsync<IOException>(() => quarantine.AddAsync(other, new MemoryBytes(new byte[20]), Cancellation));
        Assert.Equal((1, 10), (quarantine.Count, quarantine.TotalBytes));
        Assert.Equivalent(Entry(1), await quarantine.FindAsync(Reference(1), Cancellation), strict: true);
    }

    [Fact]
    public async Task An_entry_whose_sidecar_cannot_be_read_is_written_again()
    {
        await using var quarantine = await OpenAsync();
        await quarantine.AddAsync(Entry(1), new MemoryBytes(new byte[10]), Cancellation);
        await File.WriteAllTextAsync(Path.ChangeExtension(quarantine.OpenBytes(Reference(1))!.FilePath!, ".json"), "{ rotten", Cancellation);
        await quarantine.AddAsync(Entry(1), new MemoryBytes(Bytes(Reference(1), 20)), Cancellation);

        Assert.Equal((1, 20), (quarantine.Count, quarantine.TotalBytes));
        Assert.Equivalent(Entry(1), await quarantine.FindAsync(Reference(1), Cancellation), strict: true);
        Assert.True(AreBytesOf(Reference(1), await File.ReadAllBytesAsync(quarantine.OpenBytes(Reference(1))!.FilePath!, Cancellation)));
    }

    [Fact]
    public async Task An_entry_that_was_deleted_meanwhile_cannot_be_updated()
    {
        await using var quarantine = await OpenAsync();
        await quarantine.AddAsync(Entry(1), new MemoryBytes(new byte[10]), Cancellation);
        await quarantine.DeleteAsync(Reference(1), Cancellation);

        Assert.False(await quarantine.UpdateAsync(Entry(1), Cancellation));
        Assert.Equal(0, quarantine.Count);
    }

    [Fact]
    public async Task Deleting_removes_every_trace()
    {
        await using var quarantine = await OpenAsync();
        await quarantine.AddAsync(Entry(1), new MemoryBytes(new byte[10]), Cancellation);
        Assert.True(await quarantine.DeleteAsync(Reference(1), Cancellation));
        Assert.False(await quarantine.DeleteAsync(Reference(1), Cancellation));
        Assert.Equal((0, 0), (quarantine.Count, quarantine.TotalBytes));
        Assert.Null(quarantine.OpenBytes(Reference(1)));
        Assert.Empty((await quarantine.ListAsync(new QuarantineQuery(), Cancellation)).Items);
        Assert.Empty(Directory.GetFiles(Bodies, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Expiry_takes_what_is_older_and_says_which()
    {
        await using var quarantine = await OpenAsync();
        await AddAsync(quarantine, 300);
        var expired = await quarantine.ExpireAsync(Start.AddMinutes(-49), Cancellation);
        Assert.Equal(250, expired.Count);
        Assert.Equal(50, quarantine.Count);
        Assert.Contains(Reference(299), expired);
        Assert.DoesNotContain(Reference(0), expired);
    }

    [Fact]
    public async Task Pages_by_cursor_show_each_entry_once_newest_first()
    {
        await using var quarantine = await OpenAsync();
        await AddAsync(quarantine, 250);
        var seen = new List<QuarantineEntry>();
        string? cursor = null;
        do
        {
            var page = await quarantine.ListAsync(new QuarantineQuery { Limit = 40, Cursor = cursor }, Cancellation);
            seen.AddRange(page.Items);
            cursor = page.Next;
        }
        while (cursor is not null);

        Assert.Equal(Enumerable.Range(0, 250).Select(Reference), seen.Select(e => e.Reference));
    }

    [Fact]
    public async Task Filters_are_combined()
    {
        await using var quarantine = await OpenAsync();
        await quarantine.AddAsync(Entry(1), new MemoryBytes(new byte[1]), Cancellation);
        var spam = Entry(2) with { Recipients = ["three@acme.example"], Queues = ["legal"] };
        await quarantine.AddAsync(spam with { Message = spam.Message with { Class = MessageClass.Spam, Tenant = "other" } }, new MemoryBytes(new byte[1]), Cancellation);

        Assert.Equal([Reference(2)], await ListAsync(new QuarantineQuery { Class = MessageClass.Spam }));
        Assert.Equal([Reference(2)], await ListAsync(new QuarantineQuery { Tenant = "other" }));
        Assert.Equal([Reference(2)], await ListAsync(new QuarantineQuery { Recipient = "Three@acme.example" }));
        Assert.Equal([Reference(2)], await ListAsync(new QuarantineQuery { Queue = "Legal" }));
        Assert.Empty(await ListAsync(new QuarantineQuery { Queue = "policy" }));
        Assert.Empty(await ListAsync(new QuarantineQuery { Queue = "legal", Recipient = "one@acme.example" }));
        Assert.Equal([Reference(1), Reference(2)], await ListAsync(new QuarantineQuery { Sender = "sender@example.net" }));
        Assert.Empty(await ListAsync(new QuarantineQuery { Recipient = "one@acme.example", Class = MessageClass.Spam }));
        Assert.Empty(await ListAsync(new QuarantineQuery { Until = Start.AddDays(-1) }));

        async Task<IEnumerable<string>> ListAsync(QuarantineQuery query) => (await quarantine.ListAsync(query, Cancellation)).Items.Select(e => e.Reference);
    }

    public static TheoryData<string> Damages => ["missing", "garbage", "cut at a page", "cut in a page", "empty"];

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task The_index_is_rebuilt_from_the_files(string damage)
    {
        var quarantine = await OpenAsync();
        await AddAsync(quarantine, 60);
        await quarantine.DisposeAsync();
        Damage.Apply(Index, damage);

        await using var again = await OpenAsync();
        Assert.NotEmpty(again.Notes);
        Assert.Equal(60, (await again.ListAsync(new QuarantineQuery { Limit = 200 }, Cancellation)).Items.Count);
    }

    [Fact]
    public async Task What_index_and_files_disagree_about_is_decided_by_the_files()
    {
        var quarantine = await OpenAsync();
        await AddAsync(quarantine, 3);
        await quarantine.DisposeAsync();
        foreach (var path in Directory.GetFiles(Bodies, Reference(1) + ".*", SearchOption.AllDirectories))
        {
            File.Delete(path);
        }

        var aside = Index + ".aside";
        File.Copy(Index, aside);
        var more = await OpenAsync();
        await more.AddAsync(Entry(7), new MemoryBytes(new byte[5]), Cancellation);
        await more.DisposeAsync();
        File.Copy(aside, Index, overwrite: true);

        await using var again = await OpenAsync();
        Assert.Contains("1 added, 1 removed", Assert.Single(again.Notes), StringComparison.Ordinal);
        Assert.Equal([Reference(0), Reference(2), Reference(7)], (await again.ListAsync(new QuarantineQuery(), Cancellation)).Items.Select(e => e.Reference));
    }

    [Fact]
    public async Task A_locked_index_does_not_stop_the_start()
    {
        var quarantine = await OpenAsync();
        await AddAsync(quarantine, 5);
        await quarantine.DisposeAsync();
        using (new FileStream(Index, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
        {
            await using var meanwhile = await OpenAsync();
            Assert.Contains("held by another process", string.Join(" ", meanwhile.Notes), StringComparison.Ordinal);
            Assert.Equal(5, (await meanwhile.ListAsync(new QuarantineQuery(), Cancellation)).Items.Count);
            await meanwhile.AddAsync(Entry(9), new MemoryBytes(new byte[5]), Cancellation);
        }

        await using var again = await OpenAsync();
        Assert.Equal(6, (await again.ListAsync(new QuarantineQuery(), Cancellation)).Items.Count);
        Assert.False(File.Exists(Path.Combine(_folder.Path, "quarantine.1.db")));
    }

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("a/b")]
    [InlineData("")]
    public async Task A_reference_from_outside_never_becomes_a_path(string reference)
    {
        await using var quarantine = await OpenAsync();
        Assert.Null(quarantine.OpenBytes(reference));
        Assert.Null(await quarantine.FindAsync(reference, Cancellation));
        Assert.False(await quarantine.DeleteAsync(reference, Cancellation));
        var entry = Entry(1) with { Message = Record(reference) };
        await Assert.ThrowsAsync<ArgumentException>(() => quarantine.AddAsync(entry, new MemoryBytes(new byte[1]), Cancellation));
    }

    [Fact]
    public async Task Whatever_operation_fails_a_completed_addition_is_there_and_nothing_is_half_there()
    {
        for (var n = 1; n < 60; n++)
        {
            using var folder = new TempFolder(inMemory: true);
            var disk = FailingFileSystem.FailingOnce(n, DiskFault.NoSpace);
            var added = new List<string>();
            try
            {
                await using var quarantine = await OpenAsync(disk.Options(folder.Path));
                for (var i = 0; i < 3; i++)
                {
                    try
                    {
                        await quarantine.AddAsync(Entry(i), new MemoryBytes(Bytes(Reference(i), 5000)), Cancellation);
                        added.Add(Reference(i));
                    }
                    catch (IOException)
                    {
                        // Not completed: the caller still has it.
                    }
                }
            }
            catch (IOException)
            {
                continue; // The start itself failed.
            }

            await using var again = await OpenAsync(new FailingFileSystem().Options(folder.Path));
            foreach (var entry in (await again.ListAsync(new QuarantineQuery(), Cancellation)).Items)
            {
                Assert.True(AreBytesOf(entry.Reference, await File.ReadAllBytesAsync(again.OpenBytes(entry.Reference)!.FilePath!, Cancellation)));
                added.Remove(entry.Reference);
            }

            Assert.Empty(added);
        }
    }

    public void Dispose() => _folder.Dispose();

    private static QuarantineEntry Entry(int number) => new()
    {
        QuarantinedAt = Start.AddMinutes(-number),
        Recipients = ["one@acme.example", "two@acme.example"],
        Message = Record(Reference(number), MessageState.Quarantined),
    };

    private static async Task AddAsync(Quarantine.Quarantine quarantine, int count) =>
        await Task.WhenAll(Enumerable.Range(0, count).Select(i => quarantine.AddAsync(Entry(i), new MemoryBytes(Bytes(Reference(i), 100)), Cancellation)));

    private FileBytes FileOf(byte[] bytes)
    {
        var path = Path.Combine(_folder.Path, "source");
        File.WriteAllBytes(path, bytes);
        return new FileBytes(path);
    }

    private Task<Quarantine.Quarantine> OpenAsync() => OpenAsync(new FailingFileSystem().Options(_folder.Path));

    private Task<Quarantine.Quarantine> OpenAsync(StoreOptions options) => Quarantine.Quarantine.OpenAsync(options, _time, NullLogger.Instance, Cancellation);
}
