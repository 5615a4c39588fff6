namespace SecuEdge.Appliance.Usage;

/// <summary>What one customer used in a month: the line of a reseller's bill.</summary>
public sealed record UsageReport
{
    /// <summary><c>2026-11</c>; messages belong to the month in which they were received, in UTC.</summary>
    public required string Month { get; init; }

    /// <summary>Name of the customer.</summary>
    public required string Tenant { get; init; }

    /// <summary>As people call it.</summary>
    public required string DisplayName { get; init; }

    /// <summary>The nearest reseller above; <c>provider</c> when there is none.</summary>
    public required string Reseller { get; init; }

    /// <summary>Own addresses that really received a message or sent an accepted one.</summary>
    public int MailboxesUsed { get; init; }

    /// <summary>Of these, those that received.</summary>
    public int MailboxesReceiving { get; init; }

    /// <summary>Of these, those that sent.</summary>
    public int MailboxesSending { get; init; }

    /// <summary>Mailboxes listed in the settings now.</summary>
    public int MailboxesConfigured { get; init; }

    /// <summary>Some domain accepts every address, so that the list in the settings is not all.</summary>
    public bool AcceptsAnyRecipient { get; init; }

    /// <summary>Mailboxes that were sold; null when there is no limit.</summary>
    public int? MailboxQuota { get; init; }

    /// <summary>Mail to the customer.</summary>
    public required UsageTraffic Inbound { get; init; }

    /// <summary>Mail from the customer.</summary>
    public required UsageTraffic Outbound { get; init; }
}

/// <summary>Mail of one direction. Each message counts once in each number that fits.</summary>
public sealed record UsageTraffic
{
    /// <summary>Accepted messages.</summary>
    public long Messages { get; init; }

    /// <summary>Their bytes.</summary>
    public long Bytes { get; init; }

    /// <summary>Messages that at least one recipient got.</summary>
    public long Delivered { get; init; }

    /// <summary>Messages kept in quarantine for at least one recipient.</summary>
    public long Quarantined { get; init; }

    /// <summary>Messages refused for good.</summary>
    public long Blocked { get; init; }
}

/// <summary>A mailbox that counted.</summary>
/// <param name="Address">In lower case; a pseudonym when the person's data were erased.</param>
/// <param name="HasReceived">Got a message.</param>
/// <param name="HasSent">Sent an accepted message.</param>
/// <param name="Since">First day of the month on which it counted, in UTC.</param>
public sealed record UsageMailbox(string Address, bool HasReceived, bool HasSent, DateOnly Since);
