using System.Threading.Channels;
using SecuEdge.Cage.Sandbox;
using SecuEdge.Content;

namespace SecuEdge.Cage.Pool;

/// <summary>
/// The processes behind bars: runs each job in one of them, within its time, and replaces those that die, hang or grow.
/// <code>
/// RunAsync -> line (bounded, with a time limit) -> one of N slots -> its worker process -> outcome
/// slot: start -> serve -> replace: in turn (the successor starts before), or after any failure (after a crash the job is tried once more)
/// </code>
/// </summary>
public sealed class CagePool : IAsyncDisposable
{
    private readonly CageOptions _options;
    private readonly TimeProvider _timeProvider;
    private readonly ICageObserver? _observer;
    private readonly WorkerLauncher _launcher;
    private readonly Channel<CageJob> _line = Channel.CreateUnbounded<CageJob>();
    private readonly CancellationTokenSource _closing = new();
    private readonly Lazy<Task[]> _slots;
    private IReadOnlyList<Bar> _bars = [];
    private string _trouble = "";
    private string _lastFailure = "";
    private DateTimeOffset? _lastFailureAt;
    private long _restarts;
    private long _lastStart;
    private int _waiting;
    private int _ready;
    private int _busy;

    /// <param name="scratchFolder">Where workers and answers have their files; emptied by whoever starts the gateway.</param>
    public CagePool(CageOptions options, string scratchFolder, TimeProvider timeProvider, ICageObserver? observer = null)
    {
        _options = options;
        _timeProvider = timeProvider;
        _observer = observer;
        ScratchFolder = scratchFolder;
        _launcher = new WorkerLauncher(options, scratchFolder, timeProvider);
        _slots = new(() => [.. Enumerable.Range(0, options.Workers).Select(_ => Task.Run(() => new WorkerSlot(this, _launcher, options, timeProvider).RunAsync(_closing.Token)))]);
    }

    internal string ScratchFolder { get; }

    internal long MaxAnswerBytes => _options.MaxAnswerBytes;

    /// <summary>Starts the workers now; without, the first job does. So a verb that meets plain mail only never starts one.</summary>
    public void Start() => _ = _slots.Value;

    public CageStatus Status => new()
    {
        Workers = _options.Workers,
        Ready = Volatile.Read(ref _ready),
        Busy = Volatile.Read(ref _busy),
        Waiting = Volatile.Read(ref _waiting),
        Restarts = Interlocked.Read(ref _restarts),
        LastFailure = _lastFailure,
        LastFailureAt = _lastFailureAt,
        Bars = _bars,
        Trouble = _trouble,
    };

    /// <summary>Never throws for what a worker does: that is <see cref="CageOutcome.Failed"/>. The caller disposes an answer.</summary>
    /// <param name="kind">The job's word.</param>
    /// <param name="parameters">JSON in the job's own form.</param>
    /// <param name="limit">Of one try; a job that killed its worker is tried once more, since the worker may have been killed from outside.</param>
    public async Task<CageOutcome> RunAsync(string kind, string parameters, IByteSource bytes, TimeSpan limit, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_closing.IsCancellationRequested)
        {
            return Unavailable(kind, "the cage is closed");
        }

        if (_trouble is { Length: > 0 } trouble && Volatile.Read(ref _ready) == 0)
        {
            return Unavailable(kind, trouble);
        }

        Start();
        var job = new CageJob(kind, parameters, bytes, limit, cancellationToken);
        if (Interlocked.Increment(ref _waiting) > _options.MaxWaiting || !_line.Writer.TryWrite(job))
        {
            Interlocked.Decrement(ref _waiting);
            return Unavailable(kind, $"{_options.MaxWaiting} jobs wait for the cage already");
        }

        using var wait = new CancellationTokenSource(_options.MaxWait, _timeProvider);
        await using var late = wait.Token.Register(() => GiveUp(job, Unavailable(kind, $"no place in the cage within {_options.MaxWait.TotalSeconds:0} s")));
        await using var cancelled = cancellationToken.Register(() => GiveUp(job, null));
        return await job.Outcome;
    }

    /// <summary>
    /// As <see cref="RunAsync"/>, in a worker of its own that never saw mail: for an answer that other workers will be given, which one that
    /// was taken over could make the way into all of them. A start each; not for what happens per mail.
    /// </summary>
    public async Task<CageOutcome> RunAloneAsync(string kind, string parameters, IByteSource bytes, TimeSpan limit, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_closing.IsCancellationRequested)
        {
            return Unavailable(kind, "the cage is closed");
        }

        var job = new CageJob(kind, parameters, bytes, limit, cancellationToken);
        await new WorkerSlot(this, _launcher, _options, _timeProvider).RunAloneAsync(job, _closing.Token);
        return await job.Outcome;
    }

    public async ValueTask DisposeAsync()
    {
        if (_closing.IsCancellationRequested)
        {
            return;
        }

        await _closing.CancelAsync();
        _line.Writer.TryComplete();
        if (_slots.IsValueCreated)
        {
            await Task.WhenAll(_slots.Value);
        }

        FailWaiting("the cage is closed");
        _launcher.Dispose();
        _closing.Dispose();
    }

    internal ValueTask<bool> WaitForJobAsync(CancellationToken cancellationToken) => _line.Reader.WaitToReadAsync(cancellationToken);

    /// <summary>The next job whose owner still waits.</summary>
    internal CageJob? TakeJob()
    {
        while (_line.Reader.TryRead(out var job))
        {
            if (job.TryTake())
            {
                Interlocked.Decrement(ref _waiting);
                return job;
            }
        }

        return null;
    }

    /// <summary>
    /// A program that has just worked is not broken: somebody kills its processes, or the machine is short for a moment. As long as a job
    /// may wait, it waits for the next start.
    /// </summary>
    internal bool HasWorkedLately => Interlocked.Read(ref _lastStart) is var at and > 0 && _timeProvider.GetElapsedTime(at) < _options.MaxWait;

    internal void WorkerStarted(IReadOnlyList<Bar> bars)
    {
        Interlocked.Exchange(ref _lastStart, _timeProvider.GetTimestamp());
        _bars = bars;
        _trouble = "";
        Interlocked.Increment(ref _ready);
    }

    internal void WorkerEnded(CageRestart? reason, string why)
    {
        Interlocked.Decrement(ref _ready);
        if (reason is { } known)
        {
            Replaced(known, why);
        }
    }

    /// <summary>Nobody waits for what cannot come: with no worker left, the line is told at once.</summary>
    internal void StartFailed(string why, bool isHopeless)
    {
        Replaced(CageRestart.Start, why);
        if (isHopeless && Volatile.Read(ref _ready) == 0)
        {
            _trouble = why;
            FailWaiting(why);
        }
    }

    internal void JobStarted() => Interlocked.Increment(ref _busy);

    internal void JobEnded(CageJob job, CageOutcome.Failed? failed, TimeSpan time)
    {
        Interlocked.Decrement(ref _busy);
        _observer?.JobEnded(job.Kind, failed?.Kind, failed?.Why ?? "", time);
    }

    private void Replaced(CageRestart reason, string why)
    {
        Interlocked.Increment(ref _restarts);
        if (reason is not (CageRestart.Jobs or CageRestart.Size or CageRestart.Abandoned))
        {
            _lastFailure = why;
            _lastFailureAt = _timeProvider.GetUtcNow();
        }

        _observer?.WorkerReplaced(reason, why);
    }

    private void GiveUp(CageJob job, CageOutcome.Failed? outcome)
    {
        if (!job.TryTake())
        {
            return; // A worker has it, and ends it in time.
        }

        Interlocked.Decrement(ref _waiting);
        if (outcome is null)
        {
            job.Cancel();
        }
        else
        {
            job.End(outcome);
        }
    }

    private void FailWaiting(string why)
    {
        while (TakeJob() is { } job)
        {
            job.End(Unavailable(job.Kind, why));
        }
    }

    private CageOutcome.Failed Unavailable(string kind, string why)
    {
        _observer?.JobEnded(kind, CageFailure.Unavailable, why, TimeSpan.Zero);
        return new CageOutcome.Failed(CageFailure.Unavailable, why);
    }
}
