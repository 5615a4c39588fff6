using Microsoft.Extensions.Logging;

namespace SecuEdge.Store.Files;

/// <summary>
/// Collects what may wait, and writes it once a second from a loop of its own. Trouble with the disk costs what is collected, not mail: it is
/// logged once until it is over.
/// </summary>
internal sealed partial class LazyWriter<T> : IAsyncDisposable
{
    // A disk that takes nothing must not take our memory.
    private const int UsualMaxWaiting = 100_000;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly string _what;
    private readonly Action<IReadOnlyList<T>> _write;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly int _maxWaiting;
    private readonly CancellationTokenSource _stopping = new();
    private readonly SemaphoreSlim _oneAtATime = new(1, 1);
    private readonly Lock _lock = new();
    private readonly Task _running;
    private List<T> _waiting = [];
    private bool _isInTrouble;
    private long _dropped;

    /// <param name="what">For the log: <c>attachment hashes</c>.</param>
    /// <param name="write">Called by one at a time.</param>
    public LazyWriter(string what, Action<IReadOnlyList<T>> write, TimeProvider timeProvider, ILogger logger, int maxWaiting = UsualMaxWaiting)
    {
        _what = what;
        _write = write;
        _timeProvider = timeProvider;
        _logger = logger;
        _maxWaiting = maxWaiting;
        _running = Task.Run(RunAsync);
    }

    /// <summary>What came faster than it could be written.</summary>
    public long Dropped
    {
        get
        {
            lock (_lock)
            {
                return _dropped;
            }
        }
    }

    public void Add(T item)
    {
        lock (_lock)
        {
            if (_waiting.Count < _maxWaiting)
            {
                _waiting.Add(item);
            }
            else
            {
                _dropped++;
            }
        }
    }

    /// <summary>Writes what was added before.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            List<T> items;
            lock (_lock)
            {
                items = _waiting;
                _waiting = [];
            }

            if (items.Count > 0)
            {
                Write(items);
            }
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        await FlushAsync(CancellationToken.None);
        _stopping.Dispose();
        _oneAtATime.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            using var timer = new PeriodicTimer(Interval, _timeProvider);
            while (await timer.WaitForNextTickAsync(_stopping.Token))
            {
                await FlushAsync(_stopping.Token);
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The last flush is the dispose's.
        }
    }

    private void Write(List<T> items)
    {
        try
        {
            _write(items);
            _isInTrouble = false;
        }
        catch (Exception e) when (DurableFile.IsDiskTrouble(e))
        {
            if (!_isInTrouble)
            {
                LogTrouble(_logger, _what, e);
            }

            _isInTrouble = true;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The disk does not take {What}; what comes until it does is not remembered")]
    private static partial void LogTrouble(ILogger logger, string what, Exception exception);
}
