namespace SecuEdge.Appliance.Convictions;

/// <summary>A file that was delivered and is convicted now: who got it.</summary>
public sealed record RetroVerdict
{
    /// <summary>Grows with time; the cursor of lists. No count: gaps would tell how much others have.</summary>
    public required long Id { get; init; }

    public required string Sha256 { get; init; }

    public required string Engine { get; init; }

    public required string Signature { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>What brought it to light: a later message, or a hash list.</summary>
    public required string By { get; init; }

    /// <summary>Messages that had delivered it, the latest ones first, at most 200.</summary>
    public required IReadOnlyList<RetroMessage> Messages { get; init; }

    /// <summary>All of them, also those not listed.</summary>
    public required int MessageCount { get; init; }
}

/// <param name="Recipients">Those it was delivered to.</param>
public sealed record RetroMessage(string Reference, string Tenant, DateTimeOffset ReceivedAt, string Sender, IReadOnlyList<string> Recipients);
