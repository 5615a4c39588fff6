using SecuEdge.Cage.Sandbox;

namespace SecuEdge.Cage.Pool;

/// <summary>How the cage is now.</summary>
public sealed record CageStatus
{
    /// <summary>Processes wanted.</summary>
    public required int Workers { get; init; }

    /// <summary>Processes that live and can work.</summary>
    public required int Ready { get; init; }

    public required int Busy { get; init; }

    /// <summary>Jobs that wait for a process.</summary>
    public required int Waiting { get; init; }

    /// <summary>Workers replaced since the start, whatever the reason.</summary>
    public required long Restarts { get; init; }

    /// <summary>Why a worker was last replaced out of turn, or could not be started; empty when that never happened.</summary>
    public required string LastFailure { get; init; }

    public required DateTimeOffset? LastFailureAt { get; init; }

    /// <summary>What keeps workers in on this machine; empty until the first one has said so.</summary>
    public required IReadOnlyList<Bar> Bars { get; init; }

    /// <summary>Why nothing can be examined that needs the cage; empty while it works.</summary>
    public required string Trouble { get; init; }
}

/// <summary>Why a worker was replaced.</summary>
public enum CageRestart
{
    /// <summary>Its number of jobs was done.</summary>
    Jobs,

    /// <summary>It had grown, or used its CPU time.</summary>
    Size,

    /// <summary>It died of a job, or was killed during one.</summary>
    Crashed,

    /// <summary>It did not answer in time.</summary>
    TimedOut,

    /// <summary>It broke a limit or the form of the answer, or its job gave up: whatever state it is in.</summary>
    Refused,

    /// <summary>Whoever asked went away while it worked.</summary>
    Abandoned,

    /// <summary>It died without a job.</summary>
    Idle,

    /// <summary>It could not be started.</summary>
    Start,
}

/// <summary>Is told what happens in the cage: for log and metrics. Called from the pool's own tasks, so it must not wait.</summary>
public interface ICageObserver
{
    /// <param name="failure">Null when the job was answered.</param>
    /// <param name="time">Without waiting for a worker.</param>
    void JobEnded(string kind, CageFailure? failure, string why, TimeSpan time);

    void WorkerReplaced(CageRestart reason, string why);
}
