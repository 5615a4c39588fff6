using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SecuEdge.Store.MessageLog;
using SecuEdge.TestKit;
using static SecuEdge.Store.Tests.SampleRecords;

namespace SecuEdge.Store.Tests;

/// <summary>Whatever happens to a month's file, the log opens, takes records, and says what it did.</summary>
public sealed class MessageLogDamageTests : IDisposable
{
    private readonly TempFolder _folder = new(inMemory: true);
    private readonly FakeTimeProvider _time = new(Start);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Month => Path.Combine(_folder.Path, "messages-202611.db");

    [Theory]
    [InlineData("garbage")]
    [InlineData("cut at a page")]
    [InlineData("cut in a page")]
    [InlineData("empty")]
    public async Task A_broken_month_is_kept_aside_and_the_log_goes_on(string damage)
    {
        await FillAsync(0, 200);
        Damage.Apply(Month, damage);

        await using (var log = await OpenAsync())
        {
            Assert.Contains("messages-202611.db", Assert.Single(log.Notes), StringComparison.Ordinal);
            log.Save(Record(Reference(999)));
            await log.FlushAsync(Cancellation);
        }

        await using var again = await OpenAsync();
        Assert.Empty(again.Notes);
        Assert.NotNull(await again.FindAsync(Reference(999), Cancellation));
        Assert.Single(Directory.GetFiles(_folder.Path, "*.broken-20261110T080000"));
    }

    [Fact]
    public async Task A_database_without_a_readable_index_is_replaced_when_it_is_written()
    {
        await FillAsync(0, 500);
        var bytes = await File.ReadAllBytesAsync(Month, Cancellation);

        // The header and the first pages stay whole: it opens, and fails in use.
        new Random(1).NextBytes(bytes.AsSpan(10 * 8192));
        await File.WriteAllBytesAsync(Month, bytes, Cancellation);

        await using var log = await OpenAsync();
        for (var i = 1000; i < 1200; i++)
        {
            log.Save(Record(Reference(i)));
        }

        await log.FlushAsync(Cancellation);
        Assert.NotNull(await log.FindAsync(Reference(1100), Cancellation));
    }

    [Fact]
    public async Task A_month_that_cannot_be_read_does_not_hide_the_others()
    {
        await FillAsync(0, 10);
        await using var log = await OpenAsync();
        log.Save(Record(Reference(50)) with { ReceivedAt = Start.AddMonths(-1) });
        log.Save(Record(Reference(51)) with { ReceivedAt = Start.AddMonths(-2) });
        await log.FlushAsync(Cancellation);
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "messages-202608.db"), "not a database", Cancellation);

        Assert.Equal(12, (await log.SearchAsync(new MessageQuery { Limit = 100 }, Cancellation)).Items.Count);
        Assert.NotNull(await log.FindAsync(Reference(51), Cancellation));
    }

    [Fact]
    public async Task A_locked_month_is_stood_in_for_and_its_records_come_home()
    {
        await FillAsync(0, 10);
        using (new FileStream(Month, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
        {
            await using var meanwhile = await OpenAsync();
            Assert.Contains("held by another process", Assert.Single(meanwhile.Notes), StringComparison.Ordinal);
            meanwhile.Save(Record(Reference(77)));
            await meanwhile.FlushAsync(Cancellation);
        }

        await using var log = await OpenAsync();
        Assert.NotNull(await log.FindAsync(Reference(77), Cancellation));
        Assert.NotNull(await log.FindAsync(Reference(7), Cancellation));
        Assert.False(File.Exists(Path.Combine(_folder.Path, "messages-202611.1.db")));
    }

    [Fact]
    public async Task A_folder_that_takes_nothing_costs_the_oldest_records_and_never_the_process()
    {
        await using var log = await OpenAsync();
        Directory.CreateDirectory(Path.Combine(_folder.Path, "messages-202612.db"));
        for (var i = 0; i < 12_000; i++)
        {
            log.Save(Record(Reference(i)) with { ReceivedAt = Start.AddMonths(1) });
        }

        await Assert.ThrowsAsync<IOException>(() => log.FlushAsync(Cancellation));
        Assert.NotEqual("", log.Trouble);
        Assert.NotNull(await log.FindAsync(Reference(11_999), Cancellation));

        Directory.Delete(Path.Combine(_folder.Path, "messages-202612.db"));
        await log.FlushAsync(Cancellation);
        Assert.NotNull(await log.FindAsync(Reference(11_999), Cancellation));
    }

    public void Dispose() => _folder.Dispose();

    private async Task FillAsync(int first, int count)
    {
        await using var log = await OpenAsync();
        for (var i = first; i < first + count; i++)
        {
            log.Save(Record(Reference(i), MessageState.Delivered));
        }

        await log.FlushAsync(Cancellation);
    }

    private Task<MessageLog.MessageLog> OpenAsync() =>
        MessageLog.MessageLog.OpenAsync(new FailingFileSystem().Options(_folder.Path), _time, NullLogger.Instance, Cancellation);
}
