using SecuEdge.Filter.Scanners.HashLists;

namespace SecuEdge.Appliance.Supervision;

/// <summary>Fetches the lists that have an address, on a schedule with jitter so that not all appliances ask a feed in the same minute.</summary>
internal sealed partial class HashListUpdates(
    HashListStore lists, HashListOptions options, Settings.DataFolder folder, TimeProvider timeProvider, ILogger<HashListUpdates> logger) : BackgroundService
{
    // Of the interval, either way.
    private const double Jitter = 0.1;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var http = CheckedDownload.CreateClient();
        var download = new CheckedDownload(http, timeProvider);
        try
        {
            while (true)
            {
                foreach (var list in lists.All.Where(list => list.Url is not null))
                {
                    await TryUpdateAsync(download, list, stoppingToken);
                }

                await Task.Delay(options.UpdateInterval * (1 - Jitter + (2 * Jitter * Random.Shared.NextDouble())), timeProvider, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    private async Task TryUpdateAsync(CheckedDownload download, HashListInfo list, CancellationToken cancellationToken)
    {
        try
        {
            await UpdateAsync(download, list, cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            // Whatever one list has, a file that cannot be deleted as well: the others are fetched, and this one is tried again.
            lists.SetTrouble(list.Name, e.Message);
            LogBroken(e, list.Name);
        }
    }

    /// <returns>Why the list is not up to date; empty when it is.</returns>
    internal async Task<string> UpdateAsync(CheckedDownload download, HashListInfo list, CancellationToken cancellationToken)
    {
        var file = Path.Combine(folder.Scratch, $"{list.Name}.download");
        try
        {
            var source = new DownloadSource { Url = list.Url!, Sha256Url = list.Sha256Url, MaxBytes = options.MaxBytes };
            var trouble = await download.FetchAsync(source, list.SourceSha256, file, cancellationToken) switch
            {
                DownloadResult.Unchanged => "",
                DownloadResult.Fetched => await ImportAsync(list, file, cancellationToken),
                DownloadResult.Failed failed => failed.Why,
                var other => throw new InvalidOperationException($"unknown outcome {other}"),
            };
            if (trouble.Length > 0)
            {
                LogFailed(list.Name, trouble);
            }

            lists.SetTrouble(list.Name, trouble);
            return trouble;
        }
        finally
        {
            File.Delete(file);
        }
    }

    private async Task<string> ImportAsync(HashListInfo list, string file, CancellationToken cancellationToken)
    {
        try
        {
            await using var text = File.OpenRead(file);
            var import = await lists.ImportAsync(list, text, null, cancellationToken);
            return string.Join("; ", import.Errors);
        }
        catch (IOException exception)
        {
            return exception.Message;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Hash list {Name} could not be brought up to date: {Trouble}")]
    private partial void LogFailed(string name, string trouble);

    [LoggerMessage(Level = LogLevel.Error, Message = "Hash list {Name} could not be brought up to date")]
    private partial void LogBroken(Exception exception, string name);
}
