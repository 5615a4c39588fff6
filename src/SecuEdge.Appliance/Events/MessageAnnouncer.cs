using SecuEdge.Appliance.Api;
using SecuEdge.Appliance.Settings;
using SecuEdge.Store.MessageLog;

namespace SecuEdge.Appliance.Events;

/// <summary>
/// Turns what is saved to the message log into events. A record is saved whole each time; an event is made of each step that was not there
/// before. The one place where events of messages come from.
/// </summary>
internal sealed partial class MessageAnnouncer(EventHub hub, TimeProvider timeProvider, ILogger<MessageAnnouncer> logger)
{
    /// <summary>Messages of a busy hour; what is older and saved again is known by the time of its steps.</summary>
    private const int Generation = 20_000;

    /// <summary>A step of a message we no longer remember is new when it is so young.</summary>
    private static readonly TimeSpan Young = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly DateTimeOffset _start = timeProvider.GetUtcNow();
    private Dictionary<string, int> _told = [];
    private Dictionary<string, int> _toldBefore = [];

    /// <summary>Never throws: who saves a story goes on with its message.</summary>
    public void Saved(MessageRecord record)
    {
        try
        {
            Announce(record);
        }
        catch (Exception e)
        {
            LogUntold(record.Reference, e);
        }
    }

    private void Announce(MessageRecord record)
    {
        foreach (var step in Fresh(record))
        {
            if (EventNames.Of(step.Kind, record) is { } name)
            {
                var data = new MessageHappening(MessageSummary.Of(record), step.Recipient, step.Text);
                hub.Publish(new GatewayEvent(name, step.At, record.Tenant.Length == 0 ? Tenant.Root : record.Tenant, record.Reference, data));
            }
        }
    }

    private List<MessageEvent> Fresh(MessageRecord record)
    {
        lock (_lock)
        {
            var known = _told.TryGetValue(record.Reference, out var told) || _toldBefore.TryGetValue(record.Reference, out told);
            var since = timeProvider.GetUtcNow() - Young;
            since = since > _start ? since : _start;
            List<MessageEvent> fresh = known ? [.. record.Events.Skip(told)] : [.. record.Events.Where(e => e.At >= since)];
            _told[record.Reference] = record.Events.Count;
            if (_told.Count >= Generation)
            {
                (_toldBefore, _told) = (_told, []);
            }

            return fresh;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "What happened to message {Reference} could not be told to those who listen")]
    private partial void LogUntold(string reference, Exception exception);
}

/// <summary>What happened to a message.</summary>
/// <param name="Message">The message as the message log lists it.</param>
/// <param name="Recipient">The recipient concerned; absent for the whole message.</param>
/// <param name="Text">The step in one sentence, with the peer's reply where there is one.</param>
public sealed record MessageHappening(MessageSummary Message, string? Recipient, string Text);
