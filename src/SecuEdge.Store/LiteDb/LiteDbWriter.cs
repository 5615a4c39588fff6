using System.Threading.Channels;
using LiteDB;
using Microsoft.Extensions.Logging;

namespace SecuEdge.Store.LiteDb;

/// <summary>
/// One database file with its single writer. What waits is written in one transaction followed by a checkpoint, because a bare commit returns
/// before it is on disk; only then the callers' tasks complete. Batches form while the one before is being written. A failing database is
/// reopened, a broken one replaced, and the batch tried again.
/// </summary>
internal sealed partial class LiteDbWriter : IAsyncDisposable
{
    // 500: where the measured rate flattens (platform facts: 9,500 documents a second).
    private const int MaxBatch = 500;

    private readonly string _path;
    private readonly Action<LiteDatabase> _probe;
    private readonly Action<LiteDatabase>? _fill;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly Channel<Operation> _waiting = Channel.CreateUnbounded<Operation>(new UnboundedChannelOptions { SingleReader = true });
    private readonly ReaderWriterLockSlim _databaseGate = new();
    private readonly Task _running;
    private LiteDatabase? _database;
    private string _openPath;

    private LiteDbWriter(string path, Action<LiteDatabase> probe, Action<LiteDatabase>? fill, TimeProvider timeProvider, ILogger logger)
    {
        _path = path;
        _openPath = path;
        _probe = probe;
        _fill = fill;
        _timeProvider = timeProvider;
        _logger = logger;
        Notes = [];
        try
        {
            Notes = OpenDatabase();
        }
        catch (Exception e)
        {
            // Mail flows without this database; each write tries again.
            Notes = [$"{Path.GetFileName(path)} cannot be opened now ({e.Message.TrimEnd('.')}); it is tried again at each use."];
            LogUnavailable(e, path);
        }

        _running = Task.Run(RunAsync);
    }

    /// <summary>What opening had to repair.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>The database has another name than wanted, because that is locked.</summary>
    public bool IsAlternate => _openPath != _path;

    /// <param name="probe">Makes the indexes and reads a little.</param>
    /// <param name="fill">Called with an empty database, at open or when a broken one was replaced.</param>
    public static LiteDbWriter Open(string path, Action<LiteDatabase> probe, Action<LiteDatabase>? fill, TimeProvider timeProvider, ILogger logger) =>
        new(path, probe, fill, timeProvider, logger);

    /// <summary>Completes when the operation is on disk.</summary>
    public Task WriteAsync(Action<LiteDatabase> operation)
    {
        var waiting = new Operation(operation);
        return _waiting.Writer.TryWrite(waiting) ? waiting.Task : throw new ObjectDisposedException(nameof(LiteDbWriter));
    }

    /// <summary>Reads on a pool thread. The function returns lists, never cursors: an open reader blocks the checkpoint.</summary>
    public Task<T> ReadAsync<T>(Func<LiteDatabase, T> read, CancellationToken cancellationToken) => Task.Run(() => Read(read), cancellationToken);

    public T Read<T>(Func<LiteDatabase, T> read)
    {
        _databaseGate.EnterReadLock();
        try
        {
            return read(_database ?? throw new IOException($"{Path.GetFileName(_path)} is not open."));
        }
        finally
        {
            _databaseGate.ExitReadLock();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await _running;
        CloseDatabase();
        _databaseGate.Dispose();
    }

    private async Task RunAsync()
    {
        var batch = new List<Operation>(MaxBatch);
        while (await _waiting.Reader.WaitToReadAsync())
        {
            batch.Clear();
            while (batch.Count < MaxBatch && _waiting.Reader.TryRead(out var operation))
            {
                batch.Add(operation);
            }

            WriteWithRetry(batch);
        }
    }

    /// <summary>First failure: reopen. Second, not for want of space: the file is broken, replace it. Third: the callers hear of it.</summary>
    private void WriteWithRetry(List<Operation> batch)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                if (_database is null)
                {
                    Tell(OpenDatabase());
                }

                Write(batch);
                return;
            }
            catch (Exception e) // LiteDB meets trouble with exceptions of any kind.
            {
                LogWriteFailed(e, _openPath, attempt);
                CloseDatabase();
                var isDiskTrouble = Files.DurableFile.IsDiskTrouble(e);
                if (attempt == 3 || (isDiskTrouble && attempt == 2))
                {
                    batch.ForEach(o => o.TrySetException(new IOException($"{Path.GetFileName(_path)} cannot be written: {e.Message}", e)));
                    return;
                }

                if (attempt == 2)
                {
                    ReplaceBroken();
                }
            }
        }
    }

    private void Write(List<Operation> batch)
    {
        var database = _database!;
        database.BeginTrans();
        try
        {
            foreach (var operation in batch)
            {
                operation.Run(database);
            }

            database.Commit();
        }
        catch
        {
            TryRollback(database);
            throw;
        }

        database.Checkpoint();
        batch.ForEach(o => o.TrySetResult());
    }

    private static void TryRollback(LiteDatabase database)
    {
        try
        {
            database.Rollback();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The database is closed and opened again anyway.
        }
    }

    private IReadOnlyList<string> OpenDatabase()
    {
        var opened = LiteDbFile.Open(_path, _probe, _timeProvider.GetUtcNow());
        if (opened.IsFresh)
        {
            _fill?.Invoke(opened.Database);
        }

        _openPath = opened.Path;
        _databaseGate.EnterWriteLock();
        _database = opened.Database;
        _databaseGate.ExitWriteLock();
        return opened.Notes;
    }

    private void ReplaceBroken()
    {
        try
        {
            Tell([$"{Path.GetFileName(_openPath)} is broken; it was kept as {Path.GetFileName(LiteDbFile.MoveAside(_openPath, _timeProvider.GetUtcNow()))} and started anew."]);
        }
        catch (IOException e)
        {
            LogUnavailable(e, _openPath);
        }
    }

    private void CloseDatabase()
    {
        _databaseGate.EnterWriteLock();
        var database = _database;
        _database = null;
        _databaseGate.ExitWriteLock();
        if (database is not null)
        {
            LiteDbFile.Close(database);
        }
    }

    private void Tell(IReadOnlyList<string> notes)
    {
        foreach (var note in notes)
        {
            LogNote(note);
        }
    }

    private sealed class Operation(Action<LiteDatabase> run) : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public void Run(LiteDatabase database) => run(database);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Note}")]
    private partial void LogNote(string note);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Writing to {Path} failed, attempt {Attempt}; the database is reopened")]
    private partial void LogWriteFailed(Exception exception, string path, int attempt);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Path} cannot be opened; it is tried again at each use")]
    private partial void LogUnavailable(Exception exception, string path);
}
