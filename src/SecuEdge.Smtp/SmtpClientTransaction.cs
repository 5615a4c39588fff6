using System.Buffers;
using System.Globalization;
using System.Text;

namespace SecuEdge.Smtp;

/// <summary>
/// One message over one connection:
/// <list type="number">
/// <item>what the hop cannot take by its own EHLO is answered here, without asking;</item>
/// <item>RSET if needed, MAIL, RCPT…, DATA: in one flush with PIPELINING, one by one without;</item>
/// <item>trace headers, body, final dot; the reply to it counts for every accepted recipient.</item>
/// </list>
/// </summary>
internal sealed class SmtpClientTransaction(
    SmtpClientTransport transport, SmtpClientOptions options, SmtpClientExtensions extensions, OutgoingMessage message)
{
    // RFC 2920 §3.1: replies that nobody reads fill the windows of both sides and lock them. 100 replies fit in any window.
    private const int RecipientsPerFlush = 100;

    private const int BodyBlockBytes = 16 * 1024;

    private readonly RecipientResult?[] _results = new RecipientResult?[message.Recipients.Count];
    private readonly List<int> _accepted = [];
    private SmtpStage _stage = SmtpStage.Mail;
    private bool _isFinalDotSent;
    private bool _isBroken;
    private bool _isBodyUnreadable;

    /// <summary>MAIL was accepted and nothing ended the transaction.</summary>
    public bool IsLeftOpen { get; private set; }

    public bool IsConnectionUsable { get; private set; } = true;

    public async Task RunAsync(bool needsReset, CancellationToken cancellationToken)
    {
        IsLeftOpen = needsReset;
        if (FindObstacle() is { } obstacle)
        {
            Answer(obstacle, SmtpStage.Mail);
            return;
        }

        if (await SendEnvelopeAsync(needsReset, cancellationToken))
        {
            await SendBodyAsync(cancellationToken);
        }
    }

    /// <summary>The connection broke: a temporary result for everyone who has none yet, ours but naming the stage.</summary>
    public async Task BreakAsync(string why, CancellationToken cancellationToken)
    {
        IsConnectionUsable = false;
        _isBroken = true;
        if (_isBodyUnreadable)
        {
            // Closing before the final dot makes the next hop throw the torso away.
            Answer(new SmtpReply(451, "4.3.0", why), _stage);
            return;
        }

        var parting = _stage == SmtpStage.Data && !_isFinalDotSent ? await ReadPartingWordAsync(cancellationToken) : null;
        // RFC 5321 §4.5.4.1 with RFC 1047: without a reply to the final dot nobody knows; a duplicate is better than a loss.
        var where = _isFinalDotSent ? "after the final dot; it may arrive twice" : $"at {StageName()}";
        Answer(parting ?? new SmtpReply(_isFinalDotSent ? 451 : 421, "4.4.2", $"Connection lost {where}: {why}"), _stage);
    }

    public DeliveryResult ToResult() => new([.. _results.Select(r => r!)], IsConnectionUsable)
    {
        IsConnectionLost = _isBroken && !_isFinalDotSent && !_isBodyUnreadable,
    };

    private SmtpReply? FindObstacle()
    {
        var needsUtf8 = message.IsSmtpUtf8 || message.ReversePath.IsInternational || message.Recipients.Any(r => r.IsInternational);
        if (needsUtf8 && !extensions.HasSmtpUtf8)
        {
            // RFC 6531 §3.2 forbids to send it anyway, §3.5 gives the code.
            return new SmtpReply(553, "5.6.7", "The message needs SMTPUTF8, which the next hop does not offer");
        }

        return extensions.MaxSizeBytes is > 0 and var limit && SizeBytes > limit
            ? new SmtpReply(552, "5.3.4", $"The message has {SizeBytes} bytes, the next hop takes {limit}")
            : null;
    }

    private long SizeBytes => message.TraceHeaders.Length + message.BodyBytes;

    /// <returns>True when the body is due for at least one recipient.</returns>
    private async Task<bool> SendEnvelopeAsync(bool needsReset, CancellationToken cancellationToken)
    {
        if (needsReset)
        {
            await WriteAsync("RSET", cancellationToken);
        }

        await WriteAsync(MailCommand(), cancellationToken);
        SmtpReply? mail = null;
        if (!extensions.HasPipelining)
        {
            mail = await ReadMailReplyAsync(needsReset, cancellationToken);
            if (!mail.IsPositive)
            {
                return false;
            }
        }

        var window = extensions.HasPipelining ? RecipientsPerFlush : 1;
        for (var first = 0; first < message.Recipients.Count; first += window)
        {
            var end = Math.Min(first + window, message.Recipients.Count);
            for (var i = first; i < end; i++)
            {
                await WriteAsync($"RCPT TO:<{message.Recipients[i]}>", cancellationToken);
            }

            if (extensions.HasPipelining && end == message.Recipients.Count)
            {
                await WriteAsync("DATA", cancellationToken);
            }

            mail ??= await ReadMailReplyAsync(needsReset, cancellationToken);
            await ReadRecipientRepliesAsync(first, end, mail, cancellationToken);
            if (!mail.IsPositive && end < message.Recipients.Count)
            {
                return false;
            }
        }

        if (!extensions.HasPipelining)
        {
            if (_accepted.Count == 0)
            {
                return false;
            }

            await WriteAsync("DATA", cancellationToken);
        }

        return await ReadDataReplyAsync(cancellationToken);
    }

    private async Task<SmtpReply> ReadMailReplyAsync(bool needsReset, CancellationToken cancellationToken)
    {
        if (needsReset)
        {
            await ReadAsync(options.CommandTimeout, cancellationToken);
        }

        var mail = await ReadAsync(options.CommandTimeout, cancellationToken);
        IsLeftOpen = mail.IsPositive;
        if (!mail.IsPositive)
        {
            Answer(mail, SmtpStage.Mail);
        }

        _stage = SmtpStage.Rcpt;
        return mail;
    }

    private async Task ReadRecipientRepliesAsync(int first, int end, SmtpReply mail, CancellationToken cancellationToken)
    {
        for (var i = first; i < end; i++)
        {
            var reply = await ReadAsync(options.CommandTimeout, cancellationToken);
            if (!mail.IsPositive)
            {
                continue;
            }

            if (reply.Code is >= 200 and < 300)
            {
                _accepted.Add(i);
                continue;
            }

            // RFC 5321 §4.5.3.1.10: 552 here means "too many recipients" of old servers and is temporary.
            reply = reply.Code == 552 ? reply with { Code = 452, EnhancedCode = "4.5.3" } : reply;
            _results[i] = new RecipientResult(message.Recipients[i], reply, SmtpStage.Rcpt);
        }
    }

    private async Task<bool> ReadDataReplyAsync(CancellationToken cancellationToken)
    {
        _stage = SmtpStage.Data;
        var reply = await ReadAsync(options.DataInitiationTimeout, cancellationToken);
        if (reply.Code == 354 && _accepted.Count > 0)
        {
            return true;
        }

        if (reply.Code == 354)
        {
            // RFC 2920 §3.1: DATA went out before we knew that nobody was accepted; an empty message ends it.
            await transport.WriteAsync(".\r\n"u8.ToArray(), options.DataBlockTimeout, cancellationToken);
            await transport.FlushAsync(options.DataBlockTimeout, cancellationToken);
            await ReadAsync(options.DataTerminationTimeout, cancellationToken);
            IsLeftOpen = false;
            return false;
        }

        if (reply.IsPositive)
        {
            throw new IOException($"the reply to DATA was {reply.Code}");
        }

        Answer(reply, SmtpStage.Data);
        return false;
    }

    private async Task SendBodyAsync(CancellationToken cancellationToken)
    {
        var stuffer = new SmtpClientDotStuffer();
        var block = ArrayPool<byte>.Shared.Rent(BodyBlockBytes);
        try
        {
            stuffer = await SendBlockAsync(stuffer, message.TraceHeaders, cancellationToken);
            await using var body = OpenBody();
            int count;
            while ((count = await ReadBodyAsync(body, block, cancellationToken)) > 0)
            {
                stuffer = await SendBlockAsync(stuffer, block.AsMemory(0, count), cancellationToken);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }

        await transport.WriteAsync(stuffer.Terminator.ToArray(), options.DataBlockTimeout, cancellationToken);
        _isFinalDotSent = true;
        await transport.FlushAsync(options.DataBlockTimeout, cancellationToken);
        var reply = await ReadAsync(options.DataTerminationTimeout, cancellationToken);
        if (reply.Code is >= 300 and < 400)
        {
            throw new IOException($"the reply to the final dot was {reply.Code}");
        }

        IsLeftOpen = false;
        Answer(reply, SmtpStage.Data);
    }

    private async ValueTask<SmtpClientDotStuffer> SendBlockAsync(
        SmtpClientDotStuffer stuffer, ReadOnlyMemory<byte> block, CancellationToken cancellationToken)
    {
        while (block.Length > 0)
        {
            var free = await transport.FreeOutputAsync(2, options.DataBlockTimeout, cancellationToken);
            var (consumed, written) = stuffer.Stuff(block.Span, free.Span);
            transport.Advance(written);
            block = block[consumed..];
        }

        return stuffer;
    }

    private Stream OpenBody()
    {
        try
        {
            return message.OpenBody();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(e);
        }
    }

    private async ValueTask<int> ReadBodyAsync(Stream body, byte[] block, CancellationToken cancellationToken)
    {
        try
        {
            return await body.ReadAsync(block.AsMemory(0, BodyBlockBytes), cancellationToken);
        }
        catch (IOException e)
        {
            throw Unreadable(e);
        }
    }

    private IOException Unreadable(Exception e)
    {
        _isBodyUnreadable = true;
        return new IOException($"The stored message cannot be read here ({e.GetType().Name})", e);
    }

    private async ValueTask WriteAsync(string line, CancellationToken cancellationToken) =>
        await transport.WriteLineAsync(line, options.CommandTimeout, cancellationToken);

    private async ValueTask<SmtpReply> ReadAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        await transport.FlushAsync(options.CommandTimeout, cancellationToken);
        var reply = await transport.ReadReplyAsync(limit, cancellationToken);
        // RFC 5321 §3.8: after 421 the server closes, whatever the command was.
        IsConnectionUsable &= !reply.Close;
        return reply;
    }

    /// <summary>A server that has seen enough may answer in the middle of the message and close; its words are better than ours.</summary>
    private async Task<SmtpReply?> ReadPartingWordAsync(CancellationToken cancellationToken)
    {
        try
        {
            var reply = await transport.ReadReplyAsync(TimeSpan.FromSeconds(1), cancellationToken);
            return reply.IsPositive ? null : reply;
        }
        catch (Exception e) when (SmtpClient.IsBroken(e))
        {
            return null;
        }
    }

    /// <summary>One reply for everyone who has none yet.</summary>
    private void Answer(SmtpReply reply, SmtpStage stage)
    {
        for (var i = 0; i < _results.Length; i++)
        {
            _results[i] ??= new RecipientResult(message.Recipients[i], reply, stage);
        }
    }

    private string StageName() => _stage switch
    {
        SmtpStage.Mail => "MAIL",
        SmtpStage.Rcpt => "RCPT",
        _ => "DATA",
    };

    /// <summary>
    /// An 8-bit message to a hop without 8BITMIME goes as it is. RFC 6152 §3 wants it re-encoded or returned; re-encoding breaks signatures,
    /// and servers of this century that do not say 8BITMIME still carry the bytes.
    /// </summary>
    private string MailCommand()
    {
        var command = new StringBuilder("MAIL FROM:<").Append(message.ReversePath).Append('>');
        if (extensions.MaxSizeBytes is not null)
        {
            command.Append(CultureInfo.InvariantCulture, $" SIZE={SizeBytes}");
        }

        if (message.Is8Bit && extensions.Has8BitMime)
        {
            command.Append(" BODY=8BITMIME");
        }

        if (message.IsSmtpUtf8)
        {
            command.Append(" SMTPUTF8");
        }

        return command.ToString();
    }
}
