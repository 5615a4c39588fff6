namespace SecuEdge.Store.Spool;

/// <summary>What waits to be written: everything that came while the last batch was being written is the next.</summary>
internal sealed class AppendQueue
{
    // A monitor and no channel: the thread of the log waits here, and must not need one of the pool to wake up.
    private readonly object _gate = new();
    private List<SegmentAppend> _waiting = [];
    private bool _isStopping;

    public void Add(SegmentAppend append)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isStopping, this);
            _waiting.Add(append);
            if (_waiting.Count == 1)
            {
                Monitor.Pulse(_gate);
            }
        }
    }

    /// <summary>Takes no more; what waits is still handed out.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            _isStopping = true;
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Waits for the next batch, and takes the list of the last one, empty, to collect the one after it.</summary>
    /// <returns>False when it is stopped and nothing waits.</returns>
    public bool Exchange(ref List<SegmentAppend> batch)
    {
        lock (_gate)
        {
            while (_waiting.Count == 0)
            {
                if (_isStopping)
                {
                    return false;
                }

                Monitor.Wait(_gate);
            }

            (_waiting, batch) = (batch, _waiting);
            return true;
        }
    }
}
