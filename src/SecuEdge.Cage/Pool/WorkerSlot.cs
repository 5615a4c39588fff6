using SecuEdge.Cage.Protocol;

namespace SecuEdge.Cage.Pool;

/// <summary>One place of the pool: always one worker, from its start to its successor's.</summary>
internal sealed class WorkerSlot(CagePool pool, WorkerLauncher launcher, CageOptions options, TimeProvider timeProvider)
{
    /// <summary>Two runtime starts on a machine that has everything else to do.</summary>
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);

    /// <summary>Failed starts in a row until waiting for the next is no use to anybody, unless the program has worked lately.</summary>
    private const int HopelessAfter = 3;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private Task<(WorkerProcess? Worker, string Reason)>? _successor;

    /// <summary>A job whose first worker failed: it goes first in the next.</summary>
    private CageJob? _carried;

    public async Task RunAsync(CancellationToken closing)
    {
        var failures = 0;
        try
        {
            while (!closing.IsCancellationRequested)
            {
                var (worker, reason) = await (_successor ?? StartAsync(closing));
                _successor = null;
                if (worker is not null)
                {
                    failures = 0;
                    await using (worker)
                    {
                        await ServeAsync(worker, closing);
                    }

                    continue;
                }

                // Some may have been killed from outside while they started: jobs wait for the next.
                var hasWorked = pool.HasWorkedLately;
                var isHopeless = ++failures >= HopelessAfter && !hasWorked;
                if (isHopeless)
                {
                    Carried(new CageOutcome.Failed(CageFailure.Unavailable, reason));
                }

                pool.StartFailed(reason, isHopeless);
                await Task.Delay(hasWorked ? FirstPause : PauseAfter(failures), timeProvider, closing);
            }
        }
        catch (OperationCanceledException) when (closing.IsCancellationRequested)
        {
            // Closing.
        }
        finally
        {
            Carried(new CageOutcome.Failed(CageFailure.Unavailable, "the cage is closed"));
            if (_successor is not null && (await _successor).Worker is { } unused)
            {
                await unused.DisposeAsync();
            }
        }
    }

    /// <summary>One job in a worker that did nothing before and ends after it.</summary>
    public async Task RunAloneAsync(CageJob job, CancellationToken closing)
    {
        _carried = job;
        while (_carried is not null)
        {
            var (worker, reason) = await StartAsync(closing);
            if (worker is null)
            {
                Carried(new CageOutcome.Failed(CageFailure.Unavailable, reason));
                return;
            }

            await using (worker)
            {
                _carried = null;
                await RunAsync(worker, job, closing);
            }
        }
    }

    /// <summary>0.1, 0.2, 0.4 … 30 seconds: a program that cannot run is tried again often enough to heal by itself, without eating the machine.</summary>
    private static TimeSpan PauseAfter(int failures) => failures > 9 ? LongestPause : FirstPause * (1 << (failures - 1));

    private void Carried(CageOutcome outcome)
    {
        _carried?.End(outcome);
        _carried = null;
    }

    private async Task<(WorkerProcess? Worker, string Reason)> StartAsync(CancellationToken closing)
    {
        var (worker, reason) = await launcher.StartAsync();
        if (worker is null)
        {
            return (null, reason);
        }

        using var limit = new CancellationTokenSource(StartLimit, timeProvider);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, closing);
        try
        {
            await worker.GreetAsync(linked.Token);
            if (options.Missing(worker.Bars) is not { Length: > 0 } missing)
            {
                return (worker, "");
            }

            reason = $"required, but not there: {missing}";
        }
        catch (OperationCanceledException)
        {
            reason = $"the worker did not start within {StartLimit.TotalSeconds:0} s";
        }
        catch (InvalidDataException exception)
        {
            reason = $"the program is no worker: {exception.Message}";
        }
        catch (IOException)
        {
            reason = $"the worker could not start: {await worker.WhyEndedAsync()}";
        }

        await worker.DisposeAsync();
        return (null, reason);
    }

    private async Task ServeAsync(WorkerProcess worker, CancellationToken closing)
    {
        pool.WorkerStarted(worker.Bars);
        CageRestart? reason = null;
        var why = "";
        try
        {
            (reason, why) = await ServeUntilReplacedAsync(worker, closing);
        }
        finally
        {
            pool.WorkerEnded(reason, why);
        }
    }

    private async Task<(CageRestart Reason, string Why)> ServeUntilReplacedAsync(WorkerProcess worker, CancellationToken closing)
    {
        var inTurn = (Reason: CageRestart.Jobs, Why: "");
        Task<bool>? waiting = null;
        while (true)
        {
            if ((_carried ?? pool.TakeJob()) is { } job)
            {
                _carried = null;
                if (await RunAsync(worker, job, closing) is { } failure)
                {
                    return failure;
                }

                if (_successor is null && OfAge(worker) is { } age)
                {
                    inTurn = age;
                    _successor = StartAsync(closing);
                }
            }
            else
            {
                waiting ??= pool.WaitForJobAsync(closing).AsTask();
                var first = await Task.WhenAny(_successor is null ? [waiting, worker.Ended] : [waiting, worker.Ended, _successor]);
                if (first == waiting)
                {
                    await waiting;
                    waiting = null;
                    closing.ThrowIfCancellationRequested();
                }
            }

            if (worker.Ended.IsCompleted)
            {
                return (CageRestart.Idle, $"without a job it {await worker.WhyEndedAsync()}");
            }

            if (_successor is { IsCompleted: true })
            {
                return inTurn;
            }
        }
    }

    /// <summary>Why its time has come, in turn; null while it may go on.</summary>
    private (CageRestart, string)? OfAge(WorkerProcess worker)
    {
        if (worker.Jobs >= options.JobsPerWorker)
        {
            return (CageRestart.Jobs, $"{worker.Jobs} jobs done");
        }

        if (worker.ResidentBytes() is var bytes && bytes > options.RecycleAboveBytes)
        {
            return (CageRestart.Size, $"{bytes} bytes of memory");
        }

        return worker.CpuTime() is var time && time.TotalSeconds > Sandbox.ResourceLimits.MaxCpuSeconds / 2 ? (CageRestart.Size, $"{time.TotalSeconds:0} s of CPU") : null;
    }

    /// <summary>One try. Null when the worker is as good as before.</summary>
    private async Task<(CageRestart, string)?> RunAsync(WorkerProcess worker, CageJob job, CancellationToken closing)
    {
        var started = timeProvider.GetTimestamp();
        job.Tries++;
        pool.JobStarted();
        using var limit = new CancellationTokenSource(job.Limit, timeProvider);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, job.Cancellation, closing);
        CageOutcome? outcome = null;
        CageRestart? restart = null;
        try
        {
            (outcome, restart) = await AskAsync(worker, job, linked.Token);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !job.Cancellation.IsCancellationRequested)
        {
            (outcome, restart) = (new CageOutcome.Failed(CageFailure.TimedOut, $"no answer within {job.Limit.TotalSeconds:0.#} s"), CageRestart.TimedOut);
        }
        catch (OperationCanceledException)
        {
            restart = CageRestart.Abandoned;
        }

        var failed = outcome as CageOutcome.Failed;
        pool.JobEnded(job, failed, timeProvider.GetElapsedTime(started));
        // What hung once hangs again, and would keep the client and a worker for twice the time: only a crash is tried again.
        if (failed is { Kind: CageFailure.Crashed } && job.MayTryAgain)
        {
            _carried = job;
        }
        else if (outcome is null)
        {
            Abandon(job);
        }
        else
        {
            job.End(outcome);
        }

        return restart is { } reason ? (reason, failed?.Why ?? "nobody waited for its answer any more") : null;
    }

    private static void Abandon(CageJob job)
    {
        if (job.Cancellation.IsCancellationRequested)
        {
            job.Cancel();
        }
        else
        {
            job.End(new CageOutcome.Failed(CageFailure.Unavailable, "the cage is closed"));
        }
    }

    private async Task<(CageOutcome, CageRestart?)> AskAsync(WorkerProcess worker, CageJob job, CancellationToken cancellationToken)
    {
        try
        {
            var reply = await worker.AskAsync(job.Kind, job.Parameters, job.Bytes, pool.ScratchFolder, cancellationToken);
            if (reply.Kind == AnswerKind.Answered)
            {
                return (new CageOutcome.Answered(reply.Body, reply.Attachments) { Files = reply.Files }, null);
            }

            reply.Files.Dispose();
            return (new CageOutcome.Failed(reply.Kind == AnswerKind.DiskTrouble ? CageFailure.Unavailable : CageFailure.Refused, reply.Body), CageRestart.Refused);
        }
        catch (InvalidDataException exception)
        {
            return (new CageOutcome.Failed(CageFailure.Refused, $"malformed answer: {exception.Message}"), CageRestart.Refused);
        }
        catch (DiskTroubleException exception)
        {
            return (new CageOutcome.Failed(CageFailure.Unavailable, exception.Message), CageRestart.Refused);
        }
        catch (IOException)
        {
            var why = await worker.WhyEndedAsync();
            return worker.WasOverLimit
                ? (new CageOutcome.Failed(CageFailure.Refused, why), CageRestart.Refused)
                : (new CageOutcome.Failed(CageFailure.Crashed, why), CageRestart.Crashed);
        }
    }
}
