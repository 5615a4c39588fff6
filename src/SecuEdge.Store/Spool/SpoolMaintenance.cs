using Microsoft.Extensions.Logging;
using SecuEdge.Store.Files;

namespace SecuEdge.Store.Spool;

/// <summary>
/// Lets old segments go, oldest first only: a mark stands in a younger segment than its message, so a message must never outlive the marks
/// about it. Messages that keep an old segment alive move to files of their own. Sleeps until the first use of the spool, so that recovered
/// finished records can be read before their segments go.
/// </summary>
internal sealed partial class SpoolMaintenance : IAsyncDisposable
{
    // A quarter of a minute: the age limit is in minutes, and an idle look costs nothing.
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(15);

    private readonly StoreOptions _options;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly Func<CancellationToken, Task>? _beforeSegmentDelete;
    private readonly Func<SpoolEntry, CancellationToken, Task> _moveToFiles;
    private readonly SemaphoreSlim _signal = new(0, 1);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();
    private Task? _running;
    private ITimer? _timer;

    /// <param name="moveToFiles">Moves one message that is still in a segment.</param>
    public SpoolMaintenance(StoreOptions options, TimeProvider timeProvider, Func<SpoolEntry, CancellationToken, Task> moveToFiles, Func<CancellationToken, Task>? beforeSegmentDelete, ILogger logger)
    {
        _options = options;
        _timeProvider = timeProvider;
        _moveToFiles = moveToFiles;
        _beforeSegmentDelete = beforeSegmentDelete;
        _logger = logger;
    }

    public void EnsureRunning(SegmentLog log)
    {
        if (Volatile.Read(ref _running) is not null)
        {
            return;
        }

        lock (_gate)
        {
            if (_running is null && !_stopping.IsCancellationRequested)
            {
                _timer = _timeProvider.CreateTimer(_ => Signal(), null, Period, Period);
                Volatile.Write(ref _running, Task.Run(() => RunAsync(log, _stopping.Token)));
            }
        }
    }

    /// <summary>Something may have become deletable.</summary>
    public void Signal()
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

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        Task? running;
        lock (_gate)
        {
            running = _running;
            _timer?.Dispose();
        }

        if (running is not null)
        {
            await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        _stopping.Dispose();
    }

    private async Task RunAsync(SegmentLog log, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await RunOnceAsync(log, cancellationToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // The log or the disk cannot take it now: the segments stay, the next round tries again.
                LogMaintenanceFailed(e);
            }

            await _signal.WaitAsync(cancellationToken);
        }
    }

    private async Task RunOnceAsync(SegmentLog log, CancellationToken cancellationToken)
    {
        var closed = log.ClosedSegments();
        var isFlushed = false;
        for (var i = 0; i < closed.Length; i++)
        {
            var segment = closed[i];
            if (segment.LiveCount > 0)
            {
                var isTooOld = _timeProvider.GetUtcNow() - segment.StartedAt >= _options.SegmentAge;
                if (!isTooOld && closed.Length - i < _options.MaxSegments)
                {
                    return;
                }

                foreach (var entry in segment.Live())
                {
                    await _moveToFiles(entry, cancellationToken);
                }

                LogMoved(segment.Path);
            }

            // One flush covers all segments closed before it.
            if (!isFlushed && _beforeSegmentDelete is not null)
            {
                await FlushAsync(_beforeSegmentDelete, cancellationToken);
                isFlushed = true;
            }

            _options.Files.Delete(segment.Path);
            log.Forget(segment);
            segment.Dispose();
        }
    }

    /// <summary>A full disk must not keep itself full: then the segments go although the message log, which needs space too, could not be written.</summary>
    private async Task FlushAsync(Func<CancellationToken, Task> beforeSegmentDelete, CancellationToken cancellationToken)
    {
        try
        {
            await beforeSegmentDelete(cancellationToken);
        }
        catch (IOException e) when (_options.Files.FreeBytes(_options.DataFolder) < _options.FreeSpaceFloorBytes)
        {
            LogDeletedUnflushed(e);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The disk is full and the message log cannot be written; old spool segments are removed all the same, their stories are only in memory")]
    private partial void LogDeletedUnflushed(Exception exception);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Messages in the old spool segment {Segment} moved to files of their own")]
    private partial void LogMoved(string segment);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Old spool segments could not be removed; they are tried again")]
    private partial void LogMaintenanceFailed(Exception exception);
}
