using System.Text;
using SecuEdge.Appliance.MailFlow.Effects.Rewriting;
using SecuEdge.Smtp;

namespace SecuEdge.Appliance.MailFlow;

/// <summary>
/// One worker's connection, and how a group goes out over it: the open connection if there is one, otherwise the hops of the route in
/// order until one answers. Nothing here waits for anything but that hop.
/// </summary>
internal sealed class LaneSender(DeliveryServices services) : IAsyncDisposable
{
    private SmtpClient? _client;
    private NextHop? _hop;

    /// <summary>Whether the last group found a hop that talked to us.</summary>
    public bool IsConnected => _client is not null;

    public async Task SendAsync(RoundGroup group, Route route, CancellationToken cancellationToken)
    {
        if (route.Failure is { } failure)
        {
            group.AnswerRest(failure, "");
            return;
        }

        if (!TryRewrite(group, cancellationToken))
        {
            return;
        }

        var pending = new Queue<List<int>>(group.Recipients.Chunk(services.Options.MaxRecipientsPerTransaction).Select(c => c.ToList()));
        while (pending.TryDequeue(out var part))
        {
            if (!await SendPartAsync(group, route, part, pending, cancellationToken))
            {
                return;
            }
        }
    }

    /// <returns>False when the message cannot be changed as a rule asks: whoever settles keeps it.</returns>
    private bool TryRewrite(RoundGroup group, CancellationToken cancellationToken)
    {
        if (group.Effects.Count == 0)
        {
            return true;
        }

        var (message, record) = (group.Round.Message, group.Round.Record);
        group.Rewritten = group.Round.Rewritten(
            group.Effects,
            () => services.Rewriter.Rewrite(message.Entry.Bytes, record, [.. group.Effects.Select(e => record.Effects[e])], cancellationToken));
        return group.Rewritten.Trouble is null;
    }

    /// <summary>Says QUIT and closes. The next group opens another connection.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_client is { } client)
        {
            _client = null;
            await client.QuitAsync(CancellationToken.None);
            await client.DisposeAsync();
        }
    }

    /// <summary>Closes a connection that the next hop has closed, or that has carried enough.</summary>
    public async Task RenewAsync(bool wasIdle)
    {
        if (_client is { } client && (client.MessageCount >= services.Options.MaxMessagesPerConnection || (wasIdle && !client.IsAlive)))
        {
            await DisposeAsync();
        }
    }

    /// <returns>False when no hop could be used and everyone has an answer.</returns>
    private async Task<bool> SendPartAsync(
        RoundGroup group, Route route, List<int> part, Queue<List<int>> pending, CancellationToken cancellationToken)
    {
        var message = Compose(group, part);
        if (message is null)
        {
            return true;
        }

        if (_client is not null && await TrySendAsync(group, message, part, pending, cancellationToken) is null)
        {
            return true;
        }

        SmtpReply? last = null;
        foreach (var hop in route.Hops)
        {
            last = await ConnectAsync(hop, group, cancellationToken) ?? await TrySendAsync(group, message, part, pending, cancellationToken);
            if (last is null)
            {
                return true;
            }
        }

        // Whatever a hop says before MAIL is about the hop, not about the message: never a reason to bounce.
        last ??= new SmtpReply(451, "4.4.4", "There is no next hop");
        last = last.IsTransient ? last : new SmtpReply(451, "4.4.0", $"It does not talk to us: {last}");
        if (group.Troubles.Count > 0)
        {
            // The last trouble is the answer itself and comes with the deferral.
            group.Troubles.RemoveAt(group.Troubles.Count - 1);
        }

        group.AnswerRest(last, route.Hops.Count > 0 ? route.Hops[^1].ToString() : "");
        return false;
    }

    /// <returns>Null when the hop is ready; otherwise its trouble, which is remembered for everyone.</returns>
    private async Task<SmtpReply?> ConnectAsync(NextHop hop, RoundGroup group, CancellationToken cancellationToken)
    {
        if (!group.Round.IsForced && services.Health.TroubleOf(hop.Endpoint) is { } known)
        {
            group.Troubles.Add(new HopTrouble($"{hop} was left out, it failed moments ago: {known.Short()}", 0));
            return known;
        }

        var started = services.TimeProvider.GetTimestamp();
        var connected = await services.Connector.ConnectAsync(hop.Endpoint, hop.Name, cancellationToken);
        if (connected.Client is null)
        {
            services.Health.MarkDown(hop.Endpoint, connected.Reply);
            group.Troubles.Add(new HopTrouble($"{hop} could not be used: {connected.Reply.Short()}", Elapsed(started)));
            return connected.Reply;
        }

        services.Health.MarkUp(hop.Endpoint);
        (_client, _hop) = (connected.Client, hop);
        if (connected.TlsTrouble.Length > 0)
        {
            group.Troubles.Add(new HopTrouble($"{hop} offers TLS, but it does not work; sent without: {connected.TlsTrouble}", Elapsed(started)));
        }

        return null;
    }

    /// <returns>Null when the hop answered; otherwise the connection is gone, and trying again cannot make a duplicate.</returns>
    private async Task<SmtpReply?> TrySendAsync(
        RoundGroup group, OutgoingMessage message, List<int> part, Queue<List<int>> pending, CancellationToken cancellationToken)
    {
        var started = services.TimeProvider.GetTimestamp();
        var (client, hop, isFirst) = (_client!, _hop!, _client!.MessageCount == 0);
        DeliveryResult result;
        try
        {
            result = await client.SendAsync(message, cancellationToken);
        }
        catch
        {
            await DropAsync();
            throw;
        }

        if (!result.IsConnectionUsable)
        {
            await DropAsync();
        }

        var isNobodyTaken = result.Results.All(r => !r.Reply.IsPermanent && !IsTaken(r));
        if (isNobodyTaken && (result.IsConnectionLost || result.Results[0].Reply.Close))
        {
            // An old connection may just have been closed for its age; only a fresh one says something about the hop.
            if (isFirst)
            {
                group.Troubles.Add(new HopTrouble($"{hop} broke off: {result.Results[0].Reply.Short()}", Elapsed(started)));
            }

            return result.Results[0].Reply;
        }

        Take(group, result, part, pending, hop, Elapsed(started));
        return null;
    }

    private static void Take(RoundGroup group, DeliveryResult result, List<int> part, Queue<List<int>> pending, NextHop hop, double milliseconds)
    {
        var name = hop.ToString();
        var isSomeoneTaken = result.Results.Any(IsTaken);
        var surplus = new List<int>();
        for (var i = 0; i < part.Count; i++)
        {
            var one = result.Results[i];
            // RFC 5321 §4.5.3.1.10: "too many recipients" is an invitation to send the rest at once.
            if (isSomeoneTaken && one is { Stage: SmtpStage.Rcpt, Reply: { Code: 452, EnhancedCode: null or "4.5.3" } })
            {
                surplus.Add(part[i]);
            }
            else
            {
                group.Outcomes.Add(new RecipientOutcome(part[i], one.Reply, name, milliseconds));
            }
        }

        if (surplus.Count > 0)
        {
            pending.Enqueue(surplus);
        }
    }

    private static bool IsTaken(RecipientResult result) => result.Reply.Code is >= 200 and < 300;

    /// <returns>Null when no recipient is left that could be written on the wire.</returns>
    private static OutgoingMessage? Compose(RoundGroup group, List<int> part)
    {
        var record = group.Round.Record;
        var paths = new List<MailPath>(part.Count);
        part.RemoveAll(index =>
        {
            var recipient = record.Recipients[index];
            if (MailPath.TryParse(recipient.RedirectedTo ?? recipient.Address, out var path) && !path.IsNull)
            {
                paths.Add(path);
                return false;
            }

            group.Outcomes.Add(new RecipientOutcome(index, new SmtpReply(553, "5.1.3", "The address cannot be written in SMTP"), "", 0));
            return true;
        });
        if (part.Count == 0)
        {
            return null;
        }

        var bytes = group.Rewritten?.Bytes ?? group.Round.Message.Entry.Bytes;
        return new OutgoingMessage
        {
            ReversePath = MailPath.TryParse(record.ReversePath, out var sender) ? sender : MailPath.Null,
            Recipients = paths,
            TraceHeaders = Encoding.UTF8.GetBytes(group.TraceHeaders + group.Rewritten?.TraceHeaders),
            OpenBody = bytes.OpenRead,
            BodyBytes = bytes.Length,
            Is8Bit = record.Is8Bit,
            IsSmtpUtf8 = record.IsSmtpUtf8 || part.Any(i => record.Recipients[i].RedirectedTo is { } to && !Ascii.IsValid(to)),
        };
    }

    private async Task DropAsync()
    {
        if (_client is { } client)
        {
            _client = null;
            await client.DisposeAsync();
        }
    }

    private double Elapsed(long started) => services.TimeProvider.GetElapsedTime(started).TotalMilliseconds;
}

/// <summary>What every lane and sender needs.</summary>
internal sealed record DeliveryServices(
    QueueOptions Options, Router Router, HopHealth Health, SmtpClientConnector Connector, MessageRewriter Rewriter, TimeProvider TimeProvider);
