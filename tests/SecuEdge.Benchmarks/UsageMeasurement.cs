using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using SecuEdge.Filter;
using SecuEdge.Filter.Checks;
using SecuEdge.Store;
using SecuEdge.Store.MessageLog;

namespace SecuEdge.Benchmarks;

/// <summary>
/// What metering costs: the stories of a month in which 100,000 mailboxes get mail, without and with counting them. <c>usage FOLDER</c>;
/// <c>tests/load/tree</c> runs it.
/// </summary>
internal static class UsageMeasurement
{
    private const int Mailboxes = 100_000;
    private const int Flush = 1_000;

    public static async Task RunAsync(string folder)
    {
        await using var log = await MessageLog.OpenAsync(
            new StoreOptions { DataFolder = folder }, TimeProvider.System, NullLogger.Instance, CancellationToken.None);
        await SaveAsync(log, "a", 5_000);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var first = await SaveAsync(log, "b", Mailboxes);
        var memory = GC.GetTotalMemory(forceFullCollection: true) - before;
        var known = await SaveAsync(log, "c", 20_000);

        // Last, in a table as large as the others had.
        log.Usage.IsOwn = (_, _) => false;
        var without = await SaveAsync(log, "d", 20_000);
        var started = Stopwatch.GetTimestamp();
        var usage = await log.Usage.FindAsync(MonthlyFiles.MonthOf(TimeProvider.System.GetUtcNow()), CancellationToken.None);
        Print("story written, a mailbox seen for the first time in the month (CPU)", $"{first:0} us");
        Print("story written, a mailbox seen before (CPU)", $"{known:0} us");
        Print("story written, its mailbox not counted (CPU)", $"{without:0} us");
        Print($"managed memory that {Mailboxes:N0} known mailboxes take", $"{memory / 1e6:0.0} MB");
        Print("numbers of the month read for a bill", $"{Stopwatch.GetElapsedTime(started).TotalMilliseconds:0} ms, {usage.Mailboxes.Sum(m => m.Used):N0} mailboxes");
    }

    /// <returns>Microseconds of CPU a story.</returns>
    private static async Task<double> SaveAsync(MessageLog log, string prefix, int count)
    {
        var process = Process.GetCurrentProcess();
        var now = TimeProvider.System.GetUtcNow();
        var before = process.TotalProcessorTime;
        for (var i = 0; i < count; i++)
        {
            log.Save(Story($"{prefix}{i}", i, now));
            if (i % Flush == Flush - 1)
            {
                await log.FlushAsync(CancellationToken.None);
            }
        }

        await log.FlushAsync(CancellationToken.None);
        process.Refresh();
        return (process.TotalProcessorTime - before).TotalMicroseconds / count;
    }

    private static MessageRecord Story(string reference, int mailbox, DateTimeOffset now) => new()
    {
        Reference = reference,
        ReceivedAt = now,
        Direction = Direction.Inbound,
        Tenant = $"customer-{mailbox % 1_000}",
        ConnectionId = "c",
        ClientAddress = "192.0.2.17",
        HeloName = "mail.example.net",
        ReversePath = "sender@example.net",
        Recipients = [new RecipientRecord { Address = $"user{mailbox}@customer-{mailbox % 1_000}.example", Action = VerdictAction.Deliver, State = MessageState.Delivered }],
        HeaderFrom = "sender@example.net",
        Subject = "Minutes of the meeting",
        SizeBytes = 4096,
        Events = [new MessageEvent { At = now, Kind = MessageEventKind.Received, Text = "Received 4096 bytes from 192.0.2.17." }],
    };

    private static void Print(string what, FormattableString figure) => Console.WriteLine($"| {what} | {figure.ToString(CultureInfo.InvariantCulture)} |");
}
