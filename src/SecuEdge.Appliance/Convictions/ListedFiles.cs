using System.Threading.Channels;
using SecuEdge.Filter.Scanners.HashLists;

namespace SecuEdge.Appliance.Convictions;

/// <summary>A list of denied hashes has changed: whoever got one of these files before is found behind the import, which does not wait for it.</summary>
internal sealed partial class ListedFiles(HashListStore lists, RetroVerdicts retroVerdicts, ILogger<ListedFiles> logger) : BackgroundService
{
    private readonly Channel<HashListChange> _changes = Channel.CreateUnbounded<HashListChange>();

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        lists.Changed += Note;
        return base.StartAsync(cancellationToken);
    }

    public override Task StopAsync(CancellationToken cancellationToken)
    {
        lists.Changed -= Note;
        return base.StopAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var change in _changes.Reader.ReadAllAsync(stoppingToken))
        {
            try
            {
                await retroVerdicts.ListedAsync(change, stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                // Whatever it was: the next list is searched for.
                LogNotSearched(change.List.Name, e);
            }
        }
    }

    private void Note(object? sender, HashListChange change)
    {
        if (change.List.Kind == HashListKind.Deny)
        {
            _changes.Writer.TryWrite(change);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Who received files that are on list {List} now could not be found out")]
    private partial void LogNotSearched(string list, Exception exception);
}
