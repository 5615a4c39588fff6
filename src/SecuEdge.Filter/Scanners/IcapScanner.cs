using System.Globalization;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using SecuEdge.Content;
using SecuEdge.Filter.Scanners.Icap;

namespace SecuEdge.Filter.Scanners;

/// <summary>
/// Any antivirus that speaks ICAP. Its version is the service's own words and its ISTag, which changes with the signatures (RFC 3507 §4.7);
/// how old they are nobody says.
/// </summary>
public sealed partial class IcapScanner : IScanner, IAsyncDisposable
{
    // Signatures change a few times a day. A service whose tag changes with every answer says nothing with it, and each change costs a
    // look at all held mail.
    private const int MaxTagChanges = 5;
    private static readonly TimeSpan TagWindow = TimeSpan.FromMinutes(10);

    // As for ClamAV: a service that is away is asked more often.
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    private readonly IcapOptions _options;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger<IcapScanner> _logger;
    private readonly IcapClient _client;

    // Holds at most one: that something changed since the last question is all that matters.
    private readonly Channel<bool> _changes =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private volatile ScannerStatus _status = new(false, "", null, "the service has not been asked yet");
    private volatile IcapService? _service;
    private readonly Queue<DateTimeOffset> _tagChanges = new();
    private string _taggedVersion = "";
    private string _testedVersion = "";
    private string _testTrouble = "";

    public IcapScanner(IcapOptions options, TimeProvider timeProvider, ILogger<IcapScanner> logger)
    {
        _options = options;
        _timeProvider = timeProvider;
        _logger = logger;
        if (!IcapEndpoint.TryParse(options.Url, out var endpoint))
        {
            throw new ArgumentException($"'{options.Url}' is not icap://host:port/service.", nameof(options));
        }

        _client = new IcapClient(endpoint, options, timeProvider);
    }

    public string Name => "icap";

    public ScannerStatus Status => _status;

    public async Task<ScanResult> ScanAsync(ScanTarget target, CancellationToken cancellationToken)
    {
        var result = await _client.ScanAsync(target, Preview, OnAnswer, cancellationToken);
        if (result is ScanResult.Failed failed)
        {
            LogFailed(failed.Why);
            _changes.Writer.TryWrite(true);
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

    /// <summary>Asks the service now.</summary>
    public async Task RefreshStatusAsync(CancellationToken cancellationToken)
    {
        var before = _status;
        _status = await AskAsync(cancellationToken);
        if (_status.IsReady && (!before.IsReady || before.Version != _status.Version))
        {
            LogReady(_status.Version);
        }
        else if (!_status.IsReady && (before.IsReady || before.Trouble != _status.Trouble))
        {
            LogNotReady(_status.Trouble);
        }
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    // Only when both sides want one; the service names the most it takes.
    private int? Preview => _options.PreviewBytes > 0 && _service?.Preview is { } wanted ? Math.Min(wanted, _options.PreviewBytes) : null;

    private async Task<ScannerStatus> AskAsync(CancellationToken cancellationToken)
    {
        try
        {
            var service = await _client.AskOptionsAsync(cancellationToken);
            _service = service;
            if (!service.Offers(_options.Method))
            {
                return new ScannerStatus(false, service.Version, null, $"the service offers {string.Join(' ', service.Methods)}, not {_options.Method.ToString().ToUpperInvariant()}");
            }

            var version = VersionOf(service);
            await TestAsync(version, cancellationToken);
            return new ScannerStatus(true, version, null, TroubleOf(service));
        }
        catch (IOException exception)
        {
            _service = null;
            return new ScannerStatus(false, "", null, exception.Message);
        }
    }

    private string VersionOf(IcapService service)
    {
        var now = _timeProvider.GetUtcNow();
        if (service.Version != _taggedVersion)
        {
            if (_taggedVersion.Length > 0)
            {
                _tagChanges.Enqueue(now);
            }

            _taggedVersion = service.Version;
        }

        while (_tagChanges.TryPeek(out var at) && now - at > TagWindow)
        {
            _tagChanges.Dequeue();
        }

        return _tagChanges.Count >= MaxTagChanges ? service.Product : service.Version;
    }

    // Whether it scans at all. A failure is no finding: the service may not be able to scan at this moment, and then every mail says so.
    private async Task TestAsync(string version, CancellationToken cancellationToken)
    {
        if (!_options.SelfTest || _testedVersion == version)
        {
            return;
        }

        var result = await _client.ScanAsync(new ScanTarget { Bytes = new MemoryBytes(Eicar.Bytes) }, Preview, _ => { }, cancellationToken);
        (_testedVersion, _testTrouble) = result switch
        {
            ScanResult.Infected => (version, ""),
            ScanResult.Failed failed => ("", $"the service could not scan the EICAR test file: {failed.Why}"),
            _ => (version, "the service does not find the EICAR test file: it may not be scanning everything"),
        };
    }

    private string TroubleOf(IcapService service) =>
        _testTrouble.Length > 0 ? _testTrouble
        : service.MaxConnections is { } most && most < _options.MaxConnections
            ? string.Create(CultureInfo.InvariantCulture, $"the service allows {most} connections, fewer than the {_options.MaxConnections} configured")
        : "";

    // New signatures show in the tag of any answer, long before the next question.
    private void OnAnswer(IcapReply reply)
    {
        if (reply.ServiceTag is { Length: > 0 } tag && _status is { IsReady: true } status && !status.Version.EndsWith($"/{tag}", StringComparison.Ordinal))
        {
            _changes.Writer.TryWrite(true);
        }
    }

    // Until the next regular question, or until something failed or changed; while the service is away failures say nothing new.
    private async Task PauseAsync(CancellationToken cancellationToken)
    {
        // Never more often than once a second: some services put a new tag into every answer.
        await Task.Delay(RetryInterval, _timeProvider, cancellationToken);
        if (!_status.IsReady)
        {
            return;
        }

        var pause = _service?.TimeToLive is { } wanted && wanted < _options.StatusInterval ? wanted : _options.StatusInterval;
        if (pause <= RetryInterval)
        {
            return;
        }

        using var limit = new CancellationTokenSource(pause - RetryInterval, _timeProvider);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await _changes.Reader.ReadAsync(linked.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Nothing happened meanwhile.
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The ICAP service could not scan: {Why}")]
    private partial void LogFailed(string why);

    [LoggerMessage(Level = LogLevel.Information, Message = "The ICAP service is ready, version {Version}")]
    private partial void LogReady(string version);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The ICAP service is not ready: {Trouble}")]
    private partial void LogNotReady(string trouble);
}
