using System.Globalization;
using Microsoft.Extensions.Logging;
using SecuEdge.Content;
using SecuEdge.Filter.Scanners.Icap;

namespace SecuEdge.Filter.Scanners;

/// <summary>
/// Any antivirus that speaks ICAP. Its version is the service's own words and its ISTag, which changes with the signatures (RFC 3507 §4.7);
/// how old they are nobody says.
/// </summary>
public sealed class IcapScanner : DaemonScanner, IAsyncDisposable
{
    // Signatures change a few times a day. A service whose tag changes with every answer says nothing with it, and each change costs a
    // look at all held mail.
    private const int MaxTagChanges = 5;
    private static readonly TimeSpan TagWindow = TimeSpan.FromMinutes(10);

    private readonly IcapOptions _options;
    private readonly IcapClient _client;

    private volatile IcapService? _service;
    private readonly Queue<DateTimeOffset> _tagChanges = new();
    private string _taggedVersion = "";
    private string _testedVersion = "";
    private string _testTrouble = "";

    public IcapScanner(IcapOptions options, TimeProvider timeProvider, ILogger<IcapScanner> logger)
        : base("The ICAP service", "the service has not been asked yet", timeProvider, logger)
    {
        _options = options;
        if (!IcapEndpoint.TryParse(options.Url, out var endpoint))
        {
            throw new ArgumentException($"'{options.Url}' is not icap://host:port/service.", nameof(options));
        }

        _client = new IcapClient(endpoint, options, timeProvider);
    }

    public override string Name => "icap";

    public override async Task<ScanResult> ScanAsync(ScanTarget target, CancellationToken cancellationToken) =>
        Noted(await _client.ScanAsync(target, Preview, OnAnswer, cancellationToken));

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    // Only when both sides want one; the service names the most it takes.
    private int? Preview => _options.PreviewBytes > 0 && _service?.Preview is { } wanted ? Math.Min(wanted, _options.PreviewBytes) : null;

    private protected override async Task<ScannerStatus> AskAsync(CancellationToken cancellationToken)
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
        var now = TimeProvider.GetUtcNow();
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
        if (reply.ServiceTag is { Length: > 0 } tag && Status is { IsReady: true } status && !status.Version.EndsWith($"/{tag}", StringComparison.Ordinal))
        {
            Hint();
        }
    }

    private protected override bool IsNews(ScannerStatus before, ScannerStatus after) => before.Version != after.Version;

    private protected override async Task PauseAsync(CancellationToken cancellationToken)
    {
        // Never more often than once a second: some services put a new tag into every answer.
        await Task.Delay(RetryInterval, TimeProvider, cancellationToken);
        var pause = _service?.TimeToLive is { } wanted && wanted < _options.StatusInterval ? wanted : _options.StatusInterval;
        if (Status.IsReady && pause > RetryInterval)
        {
            await PauseForHintAsync(pause - RetryInterval, cancellationToken);
        }
    }
}
