using SecuEdge.Store.Spool;

namespace SecuEdge.Appliance.MailFlow;

/// <summary>What lanes ask of the runner: running and counting their work, settling its results, and knowing when to stop.</summary>
internal sealed partial class LaneHost(Settler settler, AttemptLedger ledger, MailQueue queue, TimeProvider timeProvider, ILogger<QueueRunner> logger) : IDisposable
{
    // Settling waits for the disk; so many may do so while their connections already carry the next message.
    private const int MaxSettling = 256;

    private readonly SemaphoreSlim _settling = new(MaxSettling);
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _aborted = new();
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // The host itself counts as one until the stop.
    private int _running = 1;

    /// <summary>Finish what is being sent and take nothing new.</summary>
    public CancellationToken Stopping => _stopping.Token;

    /// <summary>The patience is over: break off. What is in the spool will be sent again.</summary>
    public CancellationToken Aborted => _aborted.Token;

    public bool IsStopping => _stopping.IsCancellationRequested;

    public void MakeReady(QueuedMessage message) => queue.MakeReady(message);

    /// <summary>Work in the background that a stop waits for.</summary>
    public void Run(Func<Task> work)
    {
        Interlocked.Increment(ref _running);
        _ = Task.Run(async () =>
        {
            try
            {
                await work();
            }
            catch (OperationCanceledException) when (_aborted.IsCancellationRequested)
            {
                LogAborted();
            }
            catch (Exception e)
            {
                LogCrash(e);
            }
            finally
            {
                Leave();
            }
        });
    }

    /// <summary>Completes as soon as settling has begun, unless the disk is far behind.</summary>
    public async Task SettleAsync(DeliveryRound round)
    {
        await _settling.WaitAsync(_aborted.Token);
        var settlement = ledger.Apply(round, timeProvider.GetUtcNow());
        Run(async () =>
        {
            try
            {
                await settler.SettleAsync(settlement, _aborted.Token);
            }
            finally
            {
                _settling.Release();
            }
        });
    }

    public void Report(RoundGroup group, Exception exception) => LogBug(group.Round.Message.Reference, exception);

    /// <summary>Lets running work finish within the time limit, then breaks it off.</summary>
    public async Task StopAsync(TimeSpan limit)
    {
        if (IsStopping)
        {
            return;
        }

        await _stopping.CancelAsync();
        Leave();
        try
        {
            await _drained.Task.WaitAsync(limit, timeProvider);
        }
        catch (TimeoutException)
        {
            LogImpatient(Volatile.Read(ref _running));
        }

        await _aborted.CancelAsync();
    }

    public void Dispose()
    {
        _settling.Dispose();
        _stopping.Dispose();
        _aborted.Dispose();
    }

    private void Leave()
    {
        if (Interlocked.Decrement(ref _running) == 0)
        {
            _drained.TrySetResult();
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "A transaction was broken off by the stop; its message stays in the spool")]
    private partial void LogAborted();

    [LoggerMessage(Level = LogLevel.Error, Message = "A worker of the queue failed")]
    private partial void LogCrash(Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "The attempt to deliver message {Reference} failed unexpectedly")]
    private partial void LogBug(string reference, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} pieces of work did not finish within the time of the stop and are broken off")]
    private partial void LogImpatient(int count);
}
