namespace SecuEdge.Appliance.Supervision;

internal enum ChildState
{
    /// <summary>Not started yet, or the gateway is stopping.</summary>
    Stopped,

    /// <summary>Something that it needs is missing; <see cref="ChildProcessStatus.Reason"/> says what.</summary>
    Waiting,

    /// <summary>The process exists. Whether it serves is known to the one who asks it.</summary>
    Running,

    /// <summary>It ended by itself and is started again after a pause.</summary>
    BackingOff,
}

/// <summary>A child process as API, console and metrics show it.</summary>
/// <param name="Restarts">Starts after the first one, since the gateway started.</param>
/// <param name="Since">When this state began.</param>
/// <param name="Reason">Why it is not running; empty when it is.</param>
internal sealed record ChildProcessStatus(
    string Name, ChildState State, int? ProcessId, int Restarts, DateTimeOffset Since, string Reason);
