using SecuEdge.Appliance.Supervision;

namespace SecuEdge.Appliance.Yara;

/// <summary>State of one source, for API and metrics.</summary>
public sealed record RuleSourceStatus(string Name, string Url, string Sha256, DateTimeOffset? LastSuccess, DateTimeOffset? LastFailure, string Trouble, DateTimeOffset? NextAttempt);

/// <summary>
/// Puts the first set in force, notices files that somebody puts into the folder, and fetches the sources on their schedule. A source that
/// fails keeps its former file.
/// </summary>
internal sealed partial class RuleUpdates : BackgroundService
{
    private static readonly TimeSpan FolderInterval = TimeSpan.FromSeconds(30);

    /// <summary>Without any rules parts are answered 451: tried again soon.</summary>
    private static readonly TimeSpan UrgentPause = TimeSpan.FromSeconds(2);

    /// <summary>Ten times what our rules take on a small box; a container's start is not held up longer.</summary>
    private static readonly TimeSpan FirstLimit = TimeSpan.FromSeconds(20);

    /// <summary>After a failed download: soon, but not so that a mirror with trouble gets more of it.</summary>
    private static readonly TimeSpan RetryPause = TimeSpan.FromMinutes(15);

    private readonly YaraServiceOptions _options;
    private readonly RuleBook _book;
    private readonly CheckedDownload _download;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger<RuleUpdates> _logger;
    private readonly Source[] _sources;

    public RuleUpdates(YaraServiceOptions options, RuleBook book, CheckedDownload download, TimeProvider timeProvider, ILogger<RuleUpdates> logger)
    {
        _options = options;
        _book = book;
        _download = download;
        _timeProvider = timeProvider;
        _logger = logger;
        _sources = [.. options.Sources.Select(source => new Source(source))];
    }

    public IReadOnlyList<RuleSourceStatus> Sources => [.. _sources.Select(source => source.Status)];

    /// <summary>
    /// Before the first connection: compiling takes a second, and whoever sends at once should not be told to come again. What cannot be
    /// loaded in time is tried further in the background; mail without attachments flows meanwhile.
    /// </summary>
    public async Task LoadFirstAsync(CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(FirstLimit, _timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await _book.ReloadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Late: the background goes on with it.
        }
    }

    /// <summary>Looks now whether the source has something new.</summary>
    /// <returns>Why it has nothing that is in force now; empty when all is well.</returns>
    internal async Task<string> UpdateAsync(int index, CancellationToken cancellationToken)
    {
        var source = _sources[index];
        var trouble = await FetchAsync(source, cancellationToken);
        var now = _timeProvider.GetUtcNow();
        source.Status = trouble.Length == 0
            ? source.Status with { LastSuccess = now, Trouble = "", Sha256 = KnownHash(source) }
            : source.Status with { LastFailure = now, Trouble = trouble };
        if (trouble.Length > 0)
        {
            LogFailed(source.Options.FileName, trouble);
        }

        return trouble;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        while (_book.Current is null && !await TryReloadAsync(stoppingToken))
        {
            await Task.Delay(UrgentPause, _timeProvider, stoppingToken);
        }

        await Task.WhenAll(Enumerable.Range(0, _sources.Length).Select(i => KeepFreshAsync(i, stoppingToken)).Append(WatchFolderAsync(stoppingToken)));
    }

    private async Task WatchFolderAsync(CancellationToken cancellationToken)
    {
        var seen = Fingerprint();
        while (true)
        {
            await Task.Delay(FolderInterval, _timeProvider, cancellationToken);
            // A change through the API is seen here, too: the set is the same then, and nothing happens.
            if (Fingerprint() != seen && await TryReloadAsync(cancellationToken))
            {
                seen = Fingerprint();
            }
        }
    }

    /// <summary>Null while the folder cannot be read.</summary>
    private string? Fingerprint()
    {
        try
        {
            return _book.Folder.Fingerprint();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogUnreadable(e);
            return null;
        }
    }

    private async Task<bool> TryReloadAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _book.ReloadAsync(cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            // Whatever it was: what is in force stays, and it is tried again.
            LogUnreadable(e);
            return false;
        }
    }

    private async Task KeepFreshAsync(int index, CancellationToken cancellationToken)
    {
        while (true)
        {
            var trouble = await TryUpdateAsync(index, cancellationToken);
            var interval = _sources[index].Options.Interval;
            var pause = trouble.Length > 0 && RetryPause < interval ? RetryPause : interval;
            pause = FreshclamSchedule.WithJitter(pause, Random.Shared.NextDouble());
            _sources[index].Status = _sources[index].Status with { NextAttempt = _timeProvider.GetUtcNow() + pause };
            await Task.Delay(pause, _timeProvider, cancellationToken);
        }
    }

    private async Task<string> TryUpdateAsync(int index, CancellationToken cancellationToken)
    {
        try
        {
            return await UpdateAsync(index, cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            // Whatever one source has, a full disk as well: it is tried again like one that does not answer.
            _sources[index].Status = _sources[index].Status with { LastFailure = _timeProvider.GetUtcNow(), Trouble = e.Message };
            LogFailed(_sources[index].Options.FileName, e.Message);
            return e.Message;
        }
    }

    private async Task<string> FetchAsync(Source source, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(_book.Folder.FetchedFolder);
        var downloaded = _book.Folder.PathOf(RuleOrigin.Fetched, source.Options.FileName) + ".download";
        var from = new DownloadSource
        {
            Url = new Uri(source.Options.Url),
            Sha256 = source.Options.Sha256,
            Sha256Url = source.Options.Sha256Url.Length > 0 ? new Uri(source.Options.Sha256Url) : null,
            MaxBytes = _options.MaxRuleBytes,
        };
        switch (await _download.FetchAsync(from, KnownHash(source), downloaded, cancellationToken))
        {
            case DownloadResult.Unchanged:
                return "";
            case DownloadResult.Failed failed:
                return failed.Why;
            default:
                var (problems, trouble) = await _book.PutFetchedAsync(source.Options.FileName, downloaded, _timeProvider.GetUtcNow(), cancellationToken);
                File.Delete(downloaded); // moved away when it came into force
                return problems.Count > 0 ? $"refused: {string.Join("; ", problems.Take(3))}" : trouble;
        }
    }

    /// <summary>Of the file on disk: what is in force, whatever an earlier run remembered.</summary>
    private string KnownHash(Source source)
    {
        var path = _book.Folder.PathOf(RuleOrigin.Fetched, source.Options.FileName);
        if (!File.Exists(path))
        {
            return "";
        }

        using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(file));
    }

    private sealed class Source(RuleSourceOptions options)
    {
        private volatile RuleSourceStatus _status = new(options.FileName, options.Url, "", null, null, "", null);

        public RuleSourceOptions Options => options;

        public RuleSourceStatus Status
        {
            get => _status;
            set => _status = value;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The folder of YARA rules could not be read; it is tried again")]
    private partial void LogUnreadable(Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "YARA rules of {Source} were not updated: {Trouble}")]
    private partial void LogFailed(string source, string trouble);
}
