using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace SecuEdge.Appliance.Tests.EndToEnd;

/// <summary>The last line of an SMTP reply.</summary>
internal sealed record MailReply(int Code, string Text)
{
    public bool IsAccepted => Code == 250;

    /// <summary>The message's reference, which the gateway puts in brackets at the end; empty without one.</summary>
    public string Reference => Regex.Match(Text, @"\[([0-9A-Z]{4}-[0-9A-Z]{4})\]") is { Success: true } match ? match.Groups[1].Value : "";
}

/// <summary>
/// A sending client that knows nothing of the gateway's code, so that one mistake cannot hide in both ends. Any broken connection is an
/// <see cref="IOException"/>: what happened to the message then is unknown.
/// </summary>
internal sealed class MailSession : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _buffer = new byte[8192];
    private int _start;
    private int _end;

    private MailSession()
    {
    }

    public static async Task<MailSession> OpenAsync(IPEndPoint address, CancellationToken cancellationToken)
    {
        var session = new MailSession();
        try
        {
            await session._socket.ConnectAsync(address, cancellationToken);
            await session.ExpectAsync(220, cancellationToken);
            await session.SendAsync("EHLO client.example\r\n"u8.ToArray(), cancellationToken);
            await session.ExpectAsync(250, cancellationToken);
            return session;
        }
        catch (Exception exception)
        {
            session.Dispose();
            throw exception is SocketException ? new IOException(exception.Message, exception) : exception;
        }
    }

    /// <summary>One transaction; the reply that decided it.</summary>
    public async Task<MailReply> DeliverAsync(string sender, string recipient, byte[] message, CancellationToken cancellationToken)
    {
        foreach (var command in new[] { $"MAIL FROM:<{sender}> BODY=8BITMIME", $"RCPT TO:<{recipient}>" })
        {
            await SendAsync(Encoding.ASCII.GetBytes(command + "\r\n"), cancellationToken);
            var reply = await ReadReplyAsync(cancellationToken);
            if (reply.Code != 250)
            {
                await ResetAsync(reply, cancellationToken);
                return reply;
            }
        }

        await SendAsync("DATA\r\n"u8.ToArray(), cancellationToken);
        var data = await ReadReplyAsync(cancellationToken);
        if (data.Code != 354)
        {
            await ResetAsync(data, cancellationToken);
            return data;
        }

        await SendAsync(OnTheWire(message), cancellationToken);
        return await ReadReplyAsync(cancellationToken);
    }

    /// <summary>The same, with something happening in the middle of the data.</summary>
    public async Task<MailReply> DeliverSlowlyAsync(string sender, string recipient, byte[] message, Func<Task> inTheMiddle, CancellationToken cancellationToken)
    {
        foreach (var (command, code) in new[] { ($"MAIL FROM:<{sender}> BODY=8BITMIME", 250), ($"RCPT TO:<{recipient}>", 250), ("DATA", 354) })
        {
            await SendAsync(Encoding.ASCII.GetBytes(command + "\r\n"), cancellationToken);
            await ExpectAsync(code, cancellationToken);
        }

        var wire = OnTheWire(message);
        await SendAsync(wire[..(wire.Length / 2)], cancellationToken);
        await inTheMiddle();
        await SendAsync(wire[(wire.Length / 2)..], cancellationToken);
        return await ReadReplyAsync(cancellationToken);
    }

    public async Task QuitAsync(CancellationToken cancellationToken)
    {
        await SendAsync("QUIT\r\n"u8.ToArray(), cancellationToken);
        await ReadReplyAsync(cancellationToken);
    }

    public void Dispose() => _socket.Dispose();

    /// <summary>Dots doubled at line starts, ended by the dot (RFC 5321 §4.5.2).</summary>
    private static byte[] OnTheWire(byte[] message)
    {
        var wire = new List<byte>(message.Length + 64);
        var lineStart = true;
        foreach (var octet in message)
        {
            if (lineStart && octet == '.')
            {
                wire.Add((byte)'.');
            }

            wire.Add(octet);
            lineStart = octet == '\n';
        }

        wire.AddRange(lineStart ? ".\r\n"u8 : "\r\n.\r\n"u8);
        return [.. wire];
    }

    private async Task ResetAsync(MailReply reason, CancellationToken cancellationToken)
    {
        if (reason.Code != 421)
        {
            await SendAsync("RSET\r\n"u8.ToArray(), cancellationToken);
            await ReadReplyAsync(cancellationToken);
        }
    }

    private async Task ExpectAsync(int code, CancellationToken cancellationToken)
    {
        var reply = await ReadReplyAsync(cancellationToken);
        if (reply.Code != code)
        {
            throw new IOException(reply.Text);
        }
    }

    private async Task SendAsync(byte[] bytes, CancellationToken cancellationToken)
    {
        try
        {
            for (var sent = 0; sent < bytes.Length;)
            {
                sent += await _socket.SendAsync(bytes.AsMemory(sent), cancellationToken);
            }
        }
        catch (SocketException exception)
        {
            throw new IOException(exception.Message, exception);
        }
    }

    private async Task<MailReply> ReadReplyAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var line = await ReadLineAsync(cancellationToken);
            if (line.Length < 4 || line[3] != '-')
            {
                return new MailReply(int.TryParse(line.AsSpan(0, Math.Min(3, line.Length)), out var code) ? code : 0, line);
            }
        }
    }

    private async Task<string> ReadLineAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var length = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n') + 1;
            if (length > 0)
            {
                var line = Encoding.UTF8.GetString(_buffer, _start, length).TrimEnd();
                _start += length;
                return line;
            }

            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
            try
            {
                var count = await _socket.ReceiveAsync(_buffer.AsMemory(_end), cancellationToken);
                if (count == 0)
                {
                    throw new IOException("The connection was closed.");
                }

                _end += count;
            }
            catch (SocketException exception)
            {
                throw new IOException(exception.Message, exception);
            }
        }
    }
}
