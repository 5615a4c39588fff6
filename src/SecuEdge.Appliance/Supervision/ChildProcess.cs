namespace SecuEdge.Appliance.Supervision;

/// <summary>
/// Keeps one program running: waits at its gate, starts it, passes its lines to our log, starts it again after it ended, stops it with us.
/// </summary>
/// <remarks>
/// <code>
/// Stopped -> Waiting (gate gives a reason) -> Running -> BackingOff (1 s, 2 s … 30 s) -> Waiting …
///                                               | asked to restart: at once
/// </code>
/// </remarks>
internal sealed partial class ChildProcess
{
    private readonly ChildCommand _command;
    private readonly RestartPolicy _policy;
    private readonly ChildLauncher _launcher;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private volatile ChildProcessStatus _status;
    private CancellationTokenSource? _restart;
    private string _lastComplaint = "";

    public ChildProcess(ChildCommand command, RestartPolicy policy, ChildLauncher launcher, TimeProvider timeProvider, ILogger logger)
    {
        _command = command;
        _policy = policy;
        _launcher = launcher;
        _timeProvider = timeProvider;
        _logger = logger;
        _status = new ChildProcessStatus(command.Name, ChildState.Stopped, null, 0, timeProvider.GetUtcNow(), "not started yet");
    }

    public ChildProcessStatus Status => _status;

    /// <summary>Runs until cancelled.</summary>
    /// <param name="gate">Asked before every start; empty = go, else what is missing. It may prepare files.</param>
    public async Task RunAsync(Func<string> gate, CancellationToken cancellationToken)
    {
        var failures = 0;
        var starts = 0;
        try
        {
            while (true)
            {
                await WaitAtGateAsync(gate, cancellationToken);
                var began = _timeProvider.GetTimestamp();
                var reason = await RunOnceAsync(starts++, cancellationToken);
                if (reason.Length == 0)
                {
                    continue;
                }

                failures = _timeProvider.GetElapsedTime(began) >= _policy.ForgivenAfter ? 1 : failures + 1;
                var pause = _policy.PauseAfter(failures);
                Become(ChildState.BackingOff, null, reason);
                LogEnded(_command.Name, reason, pause.TotalSeconds);
                await Task.Delay(pause, _timeProvider, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            Become(ChildState.Stopped, null, "stopped with the gateway");
        }
    }

    /// <summary>Ends the running program and starts it again without a pause; nothing when it does not run.</summary>
    public void Restart()
    {
        try
        {
            Volatile.Read(ref _restart)?.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It ended by itself this moment and is started again anyway.
        }
    }

    private async Task WaitAtGateAsync(Func<string> gate, CancellationToken cancellationToken)
    {
        while (gate() is { Length: > 0 } missing)
        {
            if (_status.State != ChildState.Waiting || _status.Reason != missing)
            {
                Become(ChildState.Waiting, null, missing);
                LogWaiting(_command.Name, missing);
            }

            await Task.Delay(_policy.GateInterval, _timeProvider, cancellationToken);
        }
    }

    /// <summary>One life of the program. Empty when it was asked to restart, else why it is not running.</summary>
    private async Task<string> RunOnceAsync(int earlierStarts, CancellationToken cancellationToken)
    {
        _lastComplaint = "";
        var (child, reason) = await _launcher.StartAsync(_command, Report, cancellationToken);
        if (child is null)
        {
            return reason;
        }

        using var restart = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using (child)
        {
            Volatile.Write(ref _restart, restart);
            Become(ChildState.Running, child.ProcessId, "", earlierStarts);
            LogStarted(_command.Name, child.ProcessId);
            try
            {
                var code = await child.WaitForExitAsync(restart.Token);
                return _lastComplaint.Length > 0 ? $"ended with code {code}: {_lastComplaint}" : $"ended with code {code}";
            }
            catch (OperationCanceledException)
            {
                var code = await child.StopAsync(_policy.StopGrace, _timeProvider);
                LogStopped(_command.Name, code);
                cancellationToken.ThrowIfCancellationRequested();
                return "";
            }
            finally
            {
                Volatile.Write(ref _restart, null);
            }
        }
    }

    private void Become(ChildState state, int? processId, string reason, int? restarts = null) =>
        _status = new ChildProcessStatus(_command.Name, state, processId, restarts ?? _status.Restarts, _timeProvider.GetUtcNow(), reason);

    private void Report(string line)
    {
        if (line.Contains("ERROR", StringComparison.Ordinal) || line.Contains("WARNING", StringComparison.Ordinal))
        {
            _lastComplaint = line;
            LogComplaint(_command.Name, line);
        }
        else
        {
            LogLine(_command.Name, line);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Child} started as process {ProcessId}")]
    private partial void LogStarted(string child, int processId);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Child} stopped with code {ExitCode}")]
    private partial void LogStopped(string child, int exitCode);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Child} waits: {Missing}")]
    private partial void LogWaiting(string child, string missing);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Child}: {Reason}; next start in {Seconds} s")]
    private partial void LogEnded(string child, string reason, double seconds);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Child}: {Line}")]
    private partial void LogComplaint(string child, string line);

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Child}: {Line}")]
    private partial void LogLine(string child, string line);
}
