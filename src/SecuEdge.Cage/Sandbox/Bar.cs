namespace SecuEdge.Cage.Sandbox;

/// <summary>One of the layers that keep a worker in: whether it holds on this machine, and how or why not.</summary>
public sealed record Bar(string Name, bool Holds, string Detail)
{
    internal const string Limits = "limits";
    internal const string User = "user";
    internal const string Namespaces = "namespaces";
    internal const string Landlock = "landlock";
    internal const string Seccomp = "seccomp";

    /// <summary>Every name, in the order in which they are put up.</summary>
    public static IReadOnlyList<string> Names { get; } = [Limits, Namespaces, User, Landlock, Seccomp];
}
