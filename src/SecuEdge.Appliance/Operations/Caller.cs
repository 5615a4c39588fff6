namespace SecuEdge.Appliance.Operations;

/// <summary>Who asks for an operation; the name goes into timelines and revisions.</summary>
internal sealed record Caller(string Name)
{
    /// <summary>The operator at the machine itself, through the control socket that only the data folder's owner can open.</summary>
    public static Caller Local { get; } = new("local");
}

/// <summary>How an operation ended when it did not succeed; endpoints turn it into problem details.</summary>
/// <param name="Detail">What to do about it.</param>
internal sealed record OperationProblem(OperationFailure Failure, string Detail);

internal enum OperationFailure
{
    NotFound,
    Invalid,

    /// <summary>The object is in a state that does not allow it.</summary>
    Conflict,

    /// <summary>Our own trouble (disk, engine): try again.</summary>
    Unavailable,
}

/// <summary>A value, or why there is none.</summary>
internal sealed record Outcome<T>(T? Value, OperationProblem? Problem)
{
    public static implicit operator Outcome<T>(T value) => new(value, null);

    public static implicit operator Outcome<T>(OperationProblem problem) => new(default, problem);
}
