using SecuEdge.Store.Usage;

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

    /// <summary>
    /// What to bill: own addresses that really received a message or sent an accepted one, each once, whatever stands behind a plus. Not among them: addresses
    /// redirected away, foreign senders, return paths of programs, and the two numbers of <c>mailboxesUnlisted</c> and <c>mailboxesFormer</c>. Own is what was the
    /// customer's when the mail was counted: a domain, a list or a customer that is changed or deleted later changes nothing.
    /// </summary>
    public int MailboxesUsed { get; init; }

    /// <summary>Of <c>mailboxesUsed</c>, those that received; one that also sent is in both numbers.</summary>
    public int MailboxesReceiving { get; init; }

    /// <summary>Of <c>mailboxesUsed</c>, those that sent; one that also received is in both numbers.</summary>
    public int MailboxesSending { get; init; }

    /// <summary>Besides <c>mailboxesUsed</c>: addresses that got or sent mail because the domain takes every one (<c>*</c>), while its list names others.</summary>
    public int MailboxesUnlisted { get; init; }

    /// <summary>
    /// Besides <c>mailboxesUsed</c>: addresses that an older version counted and that were in no domain of the customer when this version was first started.
    /// Domains that leave later stay in <c>mailboxesUsed</c>.
    /// </summary>
    public int MailboxesFormer { get; init; }

    /// <summary>Mailboxes listed in the settings or found in directories, as it is now and not in the month.</summary>
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

/// <summary>
/// Mail of one direction. <c>messages</c> + <c>blocked</c> is all that was decided on; recipients refused while the sender listened are in neither. <c>delivered</c> and
/// <c>quarantined</c> are parts of <c>messages</c> that overlap and do not add up to it: one message for two recipients, or one that was released, is in
/// both; one that waits, bounced or was dropped is in none.
/// </summary>
public sealed record UsageTraffic
{
    /// <summary>Accepted messages, each once for all its recipients.</summary>
    public long Messages { get; init; }

    /// <summary>Their bytes.</summary>
    public long Bytes { get; init; }

    /// <summary>Of <c>messages</c>, those that at least one recipient got.</summary>
    public long Delivered { get; init; }

    /// <summary>Of <c>messages</c>, those that were kept in quarantine for at least one recipient, released since or not.</summary>
    public long Quarantined { get; init; }

    /// <summary>Messages refused for good after their content was seen; not among <c>messages</c>.</summary>
    public long Blocked { get; init; }
}

/// <summary>A mailbox that counted.</summary>
/// <param name="Address">In lower case; a pseudonym when the person's data were erased.</param>
/// <param name="HasReceived">Got a message.</param>
/// <param name="HasSent">Sent an accepted message.</param>
/// <param name="Since">First day of the month on which it counted, in UTC.</param>
public sealed record UsageMailbox(string Address, bool HasReceived, bool HasSent, DateOnly Since)
{
    /// <summary>In which of the report's numbers it is.</summary>
    public MailboxStanding CountsAs { get; init; }
}
