namespace SecuEdge.Appliance.MailFlow;

/// <summary>What became of an operation on the queue.</summary>
internal enum QueueOutcome
{
    Done,

    /// <summary>An attempt is running; what was asked for follows it.</summary>
    InProgress,

    /// <summary>Held: that is no question of the next hop.</summary>
    Held,

    /// <summary>Another person decided about it, and that is being carried out.</summary>
    Decided,

    /// <summary>Not on the gateway, or not any more.</summary>
    NotFound,
}
