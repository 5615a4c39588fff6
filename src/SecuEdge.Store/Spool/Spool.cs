using System.Globalization;
using Microsoft.Extensions.Logging;
using SecuEdge.Store.Files;
using SecuEdge.Store.MessageLog;

namespace SecuEdge.Store.Spool;

/// <summary>
/// The spool of one appliance.
/// <code>
/// draft (memory, file when large) -- commit --> segment log (one sync for many) -- finish --> mark in the log
///                                                     | save, or old segment
///                                                     v
///                                     body + sidecar in a hashed folder      -- finish --> mark, then the files go
/// </code>
/// A message is known by its sequence; what the disk says about a sequence decides (<see cref="SpoolRecoverer"/>).
/// </summary>
public sealed partial class Spool : ISpool, IAsyncDisposable
{
    // Changes of one message exclude each other; 64 locks shared by all messages cost less than one each.
    private const int GateCount = 64;

    private static readonly TimeSpan FreeSpaceAge = TimeSpan.FromSeconds(1);

    private readonly StoreOptions _options;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly SpoolFolders _folders;
    private readonly HashedFiles _messageFiles;
    private readonly SpoolMaintenance _maintenance;
    private readonly Lock _damagedGate = new();
    private readonly SemaphoreSlim[] _gates = new SemaphoreSlim[GateCount];
    private SegmentLog _log = null!; // Set in Recover, before the constructor's caller gets the spool.
    private FileStream? _lock;
    private int _count;
    private long _freeBytes;
    private long _freeBytesAt;

    private Spool(StoreOptions options, TimeProvider timeProvider, Func<CancellationToken, Task>? beforeSegmentDelete, ILogger logger)
    {
        _options = options;
        _timeProvider = timeProvider;
        _logger = logger;
        _folders = new SpoolFolders(options.DataFolder);
        _messageFiles = new HashedFiles(options.Files, _folders.Messages);
        _maintenance = new SpoolMaintenance(options, timeProvider, MoveToFilesAsync, beforeSegmentDelete, logger);
        for (var i = 0; i < GateCount; i++)
        {
            _gates[i] = new SemaphoreSlim(1, 1);
        }
    }

    /// <summary>
    /// Opens the spool and finds what an earlier run left. Nothing is deleted that holds <see cref="SpoolRecovery.Finished"/> before the first
    /// draft, finish or save: give them to the message log until then.
    /// </summary>
    /// <param name="beforeSegmentDelete">Awaited before a segment goes, because it may hold the only copy of finished records: flush the message log here.</param>
    /// <exception cref="IOException">The disk does not work, or another process holds the spool.</exception>
    public static Task<(Spool Spool, SpoolRecovery Recovery)> OpenAsync(
        StoreOptions options,
        TimeProvider timeProvider,
        ILogger logger,
        Func<CancellationToken, Task>? beforeSegmentDelete,
        CancellationToken cancellationToken) =>
        Task.Run(
            async () =>
            {
                var spool = new Spool(options, timeProvider, beforeSegmentDelete, logger);
                try
                {
                    return (spool, spool.Recover());
                }
                catch
                {
                    await spool.DisposeAsync();
                    throw;
                }
            },
            cancellationToken);

    public int Count => Volatile.Read(ref _count);

    public SpoolStatus Status
    {
        get
        {
            var free = FreeBytes();
            if (_log.Broken is { } broken)
            {
                return new SpoolStatus(false, broken, free);
            }

            if (free < _options.FreeSpaceFloorBytes)
            {
                return new SpoolStatus(false, string.Create(CultureInfo.InvariantCulture, $"Only {free >> 20} MB of disk are free, {_options.FreeSpaceFloorBytes >> 20} MB are kept; no mail is accepted until there is more."), free);
            }

            return new SpoolStatus(true, _log.Trouble ?? "", free);
        }
    }

    public ISpoolDraft OpenDraft()
    {
        var status = Status;
        if (!status.IsAccepting)
        {
            throw new IOException(status.Trouble);
        }

        _maintenance.EnsureRunning(_log);
        return new SpoolDraft(_options.Files, _folders.Incoming, _options.DraftMemoryBytes);
    }

    public async Task<ISpoolEntry> CommitAsync(ISpoolDraft draft, MessageRecord record, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _log.ThrowIfBroken();
        var content = (SpoolDraft)draft;
        var entry = new SpoolEntry(this, SafeName.Require(record.Reference), _log.NextSequence());
        content.Take();

        // From here on the token is not looked at: a commit that was given up half-way could still become a message.
        if (content.FilePath is not null)
        {
            await CommitFileAsync(content, entry, record);
        }
        else
        {
            using var append = SegmentAppend.Message(entry, record, content.Memory);
            await _log.AppendAsync(append);
        }

        await content.DisposeAsync();
        Interlocked.Increment(ref _count);
        return entry;
    }

    public async Task SaveAsync(ISpoolEntry entry, MessageRecord record, CancellationToken cancellationToken)
    {
        var own = (SpoolEntry)entry;
        _maintenance.EnsureRunning(_log);
        using var json = new PooledBuffer(4 << 10);
        StoreJson.Write(json, record);
        var gate = GateOf(own);
        await gate.WaitAsync(cancellationToken);
        try
        {
            if (own.IsFinished)
            {
                throw new InvalidOperationException($"The message {own.Reference} is already finished.");
            }

            own.ThrowIfDamaged();
            await WriteFilesAsync(own, json.Written, own.HasBodyFile ? null : own.ReadBytes());
        }
        finally
        {
            gate.Release();
        }
    }

    public async Task FinishAsync(ISpoolEntry entry, MessageRecord record, CancellationToken cancellationToken)
    {
        var own = (SpoolEntry)entry;
        _maintenance.EnsureRunning(_log);
        var gate = GateOf(own);
        await gate.WaitAsync(cancellationToken);
        try
        {
            if (own.IsFinished)
            {
                return;
            }

            using (var append = SegmentAppend.Finished(own, record))
            {
                await _log.AppendAsync(append);
            }

            RemoveFinished(own);
        }
        finally
        {
            gate.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _maintenance.DisposeAsync();
        if (_log is not null)
        {
            await _log.DisposeAsync();
        }

        _lock?.Dispose();
    }

    internal string BodyPath(SpoolEntry entry) => _messageFiles.BodyPath(entry.FileName);

    internal byte[] ReadBody(SpoolEntry entry) => _messageFiles.ReadBody(entry.FileName);

    /// <summary>Makes what is left of a damaged message durable beside the spool.</summary>
    /// <returns>Where, relative to the data folder.</returns>
    /// <exception cref="IOException">It could not be written: then the message must not end yet.</exception>
    internal string PutAside(SpoolEntry entry, ReadOnlySpan<byte> record, ReadOnlySpan<byte> bytes)
    {
        var path = Path.Combine(_folders.Damaged, entry.FileName + SpoolFolders.RemainsEnding);
        lock (_damagedGate)
        {
            if (!_options.Files.Exists(path))
            {
                // The bytes last: at the next start their presence says that the message is damaged.
                DurableFile.CreateFolder(_options.Files, _folders.Damaged);
                DurableFile.WriteWithoutFolder(_options.Files, Path.ChangeExtension(path, ".json"), record);
                DurableFile.Write(_options.Files, path, bytes);
                LogDamaged(entry.Reference, path);
            }
        }

        return Path.GetRelativePath(_options.DataFolder, path);
    }

    internal byte[] ReadSidecar(SpoolEntry entry) => _messageFiles.ReadSidecar(entry.FileName);

    private SpoolRecovery Recover()
    {
        _folders.Prepare(_options.Files);

        // Two appliances on one volume would deliver everything twice. The kernel drops the lock with the process.
        _lock = new FileStream(_folders.LockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        _messageFiles.Prepare();
        _freeBytes = _options.Files.FreeBytes(_folders.Root);
        _freeBytesAt = _timeProvider.GetTimestamp();

        var recoverer = new SpoolRecoverer(_options, _folders, _messageFiles, this, _timeProvider.GetUtcNow());
        var recovery = recoverer.Recover();
        _log = new SegmentLog(_options, _folders.Segments, recoverer.Segments, recoverer.NextNumber, recoverer.LastSequence, _timeProvider, _maintenance.Signal, _logger);
        _count = recovery.Live.Count;
        LogOpened(recovery.Live.Count, recovery.Finished.Count, recovery.Notes.Count);
        return recovery;
    }

    /// <summary>File flushed, renamed into place, folder flushed; only then the log refers to it.</summary>
    private async Task CommitFileAsync(SpoolDraft content, SpoolEntry entry, MessageRecord record)
    {
        try
        {
            var length = content.Length;
            content.CloseFile();
            _messageFiles.AdoptBody(content.FilePath!, entry.FileName);
            content.ForgetFile();
            _messageFiles.SyncFolderOf(entry.FileName);
            using var append = SegmentAppend.FileMessage(entry, record, length);
            await _log.AppendAsync(append);
        }
        catch
        {
            DurableFile.TryDelete(_options.Files, BodyPath(entry));
            throw;
        }
    }

    private async Task MoveToFilesAsync(SpoolEntry entry, CancellationToken cancellationToken)
    {
        var gate = GateOf(entry);
        await gate.WaitAsync(cancellationToken);
        try
        {
            if (!entry.IsFinished && entry.Segment is { } segment)
            {
                var bytes = ReadFromOrNothing(entry, segment);
                await WriteFilesAsync(entry, entry.ReadJson(segment), entry.HasBodyFile ? null : bytes);
            }
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>A damaged message moves like any other, so that its segment can go; its remains are beside the spool, and whoever uses it next ends it.</summary>
    private static byte[] ReadFromOrNothing(SpoolEntry entry, Segment segment)
    {
        try
        {
            return entry.ReadFrom(segment);
        }
        catch (DamagedMessageException)
        {
            return [];
        }
    }

    /// <summary>Body first, then the sidecar that makes it count; the mark in the log only spares the next start a comparison.</summary>
    /// <param name="bytes">Null when they have a file already.</param>
    private async Task WriteFilesAsync(SpoolEntry entry, ReadOnlyMemory<byte> json, byte[]? bytes)
    {
        var length = entry.Length;
        if (bytes is not null)
        {
            _messageFiles.WriteBody(entry.FileName, bytes);
        }

        _messageFiles.WriteSidecar(entry.FileName, json.Span);
        _messageFiles.SyncFolderOf(entry.FileName);
        if (entry.Segment is null)
        {
            return;
        }

        entry.PlaceInFiles(length);
        _maintenance.Signal();
        try
        {
            using var append = SegmentAppend.Moved(entry);
            await _log.AppendAsync(append);
        }
        catch (IOException e)
        {
            LogMarkFailed(e, entry.Reference);
        }
    }

    private void RemoveFinished(SpoolEntry entry)
    {
        var segment = entry.Segment;
        entry.Finish();
        Interlocked.Decrement(ref _count);
        if (entry.HasBodyFile)
        {
            try
            {
                _messageFiles.Delete(entry.FileName);
            }
            catch (Exception e) when (DurableFile.IsDiskTrouble(e))
            {
                // The mark is written: the next start removes the files.
                LogDeleteFailed(e, entry.Reference);
            }
        }

        if (segment is { LiveCount: 0 })
        {
            _maintenance.Signal();
        }
    }

    private SemaphoreSlim GateOf(SpoolEntry entry) => _gates[(int)(entry.Sequence % GateCount)];

    private long FreeBytes()
    {
        if (_timeProvider.GetElapsedTime(Volatile.Read(ref _freeBytesAt)) >= FreeSpaceAge)
        {
            try
            {
                Volatile.Write(ref _freeBytes, _options.Files.FreeBytes(_folders.Root));
            }
            catch (Exception e) when (DurableFile.IsDiskTrouble(e))
            {
                Volatile.Write(ref _freeBytes, 0);
                LogFreeBytesFailed(e);
            }

            Volatile.Write(ref _freeBytesAt, _timeProvider.GetTimestamp());
        }

        return Volatile.Read(ref _freeBytes);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Spool open: {Live} messages to go on with, {Finished} finished records, {Notes} notes")]
    private partial void LogOpened(int live, int finished, int notes);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The message {Reference} moved to files, but the mark in the log could not be written")]
    private partial void LogMarkFailed(Exception exception, string reference);

    [LoggerMessage(Level = LogLevel.Error, Message = "The message {Reference} is damaged on disk; what is left of it was put into {Path}, and it is given up. Check the disk")]
    private partial void LogDamaged(string reference, string path);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The files of the finished message {Reference} could not be removed; the next start does it")]
    private partial void LogDeleteFailed(Exception exception, string reference);

    [LoggerMessage(Level = LogLevel.Error, Message = "The free disk space cannot be read; no mail is accepted")]
    private partial void LogFreeBytesFailed(Exception exception);
}
