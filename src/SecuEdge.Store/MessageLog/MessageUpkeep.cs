using System.Runtime.CompilerServices;
using LiteDB;
using SecuEdge.Store.LiteDb;
using SecuEdge.Store.Usage;

namespace SecuEdge.Store.MessageLog;

/// <summary>Upkeep of the months on disk. What is still in memory is written first, so that it is not missed.</summary>
internal sealed class MessageUpkeep(IMessageLog log, MonthlyFiles files, ExpiredStories expired) : IMessageUpkeep
{
    // Some 20 ms of the month's only writer.
    private const int ChunkSize = 100;

    public async Task<int> ExpireAsync(string tenant, DateTimeOffset before, int limit, CancellationToken cancellationToken)
    {
        await log.FlushAsync(cancellationToken);
        var deleted = 0;
        foreach (var month in await MonthsUntilAsync(before, cancellationToken))
        {
            while (deleted < limit)
            {
                var rows = await ReadAsync(
                    month, database => StoryTable.Oldest(database, tenant, 0, Until(before), Math.Min(ChunkSize, limit - deleted)), cancellationToken);
                List<string> references = [.. rows.Where(r => IsOf(r.Record, tenant)).Select(r => r.Record.Reference)];
                if (references.Count == 0)
                {
                    break;
                }

                expired.Note(tenant, before);
                await WriteAsync(month, database => references.ForEach(r => RecordTable.Delete(database, r)), cancellationToken);
                deleted += references.Count;
            }
        }

        return deleted;
    }

    public async Task<UpkeepStep> RewriteAsync(
        string tenant, long from, DateTimeOffset before, Func<MessageRecord, MessageRecord> rewrite, int limit, CancellationToken cancellationToken)
    {
        await log.FlushAsync(cancellationToken);
        var step = new UpkeepStep(0, 0, from);
        foreach (var month in await MonthsUntilAsync(before, cancellationToken))
        {
            step = step with { Rewritten = step.Rewritten + await RewriteAgainAsync(month, tenant, before, rewrite, cancellationToken) };
            while (step.Looked < limit)
            {
                var start = step.Next;
                var wanted = Math.Min(ChunkSize, limit - step.Looked);
                var rows = await ReadAsync(month, database => StoryTable.Oldest(database, tenant, start, Until(before), wanted), cancellationToken);
                if (rows.Count == 0)
                {
                    break;
                }

                List<MessageRecord> clear = [.. rows.Select(r => r.Record).Where(r => !r.IsPseudonymised && IsOf(r, tenant))];
                await RewriteAsync(month, [.. clear.Select(r => r.Reference)], rewrite, cancellationToken);
                step = new UpkeepStep(step.Looked + rows.Count, step.Rewritten + clear.Count, rows[^1].Order + 1);
            }
        }

        return step;
    }

    public async IAsyncEnumerable<MessageRecord> OfPersonAsync(string tenant, string address, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var query in (MessageQuery[])[new MessageQuery { Recipient = address }, new MessageQuery { Sender = address }])
        {
            string? cursor = null;
            do
            {
                var page = await log.SearchAsync(query with { Tenant = tenant, Limit = 200, Cursor = cursor }, cancellationToken);
                foreach (var record in page.Items)
                {
                    if (seen.Add(record.Reference))
                    {
                        yield return record;
                    }
                }

                cursor = page.Next;
            }
            while (cursor is not null);
        }
    }

    public async Task<bool> RewriteAsync(string reference, Func<MessageRecord, MessageRecord> rewrite, CancellationToken cancellationToken)
    {
        await log.FlushAsync(cancellationToken);
        foreach (var month in await files.MonthsAsync(cancellationToken))
        {
            if (await ReadAsync(month, database => StoryTable.Find(database, reference), cancellationToken) is not null)
            {
                await RewriteAsync(month, [reference], rewrite, cancellationToken);
                return true;
            }
        }

        return false;
    }

    private async Task<int> RewriteAgainAsync(int month, string tenant, DateTimeOffset before, Func<MessageRecord, MessageRecord> rewrite, CancellationToken cancellationToken)
    {
        var references = await ReadAsync(month, database => StoryTable.ToDoAgain(database, ChunkSize), cancellationToken);
        if (references.Count == 0)
        {
            return 0;
        }

        var rewritten = 0;
        await WriteAsync(
            month,
            database =>
            {
                rewritten = 0;
                foreach (var reference in references)
                {
                    var record = StoryTable.Find(database, reference);
                    if (record is { IsPseudonymised: false } && IsOf(record, tenant) && record.ReceivedAt < before)
                    {
                        StoryTable.Put(database, [rewrite(record)], Tally(database));
                        rewritten++;
                    }

                    if (record is null || IsOf(record, tenant))
                    {
                        StoryTable.DoneAgain(database, reference);
                    }
                }
            },
            cancellationToken);
        return rewritten;
    }

    /// <summary>Reads again inside the transaction: the story may have gone on meanwhile.</summary>
    private Task RewriteAsync(int month, List<string> references, Func<MessageRecord, MessageRecord> rewrite, CancellationToken cancellationToken) => references.Count == 0
            ? Task.CompletedTask
            : WriteAsync(
                month,
                database => StoryTable.Put(database, references.Select(r => StoryTable.Find(database, r)).OfType<MessageRecord>().Select(rewrite).ToList(), Tally(database)),
                cancellationToken);

    /// <summary>Orders end in 2091.</summary>
    private static long Until(DateTimeOffset before) => before.Year > 2090 ? long.MaxValue : RecordTable.First(before);

    /// <summary>A pseudonym is no mailbox that somebody pays for.</summary>
    private static UsageTally Tally(LiteDatabase database) => new(database, (_, _) => false, _ => true, isOver: true);

    /// <summary>The index finds by a hash: another tenant may share it.</summary>
    private static bool IsOf(MessageRecord record, string tenant) => record.Tenant.Equals(tenant, StringComparison.OrdinalIgnoreCase);

    private async Task<IEnumerable<int>> MonthsUntilAsync(DateTimeOffset before, CancellationToken cancellationToken) =>
        (await files.MonthsAsync(cancellationToken)).Where(m => m <= MonthlyFiles.MonthOf(before)).Order();

    private Task<T> ReadAsync<T>(int month, Func<LiteDatabase, T> read, CancellationToken cancellationToken) =>
        files.UseAsync(month, file => file.ReadAsync(read, cancellationToken), cancellationToken);

    private async Task WriteAsync(int month, Action<LiteDatabase> write, CancellationToken cancellationToken) =>
        await files.UseAsync(
            month,
            async file =>
            {
                await file.WriteAsync(write);
                return true;
            },
            cancellationToken);
}
