namespace SecuEdge.Store.Spool;

/// <summary>
/// The disk gives back other bytes than it was given, and will not change its mind: the message can neither be delivered nor kept as it was.
/// Whoever meets this ends the message; what is left of it is safe in <see cref="Remains"/>.
/// </summary>
public sealed class DamagedMessageException(string reference, string remains)
    : IOException($"The message {reference} is damaged on disk: its checksum does not match. What is left of it is in {remains}.")
{
    /// <summary>The file for a person to look at, relative to the data folder.</summary>
    public string Remains { get; } = remains;
}
