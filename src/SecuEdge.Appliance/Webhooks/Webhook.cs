namespace SecuEdge.Appliance.Webhooks;

/// <summary>A program of a tenant that wants to be told.</summary>
internal sealed record Webhook
{
    /// <summary>Unique within its tenant.</summary>
    public required string Name { get; init; }

    /// <summary>Hears events of this node and everything below it.</summary>
    public required string Tenant { get; init; }

    public required Uri Url { get; init; }

    /// <summary>Names and patterns, see <see cref="Events.EventNames"/>.</summary>
    public required IReadOnlyList<string> Events { get; init; }

    /// <summary><c>whsec_</c> and the key in base64, as Standard Webhooks writes it. Kept as it is: signing needs it.</summary>
    public required string Secret { get; init; }

    public bool Enabled { get; init; } = true;

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Since when no call succeeded; null when the last one did.</summary>
    public DateTimeOffset? FailingSince { get; init; }

    /// <summary>Why the appliance switched it off; empty when a person did, or it is on.</summary>
    public string DisabledReason { get; init; } = "";

    /// <summary>Events that were dropped because too many waited.</summary>
    public long Dropped { get; init; }

    [System.Text.Json.Serialization.JsonIgnore]
    public string Key => KeyOf(Tenant, Name);

    public static string KeyOf(string tenant, string name) => $"{tenant}/{name}".ToLowerInvariant();
}

/// <summary>An event that waits to be told to one webhook.</summary>
/// <param name="Id">The same for each try, so that the receiver can tell a repetition.</param>
/// <param name="Body">The CloudEvent as it is signed and sent.</param>
internal sealed record WaitingCall(string Id, string Event, DateTimeOffset At, string Body)
{
    public int Tries { get; init; }

    public DateTimeOffset NextTry { get; init; }
}

/// <summary>One try to tell a webhook of an event.</summary>
public sealed record WebhookDelivery
{
    /// <summary>Id of the event, as in the header webhook-id.</summary>
    public required string Id { get; init; }

    /// <summary>Name of the event.</summary>
    public required string Event { get; init; }

    /// <summary>When it was tried.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Which try it was, from 1.</summary>
    public required int Try { get; init; }

    /// <summary>Whether the receiver took it: it answered 2xx in time.</summary>
    public required bool Succeeded { get; init; }

    /// <summary>HTTP status of the answer; absent when there was none.</summary>
    public int? Status { get; init; }

    /// <summary>How long it took.</summary>
    public required double Milliseconds { get; init; }

    /// <summary>The beginning of the answer, or what went wrong.</summary>
    public required string Reply { get; init; }

    /// <summary>When it is tried again; absent when it is not.</summary>
    public DateTimeOffset? NextTry { get; init; }
}
