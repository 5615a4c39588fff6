using Microsoft.Extensions.Logging;
using SecuEdge.Smtp.Parsing;

namespace SecuEdge.Smtp;

/// <summary>
/// The command loop of one connection:
/// <list type="number">
/// <item>the gateway is asked about the connection, early talkers are refused, the greeting is sent;</item>
/// <item>each line is cut, counted against the limits, looked up in <see cref="SmtpCommands"/> and executed where it is legal;</item>
/// <item>replies gather until the client has nothing more to say;</item>
/// <item>an exception of the gateway becomes 451 and the session goes on; the end of the connection ends it.</item>
/// </list>
/// </summary>
internal sealed partial class SmtpSession(SmtpWire wire, SmtpConnection connection, SmtpListener listener)
{
    private int errors;
    private readonly ILogger logger = listener.Logger;
    private int idleCommands;
    private int messages;

    public SmtpWire Wire => wire;

    public SmtpConnection Connection => connection;

    public SmtpListener Listener => listener;

    public SmtpServerOptions Options => listener.Options;

    public ISmtpTransactions Transactions => listener.Transactions;

    /// <summary>The open transaction; null outside of one.</summary>
    public SmtpTransaction? Transaction { get; set; }

    public bool HasSentEnough => messages >= Options.MaxTransactionsPerConnection;

    private SmtpPhases Phase => Transaction switch
    {
        null when connection.HeloName.Length == 0 => SmtpPhases.Connected,
        null => SmtpPhases.Greeted,
        { Recipients.Count: 0 } => SmtpPhases.Sender,
        _ => SmtpPhases.Recipients,
    };

    /// <summary>Runs until the connection ends or is to be closed.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            var isOpen = await GreetAsync(cancellationToken);
            while (isOpen)
            {
                var line = await wire.ReadLineAsync(Options.CommandTimeout);
                isOpen = await AnswerAsync(line, cancellationToken);
                await wire.FlushIfManyAsync(Options.CommandTimeout);
            }

            await wire.FlushAsync(Options.CommandTimeout);
        }
        catch (ConnectionEndedException ended)
        {
            LogEnded(ended.InnerException, connection.Id, ended.End);
            if (ended.End == ConnectionEnd.Timeout)
            {
                await wire.SayFarewellAsync(Refuse(SmtpStage.Other, SmtpReplies.Timeout));
            }
        }
        finally
        {
            Transactions.Disconnected(connection);
        }
    }

    /// <summary>Marks a reply as the session's own decision and returns it.</summary>
    public SmtpReply Refuse(SmtpStage stage, SmtpReply reply)
    {
        Transactions.Refused(connection, stage, reply);
        return reply;
    }

    /// <summary>Says something in the middle of a command, behind the replies before it.</summary>
    public ValueTask SayNowAsync(SmtpReply reply)
    {
        wire.Write(reply);
        return wire.FlushAsync(Options.CommandTimeout);
    }

    /// <summary>HELO and EHLO: both reset the transaction (RFC 5321 §4.1.4). Null when the name is taken.</summary>
    public async Task<SmtpReply?> HelloAsync(string argument, bool isEsmtp, CancellationToken cancellationToken)
    {
        // Not in the grammar, but many write their name with the dot of the root.
        var name = argument.EndsWith('.') ? argument[..^1] : argument;
        if (!MailPathParser.TryParseDomain(name, out var domain))
        {
            return Refuse(SmtpStage.Helo, SmtpReplies.BadHelloName);
        }

        Transaction = null;
        connection.HeloName = domain;
        connection.IsEsmtp = isEsmtp;
        var isAccepted = false;
        try
        {
            var refusal = await Transactions.HelloAsync(connection, cancellationToken);
            isAccepted = refusal is null;
            return refusal;
        }
        finally
        {
            connection.HeloName = isAccepted ? domain : "";
        }
    }

    /// <summary>Answers STARTTLS and forgets everything that was said before it (RFC 3207 §4.2).</summary>
    public async Task StartTlsAsync()
    {
        await SayNowAsync(SmtpReplies.ReadyForTls);
        try
        {
            var tls = await wire.StartTlsAsync(listener.Certificates, Options.TlsHandshakeTimeout);
            connection.TlsVersion = tls.Version;
            connection.TlsCipher = tls.Cipher;
        }
        catch (ConnectionEndedException)
        {
            // Nobody can read the reply any more; it is for the log.
            Refuse(SmtpStage.Tls, SmtpReplies.TlsNotAvailable);
            throw;
        }

        connection.HeloName = "";
        connection.IsEsmtp = false;
        Transaction = null;
    }

    /// <summary>The message has been read to its end: the reply, and the limits begin anew when it was accepted.</summary>
    public async Task<SmtpReply> EndMessageAsync(BodyWriter body, CancellationToken cancellationToken)
    {
        messages++;
        var reply = await body.CompleteAsync(connection.Id, cancellationToken);
        if (body.Failure is { } failure)
        {
            LogGatewayFailed(failure, connection.Id, "DATA");
        }

        if (body.Refusal is not null)
        {
            Refuse(SmtpStage.Data, reply);
        }

        if (reply.IsPositive)
        {
            errors = idleCommands = 0;
        }

        return reply;
    }

    private async Task<bool> GreetAsync(CancellationToken cancellationToken)
    {
        var refusal = await AskGatewayAsync(cancellationToken);
        if (refusal is null && Options.RefuseEarlyTalkers)
        {
            if (Options.GreetingDelay > TimeSpan.Zero)
            {
                await Task.Delay(Options.GreetingDelay, listener.Time, cancellationToken);
            }

            refusal = wire.HasUnreadInput() ? Refuse(SmtpStage.Connect, SmtpReplies.SpokeTooEarly) : null;
        }

        // RFC 5321 §3.1 would keep a refused client until its QUIT; nobody is helped by that.
        wire.Write(refusal ?? new SmtpReply(220, null, $"{Options.Hostname} ESMTP"));
        return refusal is null;
    }

    private async Task<SmtpReply?> AskGatewayAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await Transactions.ConnectAsync(connection, cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogGatewayFailed(exception, connection.Id, "connect");
            return SmtpReplies.ConnectionFailed;
        }
    }

    // False when the connection is to be closed behind the replies written so far.
    private async Task<bool> AnswerAsync(CommandLine line, CancellationToken cancellationToken)
    {
        if (line.Status == LineStatus.Stopping)
        {
            wire.Write(SmtpReply.ShuttingDown);
            return false;
        }

        var reply = line.Status switch
        {
            LineStatus.TooLong => RefuseLine(SmtpReplies.LineTooLong),
            LineStatus.BareLineFeed => RefuseLine(SmtpReplies.BareLineFeedInCommand),
            LineStatus.NotText => RefuseLine(SmtpReplies.NotText),
            _ when line.Text.Length == 0 => RefuseLine(SmtpReplies.EmptyLine),
            _ => await ExecuteAsync(line, cancellationToken),
        };
        if (reply is null)
        {
            return true;
        }

        wire.Write(reply);
        errors += reply.IsPermanent ? 1 : 0;

        // RFC 5321 §3.8: 421 always announces the end, 521 likewise (RFC 7504).
        return !reply.Close && reply.Code is not (421 or 521) && IsWithinLimits();
    }

    private bool IsWithinLimits()
    {
        var limit = errors >= Options.MaxErrors ? SmtpReplies.TooManyErrors
            : idleCommands > Options.MaxIdleCommands ? SmtpReplies.TooManyIdleCommands
            : null;
        if (limit is not null)
        {
            wire.Write(Refuse(SmtpStage.Other, limit));
        }

        return limit is null;
    }

    private SmtpReply RefuseLine(SmtpReply reply)
    {
        idleCommands++;
        return Refuse(SmtpStage.Other, reply);
    }

    private async Task<SmtpReply?> ExecuteAsync(CommandLine line, CancellationToken cancellationToken)
    {
        if (SmtpCommands.Find(line.Verb) is not { } verb)
        {
            return RefuseLine(IsForeign(line.Verb) ? SmtpReplies.NotASmtpClient : SmtpReplies.UnknownCommand);
        }

        var stage = verb.Command.Stage;
        idleCommands += stage is SmtpStage.Mail or SmtpStage.Rcpt or SmtpStage.Data ? 0 : 1;
        var phase = Phase;
        if ((verb.LegalIn & phase) == 0)
        {
            return Refuse(stage, SmtpCommands.OutOfOrder(verb, phase));
        }

        try
        {
            return await verb.Command.RunAsync(this, line.Argument, cancellationToken);
        }
        catch (Exception exception) when (exception is not ConnectionEndedException && !cancellationToken.IsCancellationRequested)
        {
            LogGatewayFailed(exception, connection.Id, verb.Name);
            return SmtpReply.LocalError(connection.Id);
        }
    }

    // A browser, a proxy or a TLS handshake talking to the wrong port: an answer per line would let a web page speak SMTP.
    private static bool IsForeign(ReadOnlySpan<char> verb) =>
        verb is "GET" or "POST" or "HEAD" or "PUT" or "CONNECT" or "OPTIONS" or "DELETE" or "PATCH" or "TRACE"
        || verb.IsEmpty || !char.IsAsciiLetter(verb[0]);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Connection {ConnectionId} ended: {End}")]
    private partial void LogEnded(Exception? exception, string connectionId, ConnectionEnd end);

    [LoggerMessage(Level = LogLevel.Error, Message = "The gateway failed at {Verb} of connection {ConnectionId}; the client was told to try again")]
    private partial void LogGatewayFailed(Exception exception, string connectionId, string verb);
}
