namespace SecuEdge.Filter.Outbreak;

/// <summary>
/// What is known of risky files that passed here, by key (<see cref="RiskyContent"/>). Looking is free of traces, so that judging a message
/// twice, or only for a try, changes nothing; seen is what was accepted.
/// </summary>
public interface IRiskyFiles
{
    /// <summary>Empty for what was never seen.</summary>
    Sightings Find(UInt128 key);

    /// <summary>Accepted once more, now. Returns at once.</summary>
    void See(UInt128 key);

    /// <summary>An engine convicted it: that it passed earlier does not speak for it any more.</summary>
    void Forget(UInt128 key);
}
