using System.Threading.Channels;
using SecuEdge.Smtp;

namespace SecuEdge.Appliance.MailFlow;

/// <summary>
/// The way to one route: a backlog and a few workers, each with its own connection. Lanes know nothing of each other but the shared
/// <see cref="ConnectionSlots"/>, so a dead or slow next hop holds up only its own mail.
/// <para>
/// A lane begins with one worker; the others come when the first one got through. A route that is down therefore costs one connection.
/// </para>
/// </summary>
internal sealed class DeliveryLane
{
    // MX and addresses may change while a lane is busy for days; DNS itself caches.
    private static readonly TimeSpan RouteLifetime = TimeSpan.FromMinutes(1);

    private readonly Route _route;
    private readonly DeliveryServices _services;
    private readonly ConnectionSlots _slots;
    private readonly LaneHost _host;
    private readonly Channel<RoundGroup> _backlog = Channel.CreateUnbounded<RoundGroup>();
    private readonly Queue<QueuedMessage> _parked = new();
    private readonly Lock _lock = new();
    private Route? _resolved;
    private DateTimeOffset _resolvedUntil;
    private int _workers;
    private int _idle;
    private int _expected;
    private bool _isProven;

    public DeliveryLane(Route route, DeliveryServices services, ConnectionSlots slots, LaneHost host)
    {
        _route = route;
        _services = services;
        _slots = slots;
        _host = host;
    }

    public Route Route => _route;

    /// <summary>No worker, no backlog, nobody parked: the lane can be forgotten.</summary>
    public bool IsIdle
    {
        get
        {
            lock (_lock)
            {
                return _workers == 0 && _parked.Count == 0 && _backlog.Reader.Count == 0;
            }
        }
    }

    public bool IsFull => _backlog.Reader.Count >= _services.Options.MaxLoadedPerHop;

    private int LowBacklog => _services.Options.MaxLoadedPerHop / 4;

    public void Add(RoundGroup group)
    {
        lock (_lock)
        {
            _expected = Math.Max(0, _expected - 1);
        }

        _backlog.Writer.TryWrite(group);
        EnsureWorkers();
    }

    /// <summary>A message waits here as an identity until the backlog has room; its record is in the spool.</summary>
    public void Park(QueuedMessage message)
    {
        message.Record = null;
        bool hasRoom;
        lock (_lock)
        {
            hasRoom = _backlog.Reader.Count <= LowBacklog;
            if (!hasRoom)
            {
                _parked.Enqueue(message);
            }
        }

        if (hasRoom)
        {
            // It was made while the message's round was being noted: a worker that waits for work would not see who is parked.
            _host.MakeReady(message);
            return;
        }

        EnsureWorkers();
    }

    /// <summary>Starts workers if there is more to do than workers, and slots for them.</summary>
    public void EnsureWorkers()
    {
        lock (_lock)
        {
            var limit = _isProven ? _services.Options.MaxConnectionsPerHop : 1;
            var work = _backlog.Reader.Count + (_parked.Count > 0 ? 1 : 0);
            while (_idle < work && _workers < limit && !_host.IsStopping && _slots.TryTake(this))
            {
                _workers++;
                _idle++;
                _host.Run(WorkAsync);
            }
        }
    }

    private async Task WorkAsync()
    {
        ChangeIdle(-1);
        var hasLeft = false;
        await using var sender = new LaneSender(_services);
        try
        {
            while (!hasLeft)
            {
                if (_host.IsStopping)
                {
                    hasLeft = await LeaveAsync(sender, mayLeaveWork: true);
                    continue;
                }

                Unpark();
                if (_backlog.Reader.TryRead(out var group))
                {
                    await DeliverAsync(sender, group);
                    await sender.RenewAsync(wasIdle: false);
                    hasLeft = ShouldGiveWay(sender) && await LeaveAsync(sender, mayLeaveWork: true);
                    continue;
                }

                var hasWork = await WaitForWorkAsync(sender);
                await sender.RenewAsync(wasIdle: true);
                hasLeft = !hasWork && await LeaveAsync(sender, mayLeaveWork: false);
            }
        }
        finally
        {
            if (!hasLeft)
            {
                await LeaveAsync(sender, mayLeaveWork: true);
            }

            _slots.Release();
            EnsureWorkers();
        }
    }

    private async Task DeliverAsync(LaneSender sender, RoundGroup group)
    {
        if (group.Round.Message.Drop is null)
        {
            try
            {
                await sender.SendAsync(group, await ResolveAsync(), _host.Aborted);
            }
            catch (Exception e) when (!_host.Aborted.IsCancellationRequested)
            {
                // A bug must not cost the lane its workers, nor the message its place.
                _host.Report(group, e);
                group.AnswerRest(new SmtpReply(451, "4.3.0", "Internal error, see the log"), "");
            }

            SetProven(sender.IsConnected);
        }

        if (group.Round.End())
        {
            await _host.SettleAsync(group.Round);
        }
    }

    /// <returns>Whether there may be work; false when the worker should leave.</returns>
    private async Task<bool> WaitForWorkAsync(LaneSender sender)
    {
        if (_host.IsStopping || _slots.IsContended || !(sender.IsConnected || HasParked))
        {
            return false;
        }

        ChangeIdle(1);
        try
        {
            using var limit = new CancellationTokenSource(_services.Options.IdleConnectionTimeout, _services.TimeProvider);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _host.Stopping);
            return await _backlog.Reader.WaitToReadAsync(either.Token);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        finally
        {
            ChangeIdle(-1);
        }
    }

    /// <summary>Others wait for a connection while this lane has more than one, or has just used one up.</summary>
    private bool ShouldGiveWay(LaneSender sender) => _slots.IsContended && (Volatile.Read(ref _workers) > 1 || !sender.IsConnected);

    /// <summary>
    /// Closes first, so that there are never more connections than allowed. Leaving and looking at the backlog are one step, or a group
    /// that comes in between would find nobody.
    /// </summary>
    private async Task<bool> LeaveAsync(LaneSender sender, bool mayLeaveWork)
    {
        await sender.DisposeAsync();
        lock (_lock)
        {
            if (!mayLeaveWork && (_backlog.Reader.Count > 0 || _parked.Count > 0))
            {
                return false;
            }

            _workers--;
            return true;
        }
    }

    private void SetProven(bool isProven)
    {
        if (_isProven != isProven)
        {
            _isProven = isProven;
            EnsureWorkers();
        }
    }

    private void ChangeIdle(int by)
    {
        lock (_lock)
        {
            _idle += by;
        }
    }

    private bool HasParked
    {
        get
        {
            lock (_lock)
            {
                return _parked.Count > 0;
            }
        }
    }

    /// <summary>Calls some of the parked messages back when the backlog runs low and those called before have come, or will not come.</summary>
    private void Unpark()
    {
        lock (_lock)
        {
            var backlog = _backlog.Reader.Count;
            if (_parked.Count == 0 || backlog > LowBacklog || (backlog > 0 && _expected > 0))
            {
                return;
            }

            for (_expected = 0; _expected <= LowBacklog && _parked.TryDequeue(out var message); _expected++)
            {
                _host.MakeReady(message);
            }
        }
    }

    private async Task<Route> ResolveAsync()
    {
        if (_route.Domain is null)
        {
            return _route;
        }

        if (_resolved is { } known && _services.TimeProvider.GetUtcNow() < _resolvedUntil)
        {
            return known;
        }

        var resolved = await _services.Router.ResolveAsync(_route, _host.Aborted);
        _resolvedUntil = _services.TimeProvider.GetUtcNow() + RouteLifetime;
        _resolved = resolved;
        return resolved;
    }
}
