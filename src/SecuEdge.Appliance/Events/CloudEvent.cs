namespace SecuEdge.Appliance.Events;

/// <summary>An event as it leaves the appliance, in webhooks and live streams alike: CloudEvents 1.0, JSON, structured mode.</summary>
public sealed record CloudEvent
{
    /// <summary>Version of CloudEvents: 1.0.</summary>
    public string Specversion { get; init; } = "1.0";

    /// <summary>Of the event: opaque, in no order, and the same wherever and however often it is told.</summary>
    public required string Id { get; init; }

    /// <summary>The appliance, by its name.</summary>
    public required string Source { get; init; }

    /// <summary>What happened: <c>message.quarantined</c>, <c>engine.degraded</c>.</summary>
    public required string Type { get; init; }

    /// <summary>What it is about: the reference of a message, the name of an engine.</summary>
    public required string Subject { get; init; }

    /// <summary>When it happened.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Tenant whose event it is; <c>provider</c> for the appliance.</summary>
    public required string Tenant { get; init; }

    /// <summary>Type of the data: JSON.</summary>
    public string Datacontenttype { get; init; } = "application/json";

    /// <summary>The object as the API shows it; never content of mail.</summary>
    public required object Data { get; init; }

    internal static CloudEvent Of(GatewayEvent happened, string id, string hostname) => new()
    {
        Id = id,
        Source = "//" + hostname,
        Type = happened.Name,
        Subject = happened.Subject,
        Time = happened.At,
        Tenant = happened.Tenant,
        Data = happened.Data,
    };
}
