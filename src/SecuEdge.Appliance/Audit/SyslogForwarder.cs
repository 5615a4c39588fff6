using System.Text.Json;
using SecuEdge.Smtp;
using SecuEdge.Store.Audit;
using SecuEdge.Store.State;

namespace SecuEdge.Appliance.Audit;

/// <summary>
/// Passes every audit entry on to a syslog collector, at least once. It reads the files behind the log and remembers its place on disk, so
/// a collector that is away costs nobody time and no entry, as long as the months are kept.
/// </summary>
internal sealed partial class SyslogForwarder(
    AuditLog log, SyslogOptions options, SmtpServerOptions smtp, IStateFiles state, TimeProvider timeProvider, ILogger<SyslogForwarder> logger) : BackgroundService
{
    private const string StateName = "audit-syslog";
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SendLimit = TimeSpan.FromSeconds(30);

    // How soon an entry goes out: nobody watches closer.
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private readonly Queue<(AuditPosition Behind, long Sent, long SentAt)> _unsettled = [];
    private AuditPosition _settled = new(0, 0);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Endpoint.Length == 0)
        {
            return;
        }

        Load();
        var pause = FirstPause;
        var told = "";
        while (true)
        {
            try
            {
                await using var connection = await SyslogConnection.OpenAsync(options, timeProvider, stoppingToken);
                LogConnected(options.Endpoint);
                (pause, told) = (FirstPause, "");
                await PassOnAsync(connection, stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                // Whatever it was, an authority file that cannot be read any more as well: the entries wait, and nothing but a stop ends this.
                // Once for each trouble: a collector that closed and came back with a foreign certificate is not away any more.
                if (told != e.Message)
                {
                    LogFailed(options.Endpoint, e);
                    told = e.Message;
                }
            }

            await Task.Delay(pause, timeProvider, stoppingToken);
            pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, options.LongestPause.Ticks));
        }
    }

    private async Task PassOnAsync(SyslogConnection connection, CancellationToken cancellationToken)
    {
        // What was not settled on the connection before is sent again.
        _unsettled.Clear();
        var position = _settled;
        while (true)
        {
            if (connection.IsOver)
            {
                throw new IOException("the collector closed the connection");
            }

            Settle(connection);
            var piece = await log.NextAsync(position, cancellationToken);
            if (piece.Entries.Count == 0)
            {
                await Task.Delay(Interval, timeProvider, cancellationToken);
                continue;
            }

            using var frames = new MemoryStream();
            foreach (var entry in piece.Entries)
            {
                frames.Write(SyslogMessage.Frame(entry, smtp.Hostname));
            }

            await connection.SendAsync(frames.GetBuffer().AsMemory(0, (int)frames.Length), SendLimit, timeProvider, cancellationToken);
            position = piece.Next;
            _unsettled.Enqueue((position, connection.Sent, timeProvider.GetTimestamp()));
        }
    }

    /// <summary>
    /// The host of the collector has acknowledged it, and the connection still stands after that: what was sent long enough ago has arrived. That
    /// a connection stands says nothing by itself: over a path that went black it does so for a quarter of an hour.
    /// </summary>
    private void Settle(SyslogConnection connection)
    {
        var before = _settled;
        while (_unsettled.TryPeek(out var sent) && timeProvider.GetElapsedTime(sent.SentAt) >= options.SettleTime && sent.Sent <= connection.Acknowledged)
        {
            _settled = sent.Behind;
            _unsettled.Dequeue();
        }

        if (_settled != before)
        {
            Save();
        }
    }

    private void Load()
    {
        try
        {
            _settled = state.Read(StateName) is { } bytes && JsonSerializer.Deserialize<AuditPosition>(bytes) is { } position ? position : _settled;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            // Everything kept is sent again: twice is better than never.
            LogPlaceLost(e);
        }
    }

    private void Save()
    {
        try
        {
            state.Write(StateName, JsonSerializer.SerializeToUtf8Bytes(_settled));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogPlaceLost(e);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Audit entries go to the syslog collector {Endpoint}")]
    private partial void LogConnected(string endpoint);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The syslog collector {Endpoint} does not take audit entries; they wait on disk and are tried again")]
    private partial void LogFailed(string endpoint, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "The place up to which audit entries were passed on could not be read or written; some may be sent twice")]
    private partial void LogPlaceLost(Exception exception);
}
