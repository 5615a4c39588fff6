using System.ComponentModel.DataAnnotations;
using SecuEdge.Filter.Policy.Rules;
using SecuEdge.Store.Audit;
using SecuEdge.Store.MessageLog;
using SecuEdge.Store.Quarantine;
using SecuEdge.Store.Refusals;
using SecuEdge.Store.Usage;

namespace SecuEdge.Appliance.Privacy;

/// <summary>About whom.</summary>
public record PersonRequest
{
    /// <summary>The whole mail address.</summary>
    [Required]
    [MaxLength(320)]
    public string Address { get; init; } = "";

    /// <summary>Under which tenant; data of the same address under others are theirs.</summary>
    [Required]
    [MaxLength(63)]
    public string Tenant { get; init; } = "";

    /// <summary>Why, for the audit log: the request of the person, its date. Erasing needs it.</summary>
    [MaxLength(1000)]
    public string Reason { get; init; } = "";
}

/// <summary>About whom, and how far.</summary>
public sealed record PersonErasure : PersonRequest
{
    /// <summary>Do it. Without, the answer says what would be done.</summary>
    public bool Apply { get; init; }

    /// <summary>Also delete mail in quarantine that waits for this recipient. It cannot be brought back.</summary>
    public bool Quarantine { get; init; }

    /// <summary>
    /// Also take the mailbox out of the list of its domain, with the settings it has of its own: mail for it is refused from then on. Needs the right to
    /// change the domain.
    /// </summary>
    public bool Recipient { get; init; }

    /// <summary>Also delete the user of this name or address, with his sessions and the tokens he made. Needs accessManage.</summary>
    public bool Account { get; init; }
}

/// <summary>What is kept about a person.</summary>
public sealed record PersonSummary
{
    /// <summary>The address asked for.</summary>
    public required string Address { get; init; }

    /// <summary>The tenant asked for.</summary>
    public required string Tenant { get; init; }

    /// <summary>Stories of messages in which the address is envelope sender or recipient.</summary>
    public required int Messages { get; init; }

    /// <summary>Quarantined messages from or for the address.</summary>
    public required int Quarantined { get; init; }

    /// <summary>Of these, those from the address that wait for somebody else.</summary>
    public int QuarantinedForOthers { get; init; }

    /// <summary>Facts of messages, kept for back-tests.</summary>
    public required int Facts { get; init; }

    /// <summary>Refused attempts from or to the address, by the hour.</summary>
    public required int Refusals { get; init; }

    /// <summary>Months in which the address counted as a mailbox.</summary>
    public required int UsageMonths { get; init; }

    /// <summary>Audit entries that name the address.</summary>
    public required int AuditEntries { get; init; }

    /// <summary>Every place where the address is found, and what erasing the person would do to it, without further options.</summary>
    public IReadOnlyList<PersonPlace> Places { get; init; } = [];

    /// <summary>What is not looked through, or stays whatever is asked for.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}

/// <summary>What was erased, or would be.</summary>
public sealed record PersonErased
{
    /// <summary>False when nothing was done yet.</summary>
    public required bool Applied { get; init; }

    /// <summary>Stories of messages that became pseudonymous.</summary>
    public required int Messages { get; init; }

    /// <summary>Quarantined messages deleted, or that the recipient was taken out of.</summary>
    public required int Quarantined { get; init; }

    /// <summary>Facts of messages deleted.</summary>
    public required int Facts { get; init; }

    /// <summary>Refused attempts deleted.</summary>
    public required int Refusals { get; init; }

    /// <summary>Months of usage in which the address became a pseudonym.</summary>
    public required int UsageMonths { get; init; }

    /// <summary>Every place where the address was found, and what became of it, or would.</summary>
    public IReadOnlyList<PersonPlace> Places { get; init; } = [];

    /// <summary>What stays, and why, in sentences.</summary>
    public required IReadOnlyList<string> Stays { get; init; }
}

/// <summary>Everything that is kept about a person.</summary>
internal sealed record PersonExport
{
    public required string Address { get; init; }

    public required string Tenant { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>Other recipients are left out.</summary>
    public required IAsyncEnumerable<MessageRecord> Messages { get; init; }

    /// <summary>Without content.</summary>
    public required IAsyncEnumerable<QuarantineEntry> Quarantine { get; init; }

    public required IAsyncEnumerable<PolicyFacts> Facts { get; init; }

    public required IAsyncEnumerable<Refusal> Refusals { get; init; }

    public required IReadOnlyList<UsedMailbox> Usage { get; init; }

    public required IAsyncEnumerable<AuditEntry> Audit { get; init; }

    /// <summary>Where else the address stands: settings, access, directories, webhooks.</summary>
    public required IReadOnlyList<PersonPlace> Places { get; init; }
}
