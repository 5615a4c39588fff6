using System.Collections.Frozen;
using SecuEdge.Smtp.Commands;

namespace SecuEdge.Smtp;

/// <summary>Where a session stands (RFC 5321 §4.1.4).</summary>
[Flags]
internal enum SmtpPhases
{
    /// <summary>No HELO or EHLO yet, or forgotten by STARTTLS.</summary>
    Connected = 1,

    /// <summary>Greeted, no transaction.</summary>
    Greeted = 2,

    /// <summary>MAIL was accepted, no recipient yet.</summary>
    Sender = 4,

    /// <summary>At least one recipient was accepted.</summary>
    Recipients = 8,

    Transaction = Sender | Recipients,
    Any = Connected | Greeted | Transaction,
}

/// <summary>One verb of the server.</summary>
internal abstract class SmtpCommand
{
    /// <summary>The stage it belongs to in metrics and the connection log.</summary>
    public virtual SmtpStage Stage => SmtpStage.Other;

    /// <summary>What EHLO announces because of this verb and its parameters, for this session.</summary>
    public virtual IEnumerable<string> Keywords(SmtpSession session) => [];

    /// <summary>Executes the verb in a phase where it is legal. Null when everything has been said already.</summary>
    public abstract Task<SmtpReply?> RunAsync(SmtpSession session, string argument, CancellationToken cancellationToken);
}

/// <summary>A row of the table.</summary>
internal sealed record SmtpVerb(string Name, SmtpPhases LegalIn, SmtpCommand Command);

/// <summary>The table of verbs. A new one is a file in Commands and a line here.</summary>
internal static class SmtpCommands
{
    public static IReadOnlyList<SmtpVerb> All { get; } =
    [
        new("EHLO", SmtpPhases.Any, new EhloCommand()),
        new("HELO", SmtpPhases.Any, new HeloCommand()),
        new("STARTTLS", SmtpPhases.Greeted, new StartTlsCommand()),
        new("MAIL", SmtpPhases.Greeted, new MailCommand()),
        new("RCPT", SmtpPhases.Transaction, new RcptCommand()),
        new("DATA", SmtpPhases.Recipients, new DataCommand()),
        new("RSET", SmtpPhases.Any, new RsetCommand()),
        new("NOOP", SmtpPhases.Any, new NoopCommand()),
        new("VRFY", SmtpPhases.Any, new VrfyCommand()),
        new("EXPN", SmtpPhases.Any, new ExpnCommand()),
        new("HELP", SmtpPhases.Any, new HelpCommand()),
        new("QUIT", SmtpPhases.Any, new QuitCommand()),
    ];

    private static readonly FrozenDictionary<string, SmtpVerb>.AlternateLookup<ReadOnlySpan<char>> ByName =
        All.ToFrozenDictionary(verb => verb.Name, StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();

    public static SmtpVerb? Find(ReadOnlySpan<char> name) => ByName.TryGetValue(name, out var verb) ? verb : null;

    /// <summary>The reply to a verb that is known, but not legal now.</summary>
    public static SmtpReply OutOfOrder(SmtpVerb verb, SmtpPhases phase) => phase switch
    {
        SmtpPhases.Connected => SmtpReplies.HelloFirst,
        _ when verb.LegalIn == SmtpPhases.Greeted => SmtpReplies.TransactionOpen,
        SmtpPhases.Greeted => SmtpReplies.MailFirst,
        _ => SmtpReplies.NoRecipients,
    };
}
