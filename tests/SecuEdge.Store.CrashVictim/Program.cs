using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using SecuEdge.Store;
using SecuEdge.Store.MessageLog;
using SecuEdge.Store.Spool;
using SecuEdge.Store.Tests;

// A small gateway that lives to be killed: it takes, defers and delivers mail as fast as it can and says on its output what it promised.
//   A REFERENCE   the message was acknowledged
//   F REFERENCE   the message was finished
// Arguments: data folder, number of this run, and "audit" for the one of the audit log.
var options = new StoreOptions { DataFolder = args[0], SegmentBytes = 1 << 20, MaxSegments = 3, FreeSpaceFloorBytes = 0 };
var run = int.Parse(args[1], CultureInfo.InvariantCulture);
var output = Console.OpenStandardOutput();
if (args is [_, _, "audit"])
{
    await AuditVictim.RunAsync(options, output);
    return;
}

await using var log = await MessageLog.OpenAsync(options, TimeProvider.System, NullLogger.Instance, CancellationToken.None);
var (spool, recovery) = await Spool.OpenAsync(options, TimeProvider.System, NullLogger.Instance, log.FlushAsync, CancellationToken.None);
await log.RestoreAsync(recovery.Finished, CancellationToken.None);
foreach (var entry in recovery.Live.Where((_, i) => i % 2 == 0))
{
    await FinishAsync(entry);
}

var next = 0;
await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(WorkAsync)));

async Task WorkAsync()
{
    while (true)
    {
        var number = Interlocked.Increment(ref next);
        var reference = SampleRecords.Reference((run * 20_000) + number);
        var entry = await CommitAsync(reference, number % 20 == 0 ? 300_000 : 500 + (number % 6000));
        Say('A', reference);
        if (number % 7 == 0)
        {
            await spool.SaveAsync(entry, SampleRecords.Record(reference, MessageState.Deferred), CancellationToken.None);
        }

        // Some stay, as deferred mail does.
        if (number % 50 != 1)
        {
            await FinishAsync(entry);
        }
    }
}

async Task<ISpoolEntry> CommitAsync(string reference, int length)
{
    await using var draft = spool.OpenDraft();
    await draft.WriteAsync(SampleRecords.Bytes(reference, length), CancellationToken.None);
    var record = SampleRecords.Record(reference);
    log.Save(record);
    return await spool.CommitAsync(draft, record, CancellationToken.None);
}

async Task FinishAsync(ISpoolEntry entry)
{
    var record = SampleRecords.Record(entry.Reference, MessageState.Delivered);
    log.Save(record);
    await spool.FinishAsync(entry, record, CancellationToken.None);
    Say('F', entry.Reference);
}

// One write per line: what is in the pipe survives the kill.
void Say(char what, string reference) => output.Write([(byte)what, (byte)' ', .. System.Text.Encoding.ASCII.GetBytes(reference), (byte)'\n']);
