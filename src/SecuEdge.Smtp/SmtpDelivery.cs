namespace SecuEdge.Smtp;

/// <summary>One message on its way to a next hop: the stored bytes, never re-written, with our trace headers in front.</summary>
public sealed record OutgoingMessage
{
    public required MailPath ReversePath { get; init; }

    public required IReadOnlyList<MailPath> Recipients { get; init; }

    /// <summary>Header lines put in front of the body, CRLF-terminated.</summary>
    public required ReadOnlyMemory<byte> TraceHeaders { get; init; }

    /// <summary>Opens the stored bytes for reading from the start; may be called again for another attempt.</summary>
    public required Func<Stream> OpenBody { get; init; }

    /// <summary>Length of the stored bytes, for SIZE= (RFC 1870).</summary>
    public required long BodyBytes { get; init; }

    /// <summary>The message came with BODY=8BITMIME, or has bytes above 127.</summary>
    public required bool Is8Bit { get; init; }

    /// <summary>The message came with SMTPUTF8; it must not go to a next hop without it (RFC 6531 §3.2).</summary>
    public required bool IsSmtpUtf8 { get; init; }
}

/// <summary>What the next hop answered for one recipient; the reply is the one that decided (RCPT, DATA, or the final dot).</summary>
public sealed record RecipientResult(MailPath Recipient, SmtpReply Reply, SmtpStage Stage);

/// <summary>What one attempt brought: a result for every recipient, whatever happened on the way.</summary>
/// <param name="Results">In the order of the message's recipients. A broken connection is a 4xx reply of ours.</param>
/// <param name="IsConnectionUsable">Another message may follow on this connection.</param>
public sealed record DeliveryResult(IReadOnlyList<RecipientResult> Results, bool IsConnectionUsable)
{
    /// <summary>The connection broke before the next hop could have taken the message: trying again at once, or elsewhere, cannot make a duplicate.</summary>
    public bool IsConnectionLost { get; init; }
}
