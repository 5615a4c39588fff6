using System.Globalization;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using SecuEdge.Filter.Scanners.Clamd;

namespace SecuEdge.Filter.Scanners;

/// <summary>
/// ClamAV through clamd. Scans need no status: a restarted clamd is used again by the next scan, whatever the status still says.
/// </summary>
public sealed partial class ClamAvScanner : IScanner, IAsyncDisposable
{
    // A clamd that is away is asked more often: the signatures of a large database take it a minute, nobody should wait longer than that.
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    private readonly ClamAvOptions _options;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger<ClamAvScanner> _logger;
    private readonly ClamdClient _clamd;

    // Holds at most one: that something failed since the last question is all that matters.
    private readonly Channel<bool> _failures =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private volatile ScannerStatus _status = new(false, "", null, "clamd has not been asked yet");

    public ClamAvScanner(ClamAvOptions options, TimeProvider timeProvider, ILogger<ClamAvScanner> logger)
    {
        _options = options;
        _timeProvider = timeProvider;
        _logger = logger;
        if (!ClamdEndpoint.TryParse(options.Endpoint, out var endpoint))
        {
            throw new ArgumentException($"'{options.Endpoint}' is neither unix:/path nor tcp:host:port.", nameof(options));
        }

        _clamd = new ClamdClient(endpoint, options, timeProvider);
    }

    public string Name => "clamav";

    public ScannerStatus Status => _status;

    public async Task<ScanResult> ScanAsync(ScanTarget target, CancellationToken cancellationToken)
    {
        var result = await _clamd.ScanAsync(target.Bytes, cancellationToken);
        if (result is ScanResult.Failed failed)
        {
            LogFailed(failed.Why);
            _failures.Writer.TryWrite(true);
        }

        return result;
    }

    public async Task RunStatusAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await RefreshStatusAsync(cancellationToken);
                await PauseAsync(cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    /// <summary>Asks clamd now.</summary>
    public async Task RefreshStatusAsync(CancellationToken cancellationToken)
    {
        var before = _status;
        _status = await AskAsync(cancellationToken);
        if (_status.IsReady && !before.IsReady)
        {
            LogReady(_status.Version);
        }
        else if (!_status.IsReady && (before.IsReady || before.Trouble != _status.Trouble))
        {
            LogNotReady(_status.Trouble);
        }
    }

    /// <summary>
    /// Makes clamd read its signatures again, after an update; false when it is not reachable, then it reads them at its start anyway.
    /// </summary>
    public async Task<bool> ReloadAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _clamd.ReloadAsync(cancellationToken);
            return true;
        }
        catch (IOException exception)
        {
            LogNotReady(exception.Message);
            return false;
        }
    }

    public ValueTask DisposeAsync()
    {
        _clamd.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<ScannerStatus> AskAsync(CancellationToken cancellationToken)
    {
        try
        {
            var answer = await _clamd.VersionAsync(cancellationToken);
            return ClamdVersion.TryParse(answer, _timeProvider.LocalTimeZone, out var version)
                ? new ScannerStatus(true, version.Text, version.SignaturesAt, TroubleOf(version))
                : new ScannerStatus(false, "", null, "clamd's answer about its version cannot be understood");
        }
        catch (IOException exception)
        {
            return new ScannerStatus(false, "", null, exception.Message);
        }
    }

    private string TroubleOf(ClamdVersion version)
    {
        if (version.SignaturesAt is not { } signaturesAt)
        {
            return "the signatures have no version: a test database, or only signatures of one's own";
        }

        var age = _timeProvider.GetUtcNow() - signaturesAt;
        return age > _options.MaxSignatureAge
            ? string.Create(CultureInfo.InvariantCulture, $"the signatures are {age.TotalDays:0} days old")
            : "";
    }

    // Until the next regular question, or until a scan fails; while clamd is away failures say nothing new.
    private async Task PauseAsync(CancellationToken cancellationToken)
    {
        if (!_status.IsReady)
        {
            await Task.Delay(RetryInterval, _timeProvider, cancellationToken);
            return;
        }

        using var limit = new CancellationTokenSource(_options.StatusInterval, _timeProvider);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await _failures.Reader.ReadAsync(linked.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Nothing failed meanwhile.
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "ClamAV could not scan: {Why}")]
    private partial void LogFailed(string why);

    [LoggerMessage(Level = LogLevel.Information, Message = "ClamAV is ready, version {Version}")]
    private partial void LogReady(string version);

    [LoggerMessage(Level = LogLevel.Warning, Message = "ClamAV is not ready: {Trouble}")]
    private partial void LogNotReady(string trouble);
}
