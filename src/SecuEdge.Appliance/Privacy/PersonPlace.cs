namespace SecuEdge.Appliance.Privacy;

/// <summary>A place where something about a person is kept.</summary>
public sealed record PersonPlace
{
    /// <summary>What kind of place.</summary>
    public required PersonPlaceKind Kind { get; init; }

    /// <summary>Which one: <c>rules[leaver]</c>, the name of a user. Empty where there is only one of the kind.</summary>
    public string Name { get; init; } = "";

    /// <summary>Where in it, for settings: <c>when.addresses[0]</c>. Empty where the whole is meant.</summary>
    public string Fields { get; init; } = "";

    /// <summary>How many entries are about the person.</summary>
    public required int Count { get; init; }

    /// <summary>What erasing the person does to it, with the options asked for.</summary>
    public required PersonOutcome OnErase { get; init; }

    /// <summary>Why, and how it can go when it stays.</summary>
    public required string Why { get; init; }
}

/// <summary>What kind of place.</summary>
public enum PersonPlaceKind
{
    /// <summary>Stories of messages from or to the address.</summary>
    Messages,

    /// <summary>Mail in quarantine for the address.</summary>
    Quarantine,

    /// <summary>Mail in quarantine from the address, for others.</summary>
    QuarantineOfOthers,

    /// <summary>Facts for back-tests.</summary>
    Facts,

    /// <summary>Attempts to write from or to the address that were refused before there was a message.</summary>
    Refusals,

    /// <summary>Months in which the mailbox counted.</summary>
    Usage,

    /// <summary>Entries of the audit log.</summary>
    Audit,

    /// <summary>Somebody who signs in.</summary>
    User,

    /// <summary>A token that the person made, or whose name or comment names the address.</summary>
    Token,

    /// <summary>Access lent by or to the person.</summary>
    Delegation,

    /// <summary>The mailbox in the list of a domain.</summary>
    Recipient,

    /// <summary>The mailbox has settings of its own.</summary>
    Mailbox,

    /// <summary>A directory names the address; it is read again and again.</summary>
    Directory,

    /// <summary>A rule.</summary>
    Rule,

    /// <summary>An object that rules use.</summary>
    Object,

    /// <summary>A group that rules use.</summary>
    Group,

    /// <summary>A list of words.</summary>
    WordList,

    /// <summary>A template of notices.</summary>
    NoticeTemplate,

    /// <summary>Who is told of quota, trial and the like.</summary>
    Contact,

    /// <summary>Any other setting.</summary>
    Setting,

    /// <summary>Former settings.</summary>
    Revision,

    /// <summary>A webhook whose name or address names the person.</summary>
    Webhook,

    /// <summary>Events that wait to be told to a webhook, and its latest deliveries.</summary>
    WebhookEvents,

    /// <summary>Messages that brought a file that was convicted later.</summary>
    RetroVerdict,
}

/// <summary>What erasing does.</summary>
public enum PersonOutcome
{
    /// <summary>It goes.</summary>
    Erased,

    /// <summary>It stays without the person.</summary>
    Pseudonymised,

    /// <summary>It stays; <see cref="PersonPlace.Why"/> says why.</summary>
    Stays,
}
