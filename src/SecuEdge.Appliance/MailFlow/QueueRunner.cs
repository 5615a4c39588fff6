using System.Collections.Concurrent;
using SecuEdge.Store.MessageLog;
using SecuEdge.Store.Spool;

namespace SecuEdge.Appliance.MailFlow;

/// <summary>
/// Moves what the queue has ready:
/// <code>
/// ready ─► round (recipients by route) ─► lanes, one per route ─► ledger ─► settler ─► finished, or back to the queue
///   │                 └ quarantine only ─────────────────────────────────────┤
///   └─► held, and its time has come: judged again ──────────────────────────┘
/// </code>
/// The loop itself never waits for a next hop or the quarantine.
/// </summary>
internal sealed partial class QueueRunner : BackgroundService
{
    // Settlements without a lane (quarantine) at the same time; more wait as identities. Their store commits in batches, so some help.
    private const int MaxDirectSettlements = 64;
    private const int LanesBeforeCleaning = 256;

    private readonly MailQueue _queue;
    private readonly DeliveryServices _services;
    private readonly Settler _settler;
    private readonly HoldReview _review;
    private readonly LaneHost _host;
    private readonly AttemptLedger _ledger;
    private readonly ConnectionSlots _ownSlots;
    private readonly ConnectionSlots _mxSlots;
    private readonly Dictionary<string, DeliveryLane> _lanes = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<QueuedMessage> _waitingForSettlement = new();
    private readonly ILogger<QueueRunner> _logger;
    private int _directSettlements;

    public QueueRunner(MailQueue queue, DeliveryServices services, Settler settler, HoldReview review, ILogger<QueueRunner> logger)
    {
        _queue = queue;
        _services = services;
        _settler = settler;
        _review = review;
        _logger = logger;
        _ledger = new AttemptLedger(new RetrySchedule(services.Options));
        _host = new LaneHost(settler, _ledger, queue, services.TimeProvider, logger);
        _ownSlots = new ConnectionSlots(services.Options.MaxConnections);
        _mxSlots = new ConnectionSlots(services.Options.MaxConnections);
    }

    public bool IsStopping => _host.IsStopping;

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_host.IsStopping)
        {
            return;
        }

        // Workers first: they would go on with their backlog while the loop ends.
        await _host.SignalStopAsync();
        await base.StopAsync(cancellationToken);
        await _host.DrainAsync(_services.Options.StopTimeout);
    }

    public override void Dispose()
    {
        base.Dispose();
        _host.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Not on the caller's thread: the host starts its services one after the other.
        await Task.Yield();
        try
        {
            await foreach (var message in _queue.Ready.ReadAllAsync(stoppingToken))
            {
                Start(message);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What is not started stays in the spool.
        }
    }

    private void Start(QueuedMessage message)
    {
        try
        {
            if (message.Unsettled is { } unsettled)
            {
                SettleDirectly(message, unsettled, isRepeatable: false);
                return;
            }

            if (IsForReview(message))
            {
                // It reads the record again when it has a place: after a signature update all held mail stands in this line.
                message.Record = null;
                var turn = _review.TurnAsync(_host.Stopping);
                _host.Run(() => _review.RunAsync(message, turn, _host.Stopping, _host.Aborted));
                return;
            }

            StartRound(message, message.Record ?? message.Entry.ReadRecord());
        }
        catch (DamagedMessageException e)
        {
            _host.Run(() => _settler.GiveUpAsync(message, e, _host.Aborted));
        }
        catch (Exception e)
        {
            // The record cannot be read, or a bug: this message waits, the others go on.
            LogCannotStart(message.Reference, e);
            _queue.Postpone(message, _services.Options.StoreRetryDelay);
        }
    }

    private bool IsForReview(QueuedMessage message)
    {
        if (message.HeldUntil is { } until)
        {
            return message.Drop is null && (message.Decision is not null || message.IsReviewAsked || until <= _services.TimeProvider.GetUtcNow());
        }

        // Decided a moment too late: it is on its way already.
        if (message.Decision is { } late)
        {
            message.EndDecision(late, null);
        }

        return false;
    }

    private void StartRound(QueuedMessage message, MessageRecord record)
    {
        // Forced, all are due: also those that a full lane leaves out of this round, who are known by it in the next.
        var isForced = message.TakeForce() || record.Recipients.Any(r => r is { State: MessageState.Deferred, NextAttemptAt: null });
        record = isForced ? record.DueNow() : record;
        message.Record = record;
        var round = new DeliveryRound(message, record) { IsForced = isForced };
        if (message.Drop is null)
        {
            Assign(round);
        }

        var (started, sent) = (0, 0);
        foreach (var group in round.Groups)
        {
            if (LaneOf(group.Route) is not { } lane)
            {
                group.AnswerRest(group.Route.Failure!, "");
                started++;
            }
            else if (lane.IsFull)
            {
                round.FullLane = lane;
            }
            else
            {
                round.Begin();
                lane.Add(group);
                started++;
                sent++;
            }
        }

        if (started == 0 && round.ForQuarantine.Count == 0 && round.FullLane is { } full)
        {
            if (round.IsForced)
            {
                message.IsForced = true;
            }

            full.Park(message);
        }
        else if (round.End())
        {
            SettleDirectly(message, _ledger.Apply(round, _services.TimeProvider.GetUtcNow()), isRepeatable: sent == 0, isForced);
        }
    }

    /// <summary>Sorts the recipients that are due; the others are finished or wait.</summary>
    private void Assign(DeliveryRound round)
    {
        var record = round.Record;
        var now = _services.TimeProvider.GetUtcNow();
        for (var i = 0; i < record.Recipients.Count; i++)
        {
            var recipient = record.Recipients[i];
            if (!recipient.IsOpen() || recipient.State == MessageState.Held || recipient.NextAttemptAt > now)
            {
                continue;
            }

            if (recipient.IsForQuarantine())
            {
                round.ForQuarantine.Add(i);
                continue;
            }

            var path = Smtp.MailPath.TryParse(recipient.RedirectedTo ?? recipient.Address, out var parsed) ? parsed : Smtp.MailPath.Null;
            // A rule may send it anywhere: outside as the tenant's own mail goes there.
            var route = recipient.RedirectedTo is null ? _services.Router.Find(path, record) : _services.Router.Find(path, record with { Direction = Filter.Direction.Outbound });
            round.GroupOf(route, recipient).Recipients.Add(i);
        }
    }

    private DeliveryLane? LaneOf(Route route)
    {
        if (route.Failure is not null)
        {
            return null;
        }

        if (_lanes.TryGetValue(route.Name, out var lane))
        {
            return lane;
        }

        if (_lanes.Count >= LanesBeforeCleaning)
        {
            // Only this loop adds work to lanes, so an idle one cannot become busy meanwhile.
            foreach (var name in _lanes.Where(l => l.Value.IsIdle).Select(l => l.Key).ToList())
            {
                _lanes.Remove(name);
            }
        }

        lane = new DeliveryLane(route, _services, route.Domain is null ? _ownSlots : _mxSlots, _host);
        _lanes.Add(route.Name, lane);
        return lane;
    }

    /// <summary>Settles without a lane's worker. When too many do so, the message waits; as an identity if nothing was sent that must be remembered.</summary>
    private void SettleDirectly(QueuedMessage message, Settlement settlement, bool isRepeatable, bool isForced = false)
    {
        if (Interlocked.Increment(ref _directSettlements) > MaxDirectSettlements)
        {
            message.Record = null;
            message.Unsettled = isRepeatable ? null : settlement;
            if (isRepeatable && isForced)
            {
                message.IsForced = true;
            }

            _waitingForSettlement.Enqueue(message);
            EndDirectSettlement();
            return;
        }

        _host.Run(async () =>
        {
            try
            {
                await _settler.SettleAsync(settlement, _host.Aborted);
            }
            finally
            {
                EndDirectSettlement();
            }
        });
    }

    /// <summary>Also called by the one who just stood in line, so that nobody waits for a settlement that has ended already.</summary>
    private void EndDirectSettlement()
    {
        if (Interlocked.Decrement(ref _directSettlements) < MaxDirectSettlements && _waitingForSettlement.TryDequeue(out var next))
        {
            _queue.MakeReady(next);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Message {Reference} cannot be worked on now")]
    private partial void LogCannotStart(string reference, Exception exception);
}
