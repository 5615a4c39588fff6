namespace SecuEdge.Appliance.Supervision;

/// <summary>
/// Fetches signatures: one freshclam run every few hours, with jitter, then clamd loads them. Better than freshclam's own daemon: its state
/// shows in API and metrics.
/// </summary>
internal sealed partial class FreshclamSchedule : BackgroundService
{
    /// <summary>A first download is some 300 MB; 30 minutes carry it at 1.5 Mbit/s.</summary>
    private static readonly TimeSpan RunLimit = TimeSpan.FromMinutes(30);

    /// <summary>After a failure: sooner than planned, but never so that ClamAV's mirror would block the address.</summary>
    private static readonly TimeSpan RetryPause = TimeSpan.FromMinutes(30);

    /// <summary>After a failure without any database: mail is answered 451 until there is one.</summary>
    private static readonly TimeSpan UrgentRetryPause = TimeSpan.FromMinutes(2);

    /// <summary>With a database in place the first run is not urgent: a fleet restarted at once must not ask the mirror at once.</summary>
    private static readonly TimeSpan LongestFirstPause = TimeSpan.FromMinutes(5);

    private readonly ClamAvServiceOptions _options;
    private readonly SignatureSource _signatures;
    private readonly ClamdSupervisor _clamd;
    private readonly ChildLauncher _launcher;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger<FreshclamSchedule> _logger;
    private volatile FreshclamStatus _status = new(false, null, null, "not started yet", null);

    public FreshclamSchedule(
        ClamAvServiceOptions options,
        SignatureSource signatures,
        ClamdSupervisor clamd,
        ChildLauncher launcher,
        TimeProvider timeProvider,
        ILogger<FreshclamSchedule> logger)
    {
        _options = options;
        _signatures = signatures;
        _clamd = clamd;
        _launcher = launcher;
        _timeProvider = timeProvider;
        _logger = logger;
    }

    public FreshclamStatus Status => _status;

    /// <summary>The interval and up to a tenth more, so that gateways started together drift apart.</summary>
    internal static TimeSpan WithJitter(TimeSpan interval, double random) => interval + (interval * (random * 0.1));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        var obstacle = !_options.Freshclam ? "updates are switched off"
            : !File.Exists(_options.FreshclamProgram) ? $"{_options.FreshclamProgram} is not installed"
            : "";
        if (obstacle.Length > 0)
        {
            _status = new FreshclamStatus(false, null, null, obstacle, null);
            _signatures.UpdateTried(obstacle);
            LogNone(obstacle);
            return;
        }

        _status = new FreshclamStatus(true, null, null, "", null);
        if (_signatures.Choose().Kind == SignatureKind.Installed)
        {
            await PauseAsync(LongestFirstPause * Random.Shared.NextDouble(), stoppingToken);
        }

        while (true)
        {
            var trouble = await TryUpdateAsync(stoppingToken);
            var pause = trouble.Length == 0 ? _options.UpdateInterval
                : _signatures.Choose().Kind == SignatureKind.Installed ? RetryPause
                : UrgentRetryPause;
            await PauseAsync(WithJitter(pause, Random.Shared.NextDouble()), stoppingToken);
        }
    }

    private async Task<string> TryUpdateAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await UpdateAsync(cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            // Whatever it was, a folder that cannot be read as well: signatures grow old when nobody tries again.
            _status = _status with { LastFailure = _timeProvider.GetUtcNow(), Trouble = e.Message };
            LogBroken(e);
            return e.Message;
        }
    }

    private async Task<string> UpdateAsync(CancellationToken cancellationToken)
    {
        _status = _status with { NextAttempt = null };
        var before = Fingerprint();
        var trouble = await FetchAsync(cancellationToken);
        var now = _timeProvider.GetUtcNow();
        if (trouble.Length > 0)
        {
            _status = _status with { LastFailure = now, Trouble = trouble };
            LogFailed(trouble);
        }
        else
        {
            _status = _status with { LastSuccess = now, Trouble = "" };
        }

        // A run that fails for one of three databases may have brought the other two.
        _signatures.UpdateTried(trouble);
        if (Fingerprint() != before)
        {
            await _clamd.SignaturesChangedAsync(cancellationToken);
        }

        return trouble;
    }

    /// <summary>One run of freshclam. Empty = success, else its own words.</summary>
    private async Task<string> FetchAsync(CancellationToken cancellationToken)
    {
        var configuration = ClamAvPaths.From(_options).FreshclamConfiguration;
        try
        {
            Directory.CreateDirectory(_signatures.DatabaseFolder);
            Directory.CreateDirectory(Path.GetDirectoryName(configuration)!, ClamAvPaths.PrivateFolder); // an absolute file path has a folder
            File.WriteAllText(configuration, ClamAvConfiguration.Freshclam(_options));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return $"freshclam cannot be prepared: {failure.Message}";
        }

        var complaint = "";
        void Report(string line)
        {
            LogLine(line);
            // The first one names the cause, the following ones only what failed because of it.
            if (complaint.Length == 0 && line.Contains("ERROR", StringComparison.Ordinal))
            {
                complaint = line;
            }
        }

        var command = new ChildCommand("freshclam", _options.FreshclamProgram, [$"--config-file={configuration}", "--stdout"]);
        var (child, reason) = await _launcher.StartAsync(command, Report, cancellationToken);
        if (child is null)
        {
            return reason;
        }

        using (child)
        {
            using var limit = new CancellationTokenSource(RunLimit, _timeProvider);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
            try
            {
                var code = await child.WaitForExitAsync(either.Token);
                return code == 0 ? "" : complaint.Length > 0 ? complaint : $"freshclam ended with code {code}";
            }
            catch (OperationCanceledException)
            {
                await child.StopAsync(TimeSpan.FromSeconds(5), _timeProvider);
                cancellationToken.ThrowIfCancellationRequested();
                return $"freshclam did not end within {RunLimit.TotalMinutes} minutes";
            }
        }
    }

    private async Task PauseAsync(TimeSpan pause, CancellationToken cancellationToken)
    {
        _status = _status with { NextAttempt = _timeProvider.GetUtcNow() + pause };
        await Task.Delay(pause, _timeProvider, cancellationToken);
    }

    /// <summary>Names, sizes and times of the databases: whether a run changed anything.</summary>
    private string Fingerprint() =>
        !Directory.Exists(_signatures.DatabaseFolder)
            ? ""
            : string.Join('\n', new DirectoryInfo(_signatures.DatabaseFolder).EnumerateFiles()
                .Where(file => file.Name != "freshclam.dat")
                .OrderBy(file => file.Name, StringComparer.Ordinal)
                .Select(file => $"{file.Name} {file.Length} {file.LastWriteTimeUtc.Ticks}"));

    [LoggerMessage(Level = LogLevel.Warning, Message = "no signature updates: {Reason}")]
    private partial void LogNone(string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "signature update failed: {Reason}")]
    private partial void LogFailed(string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "signatures could not be updated; it is tried again")]
    private partial void LogBroken(Exception exception);

    [LoggerMessage(Level = LogLevel.Debug, Message = "freshclam: {Line}")]
    private partial void LogLine(string line);
}
