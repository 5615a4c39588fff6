namespace SecuEdge.Appliance.Webhooks;

/// <summary>A webhook, what waits for it, oldest event first, and its latest deliveries, newest first.</summary>
internal sealed class WebhookQueue(Webhook hook)
{
    /// <summary>What a person looks through.</summary>
    private const int MaxDeliveries = 100;

    private readonly List<WaitingCall> _waiting = [];
    private readonly List<WebhookDelivery> _deliveries = [];

    public Webhook Hook { get; private set; } = hook;

    public IReadOnlyList<WaitingCall> Waiting => _waiting;

    public IReadOnlyList<WebhookDelivery> Deliveries => _deliveries;

    /// <summary>Of what waits, about.</summary>
    public long WaitingBytes { get; private set; }

    public void Apply(WebhookLine line)
    {
        Hook = line.Hook ?? Hook;
        if ((line.Wait?.Id ?? line.Done ?? line.Dropped) is { } id)
        {
            var at = _waiting.FindIndex(w => w.Id == id);
            WaitingBytes += (line.Wait?.Body.Length ?? 0) - (at < 0 ? 0 : _waiting[at].Body.Length);
            if (at < 0 && line.Wait is not null)
            {
                _waiting.Add(line.Wait);
            }
            else if (at >= 0 && line.Wait is not null)
            {
                _waiting[at] = line.Wait;
            }
            else if (at >= 0)
            {
                _waiting.RemoveAt(at);
            }
        }

        if (line.Dropped is not null)
        {
            Hook = Hook with { Dropped = Hook.Dropped + 1 };
        }

        if (line.Delivery is not null)
        {
            _deliveries.Insert(0, line.Delivery);
            if (_deliveries.Count > MaxDeliveries)
            {
                _deliveries.RemoveAt(MaxDeliveries);
            }
        }
    }

    /// <summary>All of it, for a journal that is written anew.</summary>
    public IEnumerable<WebhookLine> Lines() =>
    [
        new(Hook.Key) { Hook = Hook },
        .. _waiting.Select(w => new WebhookLine(Hook.Key) { Wait = w }),
        .. Enumerable.Reverse(_deliveries).Select(d => new WebhookLine(Hook.Key) { Delivery = d }),
    ];
}
