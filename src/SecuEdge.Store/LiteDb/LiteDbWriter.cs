using System.Threading.Channels;
using LiteDB;
using Microsoft.Extensions.Logging;
using SecuEdge.Store.Files;

namespace SecuEdge.Store.LiteDb;

/// <summary>
/// One database file with its single writer. What waits is written in one transaction followed by a checkpoint, because a bare commit returns
/// before it is on disk; only then the callers' tasks complete. Batches form while the one before is being written. A failing database is
/// reopened, a broken one replaced, and the batch tried again. On a full disk LiteDB 5.0.20 may wait for its own writer for ever, so space is
/// checked before, and a write that does not come back is given up.
/// </summary>
internal sealed partial class LiteDbWriter : IAsyncDisposable
{
    // 500: where the measured rate flattens (platform facts: 9,500 documents a second).
    private const int MaxBatch = 500;

    // 16 MB: the pages of the largest batch, twice (log and data), with room to spare.
    private const long NeededFreeBytes = 16 << 20;

    // A minute: no disk that still works takes so long for one batch. Real time, whatever clock the appliance is given.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly string _path;
    private readonly Action<LiteDatabase> _probe;
    private readonly IFileSystem _files;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly Channel<Operation> _waiting = Channel.CreateUnbounded<Operation>(new UnboundedChannelOptions { SingleReader = true });
    private readonly ReaderWriterLockSlim _databaseGate = new();
    private readonly Task _running;
    private LiteDatabase? _database;
    private Task _closing = Task.CompletedTask;
    private string _openPath;

    private LiteDbWriter(string path, Action<LiteDatabase> probe, IFileSystem files, TimeProvider timeProvider, ILogger logger)
    {
        _path = path;
        _openPath = path;
        _probe = probe;
        _files = files;
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
    /// <param name="files">Asked for free space only; LiteDB writes by itself.</param>
    public static LiteDbWriter Open(string path, Action<LiteDatabase> probe, IFileSystem files, TimeProvider timeProvider, ILogger logger) =>
        new(path, probe, files, timeProvider, logger);

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
        await CloseDatabaseAsync();
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

            await WriteWithRetryAsync(batch);
        }
    }

    /// <summary>First failure: reopen. Second, not for want of space: the file is broken, replace it. Third: the callers hear of it.</summary>
    private async Task WriteWithRetryAsync(List<Operation> batch)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                if (_database is null)
                {
                    // First, because opening also gives back what a failed write left in the log file.
                    Tell(OpenDatabase());
                }

                RequireSpace();

                // The whole transaction stays on one thread: LiteDB binds it to that.
                await Task.Run(() => Write(batch)).WaitAsync(Patience);
                return;
            }
            catch (Exception e) // LiteDB meets trouble with exceptions of any kind.
            {
                LogWriteFailed(e, _openPath, attempt);
                var isDiskTrouble = DurableFile.IsDiskTrouble(e) || e is TimeoutException;
                await CloseDatabaseAsync();

                if (attempt == 3 || (isDiskTrouble && attempt == 2))
                {
                    batch.ForEach(o => o.TrySetException(new IOException($"{Path.GetFileName(_path)} cannot be written: {e.Message}", e)));
                    return;
                }

                if (attempt == 2 && _closing.IsCompleted)
                {
                    ReplaceBroken();
                }
            }
        }
    }

    private void RequireSpace()
    {
        var free = _files.FreeBytes(Path.GetDirectoryName(_path)!);
        if (free < NeededFreeBytes)
        {
            throw new IOException($"only {free >> 10} KB of disk are free");
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
        if (!_closing.IsCompleted)
        {
            // Two engines on one file would destroy it.
            throw new IOException("the database is still being closed");
        }

        var opened = LiteDbFile.Open(_path, _probe, _timeProvider.GetUtcNow());
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

    private async Task CloseDatabaseAsync()
    {
        var database = _database;
        if (database is null)
        {
            return;
        }

        _closing = Task.Run(() =>
        {
            // Readers first: closing under them would give them exceptions of any kind.
            _databaseGate.EnterWriteLock();
            _database = null;
            _databaseGate.ExitWriteLock();
            LiteDbFile.Close(database);
        });
        try
        {
            await _closing.WaitAsync(Patience);
        }
        catch (TimeoutException e)
        {
            LogUnavailable(e, _openPath);
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
