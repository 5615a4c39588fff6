using System.Collections.Concurrent;

namespace SecuEdge.Appliance.Tests.EndToEnd;

/// <summary>What a client knows of one message after sending it. No reply means that it cannot know: it may come out or not.</summary>
internal sealed record SentMessage(string Recipient, byte[] Bytes, MailReply? Reply)
{
    public bool IsAcknowledged => Reply is { IsAccepted: true };
}

/// <summary>
/// The books of one test: every message goes to a recipient of its own, which is how it is recognised at the sink. Balancing them means
/// that each acknowledged message is at the sink unchanged, or where the gateway's own log says it is.
/// </summary>
internal sealed class Ledger
{
    /// <summary>A done mark is written after the next hop's answer: a crash in between delivers again, and this is how long that may take.</summary>
    private static readonly TimeSpan CrashWindow = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<string, SentMessage> _sent = new(StringComparer.OrdinalIgnoreCase);
    private int _next;

    public IEnumerable<SentMessage> Sent => _sent.Values;

    public int Acknowledged => _sent.Values.Count(message => message.IsAcknowledged);

    /// <summary>The moments at which the gateway was killed.</summary>
    public ConcurrentQueue<DateTimeOffset> Crashes { get; } = [];

    public int NextNumber() => Interlocked.Increment(ref _next);

    public void Note(SentMessage message) => _sent[message.Recipient] = message;

    /// <summary>Waits until so many were acknowledged, but no longer than half a minute.</summary>
    public async Task WaitForAcknowledgedAsync(int count, CancellationToken cancellationToken)
    {
        for (var wait = 0; wait < 600 && Acknowledged < count; wait++)
        {
            // Senders say nothing when they note an answer.
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>Whether bytes that came out are those that were sent to this recipient; a message that nobody sent is not.</summary>
    public bool IsIntact(string recipient, byte[] arrived) => _sent.TryGetValue(recipient, out var message) && IsSame(arrived, message.Bytes);

    /// <summary>Waits until every acknowledged message is at the sink or kept for someone, then lists what does not add up.</summary>
    public async Task<IReadOnlyList<string>> BalanceAsync(RecordingSink sink, GatewayApi api, TimeSpan limit, CancellationToken cancellationToken)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var missing = Sent.Where(message => message.IsAcknowledged && !sink.Arrivals.ContainsKey(message.Recipient)).ToArray();
            var states = await api.StatesAsync([.. missing.Select(message => message.Reply!.Reference)], cancellationToken);
            var waiting = missing.Count(message => states[message.Reply!.Reference] is not ("quarantined" or "bounced" or "dropped"));
            if (waiting == 0 || TimeProvider.System.GetElapsedTime(start) > limit)
            {
                var quarantined = await api.QuarantineAsync(cancellationToken);
                return [.. Sent.SelectMany(message => Check(message, sink, states, quarantined))];
            }

            // A process seen from outside gives no event: it is asked again after a moment.
            await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System, cancellationToken);
        }
    }

    private IEnumerable<string> Check(SentMessage message, RecordingSink sink, IReadOnlyDictionary<string, string> states, IReadOnlySet<string> quarantined)
    {
        var arrivals = sink.Arrivals.TryGetValue(message.Recipient, out var found) ? [.. found] : Array.Empty<Arrival>();
        if (arrivals.Any(arrival => !arrival.IsIntact))
        {
            yield return $"{message.Recipient}: other bytes came out ({message.Reply?.Text})";
        }

        if (message.Reply is { IsAccepted: false } refusal && arrivals.Length > 0)
        {
            yield return $"{message.Recipient}: came out although it was refused: {refusal.Text}";
        }

        if (arrivals.Length > 1 && !Crashes.Any(crash => crash - arrivals[0].At < CrashWindow && crash >= arrivals[0].At - CrashWindow))
        {
            yield return $"{message.Recipient}: came out {arrivals.Length} times with no crash near";
        }

        if (message.IsAcknowledged && arrivals.Length == 0)
        {
            var reference = message.Reply!.Reference;
            if (states[reference] != "quarantined" || !quarantined.Contains(reference))
            {
                yield return $"{message.Recipient}: acknowledged as {reference}, not at the next hop, log says {states[reference]}, in quarantine: {quarantined.Contains(reference)}";
            }
        }
    }

    /// <summary>The same bytes below header lines of ours, and nothing but header lines.</summary>
    private static bool IsSame(byte[] arrived, byte[] sent)
    {
        var wanted = sent.AsSpan().EndsWith("\r\n"u8) ? sent : [.. sent, .. "\r\n"u8];
        if (!arrived.AsSpan().EndsWith(wanted))
        {
            return false;
        }

        var added = arrived.AsSpan(0, arrived.Length - wanted.Length);
        return added.IndexOf("\r\n\r\n"u8) < 0 && (added.Length == 0 || added.EndsWith("\r\n"u8)) && (added.Length == 0 || char.IsAsciiLetter((char)added[0]));
    }
}
