namespace SecuEdge.Appliance.MailFlow;

/// <summary>A bounded number of connections shared by lanes. A lane that finds none stands in line; busy lanes give way.</summary>
internal sealed class ConnectionSlots(int count)
{
    private readonly Lock _lock = new();
    private readonly LinkedList<DeliveryLane> _waiting = [];
    private int _free = count;
    private int _waitingCount;

    /// <summary>Somebody waits: workers that have nothing to do, or are not the only one of their lane, should leave.</summary>
    public bool IsContended => Volatile.Read(ref _waitingCount) > 0;

    public bool TryTake(DeliveryLane lane)
    {
        lock (_lock)
        {
            if (_free > 0)
            {
                _free--;
                return true;
            }

            if (!_waiting.Contains(lane))
            {
                _waiting.AddLast(lane);
                _waitingCount++;
            }

            return false;
        }
    }

    public void Release()
    {
        lock (_lock)
        {
            _free++;
        }

        // A lane whose turn it is may not need the slot any more; then it is the next one's.
        while (TakeNextInLine() is { } lane)
        {
            lane.EnsureWorkers();
        }
    }

    private DeliveryLane? TakeNextInLine()
    {
        lock (_lock)
        {
            if (_free == 0 || _waiting.First is not { } first)
            {
                return null;
            }

            _waiting.RemoveFirst();
            _waitingCount--;
            return first.Value;
        }
    }
}
