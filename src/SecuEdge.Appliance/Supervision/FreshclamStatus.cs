namespace SecuEdge.Appliance.Supervision;

/// <summary>How fetching signatures goes.</summary>
/// <param name="IsEnabled">Wanted and installed.</param>
/// <param name="LastSuccess">Last time the mirror was asked and answered, whether or not it had news; null = not since start.</param>
/// <param name="LastFailure">Null = not since start.</param>
/// <param name="Trouble">Why the last attempt failed, or why there is none; empty after success.</param>
/// <param name="NextAttempt">Null while one runs, and when there is none.</param>
internal sealed record FreshclamStatus(
    bool IsEnabled, DateTimeOffset? LastSuccess, DateTimeOffset? LastFailure, string Trouble, DateTimeOffset? NextAttempt);
