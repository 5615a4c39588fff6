using System.Globalization;
using Prometheus;
using SecuEdge.Appliance.MailFlow;
using SecuEdge.Appliance.MailFlow.Effects;
using SecuEdge.Filter;
using SecuEdge.Smtp;
using SecuEdge.Store.MessageLog;

namespace SecuEdge.Appliance.Telemetry;

/// <summary>
/// What Prometheus sees of the mail flow. Labels come from closed sets only, never from the wire. Gauges that mirror the state of a room
/// (queue, quarantine, engines) are set just before each scrape by <see cref="StateMetrics"/>.
/// </summary>
internal sealed class GatewayMetrics
{
    private static readonly double[] StageSeconds = Histogram.ExponentialBuckets(0.001, 2, 15);

    private readonly CollectorRegistry _registry;
    private readonly Counter _connections;
    private readonly Gauge _open;
    private readonly Counter _refused;
    private readonly Counter _messages;
    private readonly Histogram _sizes;
    private readonly Histogram _stages;
    private readonly Counter _engineScans;
    private readonly Histogram _engineSeconds;
    private readonly Counter _findings;
    private readonly Counter _engineChanges;
    private readonly Counter _holdOutcomes;
    private readonly Counter _retroConvictions;
    private readonly Counter _retroMessages;
    private readonly Counter _ruleActions;
    private readonly Counter _greylist;
    private readonly Counter _notices;

    public GatewayMetrics()
        : this(Metrics.NewCustomRegistry())
    {
    }

    private GatewayMetrics(CollectorRegistry registry)
    {
        _registry = registry;
        var factory = Metrics.WithCustomRegistry(registry);
        _connections = factory.CreateCounter("secuedge_smtp_connections_total", "Connections opened.", "listener");
        _open = factory.CreateGauge("secuedge_smtp_connections_open", "Connections open now.", "listener");
        _refused = factory.CreateCounter("secuedge_smtp_rejects_total", "Replies of 4xx and 5xx to commands.", "listener", "stage", "reason", "code");
        _messages = factory.CreateCounter("secuedge_messages_total", "Messages judged, by the strongest verdict of their recipients.", "direction", "action", "class");
        _sizes = factory.CreateHistogram("secuedge_message_size_bytes", "Size of received messages.", new HistogramConfiguration { LabelNames = ["direction"], Buckets = Histogram.ExponentialBuckets(1024, 4, 9) });
        _stages = factory.CreateHistogram("secuedge_pipeline_duration_seconds", "Time per stage between the final dot and the reply.", new HistogramConfiguration { LabelNames = ["stage"], Buckets = StageSeconds });
        _engineScans = factory.CreateCounter("secuedge_engine_requests_total", "Messages an engine was asked about.", "engine", "result");
        _engineSeconds = factory.CreateHistogram("secuedge_engine_duration_seconds", "Time an engine took for one message.", new HistogramConfiguration { LabelNames = ["engine"], Buckets = StageSeconds });
        _findings = factory.CreateCounter("secuedge_findings_total", "Findings, by code.", "code");
        _engineChanges = factory.CreateCounter("secuedge_engine_changes_total", "Changes of an engine's version or signatures.", "engine");
        _holdOutcomes = factory.CreateCounter("secuedge_hold_outcomes_total", "What became of held messages.", "outcome");
        _retroConvictions = factory.CreateCounter("secuedge_retro_convictions_total", "Files convicted after they had been delivered.");
        _retroMessages = factory.CreateCounter("secuedge_retro_messages_total", "Delivered messages with a file convicted later.");

        _ruleActions = factory.CreateCounter("secuedge_rule_actions_total", "Actions of rules for a recipient of a message, as decided.", "action");
        _greylist = factory.CreateCounter("secuedge_greylist_messages_total", "Messages that a rule wants greylisted, by what they were told.", "outcome");
        _notices = factory.CreateCounter("secuedge_notices_total", "Notices that rules want, by whether they were sent or only counted.", "outcome");

        // Series exist from the start: a rate over a series that appears with its first event misses that event.
        foreach (var role in Enum.GetValues<ListenerRole>())
        {
            _connections.WithLabels(Word(role));
            _open.WithLabels(Word(role));
        }

        foreach (var outcome in (string[])["passed", "deferred"])
        {
            _greylist.WithLabels(outcome);
        }

        foreach (var outcome in (string[])["sent", "counted"])
        {
            _notices.WithLabels(outcome);
        }

        foreach (var action in RuleActions.Words.Values)
        {
            _ruleActions.WithLabels(action);
        }

        foreach (var outcome in (string[])["released", "quarantined", "prolonged", "released-by-person", "quarantined-by-person"])
        {
            _holdOutcomes.WithLabels(outcome);
        }

        foreach (var direction in Enum.GetValues<Direction>())
        {
            foreach (var action in Enum.GetValues<VerdictAction>())
            {
                _messages.WithLabels(Word(direction), Word(action), Word(MessageClass.Clean));
            }
        }
    }

    public CollectorRegistry Registry => _registry;

    public void ConnectionOpened(ListenerRole role)
    {
        _connections.WithLabels(Word(role)).Inc();
        _open.WithLabels(Word(role)).Inc();
    }

    public void ConnectionClosed(ListenerRole role) => _open.WithLabels(Word(role)).Dec();

    /// <param name="reason">From the gateway's own words, never from the peer.</param>
    public void Refused(ListenerRole role, SmtpStage stage, string reason, int code) =>
        _refused.WithLabels(Word(role), Word(stage), reason, code.ToString(CultureInfo.InvariantCulture)).Inc();

    public void MessageJudged(MessageRecord record, Judgement judgement)
    {
        _messages.WithLabels(Word(record.Direction), Word(record.Action), Word(record.Class)).Inc();
        _sizes.WithLabels(Word(record.Direction)).Observe(record.SizeBytes);
        _stages.WithLabels("anatomy").Observe(judgement.ExaminedIn.TotalSeconds);
        _stages.WithLabels("filter").Observe(judgement.Report.Duration.TotalSeconds);
        foreach (var engine in judgement.Report.Engines)
        {
            _engineScans.WithLabels(engine.Name, engine.Result).Inc();
            _engineSeconds.WithLabels(engine.Name).Observe(engine.Milliseconds / 1000);
        }

        foreach (var finding in judgement.Findings)
        {
            _findings.WithLabels(finding.Code).Inc();
        }
    }

    /// <param name="action">A type of action as in rules.</param>
    public void RuleActionDecided(string action) => _ruleActions.WithLabels(action).Inc();

    public void Greylisted(bool isPassed) => _greylist.WithLabels(isPassed ? "passed" : "deferred").Inc();

    public void NoticeDecided(bool isSent) => _notices.WithLabels(isSent ? "sent" : "counted").Inc();

    public void EngineChanged(string engine) => _engineChanges.WithLabels(engine).Inc();

    /// <param name="outcome">One of those made in the constructor.</param>
    public void HoldEnded(string outcome) => _holdOutcomes.WithLabels(outcome).Inc();

    public void RetroConvicted(int messages)
    {
        _retroConvictions.Inc();
        _retroMessages.Inc(messages);
    }

    /// <summary>Messages that the engine answered so since the start.</summary>
    public long EngineAnswers(string engine, string result) => (long)_engineScans.WithLabels(engine, result).Value;

    /// <summary>Makes the series of an engine, so that a rate does not miss its first event.</summary>
    public void AddEngine(string engine)
    {
        foreach (var result in (ReadOnlySpan<string>)["clean", "hit", "error", "timeout"])
        {
            _engineScans.WithLabels(engine, result);
        }

        _engineSeconds.WithLabels(engine);
    }

    /// <summary>Enum names are the vocabulary of metrics, API and console alike.</summary>
    internal static string Word<T>(T value)
        where T : struct, Enum => Words<T>.Of[value];

    private static class Words<T>
        where T : struct, Enum
    {
        public static readonly Dictionary<T, string> Of = Enum.GetValues<T>().ToDictionary(v => v, v => v.ToString().ToLowerInvariant());
    }
}
