using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace SecuEdge.Filter.Scanners;

/// <summary>
/// A scanner that asks another process, whose state is asked for again and again, and at once when a scan hints that it changed. Scans need no
/// status: a process that came back is used again by the next one, whatever the status still says.
/// </summary>
public abstract partial class DaemonScanner : IScanner
{
    // What is away is asked more often: large signatures take it a minute to load, nobody should wait longer than that.
    private protected static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    private readonly string _who;
    private readonly ILogger _logger;

    // Holds at most one: that something happened since the last question is all that matters.
    private readonly Channel<bool> _hints = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private volatile ScannerStatus _status;

    /// <param name="who">At the beginning of a sentence of the log: <c>The ICAP service</c>.</param>
    private protected DaemonScanner(string who, string untilAsked, TimeProvider timeProvider, ILogger logger)
    {
        _who = who;
        _status = new ScannerStatus(false, "", null, untilAsked);
        TimeProvider = timeProvider;
        _logger = logger;
    }

    public abstract string Name { get; }

    public ScannerStatus Status => _status;

    private protected TimeProvider TimeProvider { get; }

    public abstract Task<ScanResult> ScanAsync(ScanTarget target, CancellationToken cancellationToken);

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

    /// <summary>Asks now.</summary>
    public async Task RefreshStatusAsync(CancellationToken cancellationToken)
    {
        var before = _status;
        _status = await AskAsync(cancellationToken);
        if (_status.IsReady && (!before.IsReady || IsNews(before, _status)))
        {
            LogReady(_who, _status.Version);
        }
        else if (!_status.IsReady && (before.IsReady || before.Trouble != _status.Trouble))
        {
            LogNotReady(_who, _status.Trouble);
        }
    }

    private protected abstract Task<ScannerStatus> AskAsync(CancellationToken cancellationToken);

    /// <summary>Until the next question; while nobody answers, hints say nothing new.</summary>
    private protected abstract Task PauseAsync(CancellationToken cancellationToken);

    /// <summary>Whether a scanner that was ready and is should be told of again.</summary>
    private protected virtual bool IsNews(ScannerStatus before, ScannerStatus after) => false;

    /// <summary>The next question comes at once.</summary>
    private protected void Hint() => _hints.Writer.TryWrite(true);

    private protected ScanResult Noted(ScanResult result)
    {
        if (result is ScanResult.Failed failed)
        {
            LogFailed(_who, failed.Why);
            Hint();
        }

        return result;
    }

    private protected void NoteTrouble(string trouble) => LogNotReady(_who, trouble);

    private protected async Task PauseForHintAsync(TimeSpan longest, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(longest, TimeProvider);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await _hints.Reader.ReadAsync(linked.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Nothing happened meanwhile.
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Who} could not scan: {Why}")]
    private partial void LogFailed(string who, string why);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Who} is ready, version {Version}")]
    private partial void LogReady(string who, string version);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Who} is not ready: {Trouble}")]
    private partial void LogNotReady(string who, string trouble);
}
