using System.Net;
using SecuEdge.Smtp;

namespace SecuEdge.Filter;

/// <summary>Which way a message passes the gateway. Anything that is neither is relaying and refused before it exists.</summary>
public enum Direction
{
    /// <summary>To a domain of a tenant.</summary>
    Inbound,

    /// <summary>From a tenant's network, credential or certificate to the outside.</summary>
    Outbound,
}

/// <summary>Everything known of a message that is not in its bytes. Immutable; made when DATA begins.</summary>
public sealed record Envelope
{
    /// <summary>The short id a person can read out, <c>7K2F-9QXM</c>; unique within the message log.</summary>
    public required string Reference { get; init; }

    public required string ConnectionId { get; init; }

    /// <summary>Name of the tenant whose policy decides. One transaction belongs to one tenant and one direction.</summary>
    public required string Tenant { get; init; }

    public required Direction Direction { get; init; }

    public required MailPath ReversePath { get; init; }

    public required IReadOnlyList<MailPath> Recipients { get; init; }

    public required IPAddress ClientAddress { get; init; }

    public string HeloName { get; init; } = "";

    public bool IsEsmtp { get; init; }

    public string? TlsVersion { get; init; }

    public string? AuthenticatedAs { get; init; }

    public bool Is8Bit { get; init; }

    public bool IsSmtpUtf8 { get; init; }

    public required DateTimeOffset ReceivedAt { get; init; }
}
