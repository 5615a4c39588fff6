using System.Globalization;
using LiteDB;
using Microsoft.Extensions.Logging;
using SecuEdge.Store.LiteDb;
using SecuEdge.Store.Usage;

namespace SecuEdge.Store.MessageLog;

/// <summary>
/// The message log on disk: <see cref="DirtyRecords"/> in front, one LiteDB file a month behind, and a loop that carries the one to the other
/// every quarter of a second. A disk that takes nothing costs the oldest stories, never mail: <see cref="Trouble"/> says so.
/// </summary>
public sealed partial class MessageLog : IMessageLog, IAsyncDisposable
{
    // About 50 MB of records: some ten seconds of full load with a disk that takes nothing.
    private const int MaxDirty = 10_000;
    private const int EnoughDirty = 1000;

    // Longer transactions write their pages to LiteDB's log several times.
    private const int MaxTransaction = 500;

    private const int ChunkSize = 200;
    private const int MaxChunkSize = 3200;
    private const int MaxLimit = 200;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongEnough = TimeSpan.FromMilliseconds(500);

    private readonly StoreOptions _options;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly MonthlyFiles _files;
    private readonly ExpiredStories _expired;
    private readonly DirtyRecords _dirty = new(MaxDirty);
    private readonly SemaphoreSlim _flushGate = new(1, 1);
    private readonly SemaphoreSlim _signal = new(0, 1);
    private readonly CancellationTokenSource _stopping = new();
    private readonly ITimer _timer;
    private readonly Task _running;
    private volatile bool _isFullFlushWanted;
    private volatile string _trouble = "";
    private int _lastMonth;

    private MessageLog(StoreOptions options, MonthlyFiles files, IReadOnlyList<string> notes, TimeProvider timeProvider, ILogger logger)
    {
        _options = options;
        _files = files;
        Notes = notes;
        _timeProvider = timeProvider;
        _logger = logger;
        Usage = new UsageLog(options, files, logger);
        _expired = new ExpiredStories(options, timeProvider);
        Upkeep = new MessageUpkeep(this, files, _expired);
        _lastMonth = MonthlyFiles.MonthOf(timeProvider.GetUtcNow());
        _timer = timeProvider.CreateTimer(_ => Signal(), null, Tick, Tick);
        _running = Task.Run(() => RunAsync(_stopping.Token));
    }

    public static async Task<MessageLog> OpenAsync(StoreOptions options, TimeProvider timeProvider, ILogger logger, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(options.DataFolder);
        var files = new MonthlyFiles(options, timeProvider, logger);
        var now = timeProvider.GetUtcNow();
        await new UsageLog(options, files, logger).KeepBeforeAsync(FirstKept(options, now), cancellationToken);
        await files.DeleteBeforeAsync(FirstKept(options, now), cancellationToken);
        var notes = await files.UseAsync(MonthlyFiles.MonthOf(now), file => Task.FromResult(file.Notes), cancellationToken);
        return new MessageLog(options, files, notes, timeProvider, logger);
    }

    /// <summary>What opening had to repair, in plain sentences.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>Why records are not getting to disk; empty while they do.</summary>
    public string Trouble => _trouble;

    /// <summary>What was counted while stories were written.</summary>
    public UsageLog Usage { get; }

    public IMessageUpkeep Upkeep { get; }

    /// <summary>Hears every record that is saved, before <see cref="Save"/> returns: it must not wait and not throw. Set once, before the first mail.</summary>
    public Action<MessageRecord>? Saved { get; set; }

    public void Save(MessageRecord record)
    {
        if (_dirty.Save(record, _timeProvider.GetTimestamp()) >= EnoughDirty && !_isFullFlushWanted)
        {
            _isFullFlushWanted = true;
            Signal();
        }

        Saved?.Invoke(record);
    }

    /// <summary>
    /// Gives recovered records to the log, except where it already knows as much: what it has may be without a person who was forgotten since. What was
    /// deleted because its time was over stays deleted, and counted once.
    /// </summary>
    public async Task RestoreAsync(IEnumerable<MessageRecord> records, CancellationToken cancellationToken)
    {
        var count = 0;
        foreach (var record in records)
        {
            var known = await FindAsync(record.Reference, cancellationToken);
            if (known is null ? IsLost(record) : LastEvent(known) < LastEvent(record) || (LastEvent(known) == LastEvent(record) && !AreAlike(known, record)))
            {
                Save(record);
            }

            if (++count % EnoughDirty == 0)
            {
                await FlushAsync(cancellationToken);
            }
        }

        await FlushAsync(cancellationToken);
    }

    public Task FlushAsync(CancellationToken cancellationToken) => FlushAsync(everything: true, cancellationToken);

    public async Task<MessageRecord?> FindAsync(string reference, CancellationToken cancellationToken, Func<MessageRecord, bool>? isWanted = null)
    {
        if (_dirty.Find(reference) is { } dirty && isWanted?.Invoke(dirty) != false)
        {
            return dirty;
        }

        foreach (var month in await _files.MonthsAsync(cancellationToken))
        {
            var body = await TryReadAsync(month, database => RecordTable.Find(database, reference), cancellationToken);
            if (body is not null && Decode(body) is var record && isWanted?.Invoke(record) != false)
            {
                return record;
            }
        }

        return null;
    }

    public async Task<MessagePage> SearchAsync(MessageQuery query, CancellationToken cancellationToken)
    {
        var filter = new MessageFilter(query);
        if (filter.Ranges.Count == 0)
        {
            return new MessagePage([], null);
        }

        var limit = Math.Clamp(query.Limit, 1, MaxLimit);
        var from = query.Since is { } since ? RecordTable.First(since) : 0;
        var before = query.Until is { } until ? RecordTable.First(until) : long.MaxValue;
        if (query.Cursor is { } cursor)
        {
            before = Math.Min(before, ParseCursor(cursor));
        }

        // The dirty ones are taken first: what is flushed meanwhile is then seen twice, not never.
        var dirty = _dirty.All();
        var search = new MessageSearch(filter, from, before, limit, dirty);
        foreach (var month in await _files.MonthsAsync(cancellationToken))
        {
            if (search.IsDone || !search.Touches(month))
            {
                continue;
            }

            await SearchMonthAsync(month, search, cancellationToken);
        }

        return search.ToPage();
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _timer.DisposeAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        try
        {
            await FlushAsync(CancellationToken.None);
        }
        catch (IOException e)
        {
            LogFlushFailed(e);
        }

        await _files.DisposeAsync();
        _stopping.Dispose();
    }

    /// <summary>Not there because of a crash, and not because it was deleted. A month that is gone would begin anew, and its one story stand for all its numbers.</summary>
    private bool IsLost(MessageRecord record) =>
        MonthlyFiles.MonthOf(record.ReceivedAt) >= FirstKept(_options, _timeProvider.GetUtcNow()) && !_expired.Contains(record);

    /// <summary>Whether nothing happened between them, whoever they are about.</summary>
    private static bool AreAlike(MessageRecord one, MessageRecord other) =>
        one.Events.Count == other.Events.Count && one.Recipients.Select(r => (r.State, r.Attempts)).SequenceEqual(other.Recipients.Select(r => (r.State, r.Attempts)));

    private static DateTimeOffset LastEvent(MessageRecord record) => record.Events.Count == 0 ? record.ReceivedAt : record.Events[^1].At;

    private static int FirstKept(StoreOptions options, DateTimeOffset now) => MonthlyFiles.MonthOf(now.AddMonths(1 - options.MessageLogMonths));

    private static MessageRecord Decode(byte[] body) => StoreJson.ReadRecord(RecordTable.Decompress(body));

    private static long ParseCursor(string cursor) =>
        long.TryParse(cursor, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var order) && order >= 0
            ? order
            : throw new ArgumentException("The cursor is not one of a page before.", nameof(cursor));

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await _signal.WaitAsync(cancellationToken);
            try
            {
                var everything = _isFullFlushWanted;
                _isFullFlushWanted = false;
                await FlushAsync(everything, cancellationToken);
                await ExpireAsync(cancellationToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // A failed flush is also told in Trouble; whatever it was, the next tick tries again.
                LogTickFailed(e);
            }
        }
    }

    private async Task FlushAsync(bool everything, CancellationToken cancellationToken)
    {
        await _flushGate.WaitAsync(cancellationToken);
        try
        {
            var records = _dirty.Take(everything, since => _timeProvider.GetElapsedTime(since) >= LongEnough);
            if (records.Count > 0)
            {
                await WriteAsync(records);
            }
        }
        finally
        {
            _flushGate.Release();
        }
    }

    private async Task WriteAsync(IReadOnlyCollection<MessageRecord> records)
    {
        try
        {
            foreach (var month in records.GroupBy(r => MonthlyFiles.MonthOf(r.ReceivedAt)))
            {
                var isOver = month.Key < MonthlyFiles.MonthOf(_timeProvider.GetUtcNow());
                await _files.UseAsync(
                    month.Key,
                    async file =>
                    {
                        foreach (var chunk in month.Chunk(MaxTransaction))
                        {
                            await file.WriteAsync(database => StoryTable.Put(database, chunk, new UsageTally(database, Usage.IsOwn, Usage.IsListed, isOver)));
                        }

                        return true;
                    },
                    CancellationToken.None);
            }

            _dirty.Written();
            _trouble = _dirty.Dropped == 0 ? "" : $"{_dirty.Dropped} records of the message log were lost since the start, because the disk did not take them.";
        }
        catch (Exception e)
        {
            _dirty.NotWritten();
            var isNew = _trouble.Length == 0;
            _trouble = $"The message log cannot be written: {e.Message}";
            if (isNew)
            {
                LogFlushFailed(e);
            }

            throw e is IOException ? e : new IOException(_trouble, e);
        }
    }

    private async Task SearchMonthAsync(int month, MessageSearch search, CancellationToken cancellationToken)
    {
        var before = search.Before;
        var chunk = ChunkSize;
        while (!search.IsDone)
        {
            var rows = await TryReadAsync(
                month,
                database => SeenRanges.Page(database, search.Filter.Ranges, search.From, before, chunk),
                cancellationToken);
            foreach (var row in rows ?? [])
            {
                if (!search.Take(row))
                {
                    return;
                }
            }

            if (rows is null || rows.Count < chunk)
            {
                return;
            }

            before = rows[^1].Order;

            // Each page of a merged list begins with a look at every tenant.
            chunk = Math.Min(2 * chunk, MaxChunkSize);
        }
    }

    /// <summary>A month that cannot be read must not hide the others.</summary>
    private async Task<T?> TryReadAsync<T>(int month, Func<LiteDatabase, T> read, CancellationToken cancellationToken)
    {
        try
        {
            return await _files.UseAsync(month, file => file.ReadAsync(read, cancellationToken), cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogReadFailed(e, month);
            return default;
        }
    }

    private async Task ExpireAsync(CancellationToken cancellationToken)
    {
        var now = _timeProvider.GetUtcNow();
        if (MonthlyFiles.MonthOf(now) != _lastMonth)
        {
            _lastMonth = MonthlyFiles.MonthOf(now);
            await Usage.KeepBeforeAsync(FirstKept(_options, now), cancellationToken);
            await _files.DeleteBeforeAsync(FirstKept(_options, now), cancellationToken);
        }
    }

    private void Signal()
    {
        try
        {
            if (_signal.CurrentCount == 0)
            {
                _signal.Release();
            }
        }
        catch (SemaphoreFullException)
        {
            // Somebody else signalled at the same moment: once is enough.
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The message log cannot be written; the newest records are kept in memory")]
    private partial void LogFlushFailed(Exception exception);

    [LoggerMessage(Level = LogLevel.Debug, Message = "A round of the message log failed; the next one tries again")]
    private partial void LogTickFailed(Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "The message log of {Month} cannot be read")]
    private partial void LogReadFailed(Exception exception, int month);
}
