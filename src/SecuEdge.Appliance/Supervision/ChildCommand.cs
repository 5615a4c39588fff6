namespace SecuEdge.Appliance.Supervision;

/// <summary>A program to start beside us.</summary>
/// <param name="Name">The word in log, API and metrics: <c>clamd</c>.</param>
/// <param name="Program">Absolute path.</param>
internal sealed record ChildCommand(string Name, string Program, IReadOnlyList<string> Arguments);
