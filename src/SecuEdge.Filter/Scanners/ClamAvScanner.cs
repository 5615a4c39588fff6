using System.Globalization;
using Microsoft.Extensions.Logging;
using SecuEdge.Filter.Scanners.Clamd;

namespace SecuEdge.Filter.Scanners;

/// <summary>ClamAV through clamd.</summary>
public sealed class ClamAvScanner : DaemonScanner, IAsyncDisposable
{
    private readonly ClamAvOptions _options;
    private readonly ClamdClient _clamd;

    public ClamAvScanner(ClamAvOptions options, TimeProvider timeProvider, ILogger<ClamAvScanner> logger)
        : base("ClamAV", "clamd has not been asked yet", timeProvider, logger)
    {
        _options = options;
        if (!ClamdEndpoint.TryParse(options.Endpoint, out var endpoint))
        {
            throw new ArgumentException($"'{options.Endpoint}' is neither unix:/path nor tcp:host:port.", nameof(options));
        }

        _clamd = new ClamdClient(endpoint, options, timeProvider);
    }

    public override string Name => "clamav";

    public override async Task<ScanResult> ScanAsync(ScanTarget target, CancellationToken cancellationToken) =>
        Noted(await _clamd.ScanAsync(target.Bytes, cancellationToken));

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
            NoteTrouble(exception.Message);
            return false;
        }
    }

    public ValueTask DisposeAsync()
    {
        _clamd.Dispose();
        return ValueTask.CompletedTask;
    }

    private protected override async Task<ScannerStatus> AskAsync(CancellationToken cancellationToken)
    {
        try
        {
            var answer = await _clamd.VersionAsync(cancellationToken);
            return ClamdVersion.TryParse(answer, TimeProvider.LocalTimeZone, out var version)
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

        var age = TimeProvider.GetUtcNow() - signaturesAt;
        return age > _options.MaxSignatureAge
            ? string.Create(CultureInfo.InvariantCulture, $"the signatures are {age.TotalDays:0} days old")
            : "";
    }

    private protected override Task PauseAsync(CancellationToken cancellationToken) =>
        Status.IsReady ? PauseForHintAsync(_options.StatusInterval, cancellationToken) : Task.Delay(RetryInterval, TimeProvider, cancellationToken);
}
