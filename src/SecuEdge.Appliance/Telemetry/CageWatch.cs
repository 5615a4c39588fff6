using Prometheus;
using SecuEdge.Cage.Pool;

namespace SecuEdge.Appliance.Telemetry;

/// <summary>What the cage tells, in log and metrics.</summary>
internal sealed partial class CageWatch : ICageObserver
{
    private readonly Counter _jobs;
    private readonly Histogram _seconds;
    private readonly Counter _restarts;
    private readonly ILogger<CageWatch> _logger;

    public CageWatch(GatewayMetrics metrics, ILogger<CageWatch> logger)
    {
        _logger = logger;
        var factory = Metrics.WithCustomRegistry(metrics.Registry);
        _jobs = factory.CreateCounter("secuedge_cage_jobs_total", "Tries of jobs in the cage.", "kind", "result");
        _seconds = factory.CreateHistogram(
            "secuedge_cage_job_seconds",
            "Time of one try, without waiting for a process.",
            new HistogramConfiguration { LabelNames = ["kind"], Buckets = Histogram.ExponentialBuckets(0.001, 2, 16) });
        _restarts = factory.CreateCounter("secuedge_cage_restarts_total", "Processes of the cage that were replaced.", "reason");
        foreach (var reason in Enum.GetValues<CageRestart>())
        {
            _restarts.WithLabels(GatewayMetrics.Word(reason));
        }
    }

    public void JobEnded(string kind, CageFailure? failure, string why, TimeSpan time)
    {
        _jobs.WithLabels(kind, failure is { } known ? GatewayMetrics.Word(known) : "answered").Inc();
        if (time > TimeSpan.Zero)
        {
            _seconds.WithLabels(kind).Observe(time.TotalSeconds);
        }

        // What could not be had is told by whoever answers the client, and by the worker's own line: not once more for each message.
        if (failure is not null and not CageFailure.Unavailable)
        {
            LogFailed(kind, failure.Value, why);
        }
    }

    public void WorkerReplaced(CageRestart reason, string why)
    {
        _restarts.WithLabels(GatewayMetrics.Word(reason)).Inc();
        if (reason is CageRestart.Jobs or CageRestart.Size)
        {
            LogRenewed(why);
        }
        else
        {
            LogReplaced(reason, why);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Cage: a job {Kind} ended as {Failure}: {Why}")]
    private partial void LogFailed(string kind, CageFailure failure, string why);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Cage: a worker is replaced ({Reason}): {Why}")]
    private partial void LogReplaced(CageRestart reason, string why);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Cage: a worker is replaced in turn: {Why}")]
    private partial void LogRenewed(string why);
}
