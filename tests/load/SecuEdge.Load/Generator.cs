using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SecuEdge.Load;

/// <summary>How a generator sends: where to, how much, how fast.</summary>
internal sealed record LoadPlan
{
    public required IPEndPoint Target { get; init; }

    public required int Sessions { get; init; }

    public required int SizeBytes { get; init; }

    /// <summary>The message with its attachments; null is one of <see cref="SizeBytes"/> without any to unpack.</summary>
    public MessageTemplate? Template { get; init; }

    /// <summary>The attachment of the first message: every run has its own, so that nothing remembers it.</summary>
    public int FirstAttachment { get; init; }

    /// <summary>Messages a second, on a fixed schedule whatever the answers do; null is as fast as the sessions can.</summary>
    public double? RatePerSecond { get; init; }

    /// <summary>New messages begin until then.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>And no more than these.</summary>
    public int MaxMessages { get; init; } = 400_000;
}

/// <summary>
/// Sends distinct messages over kept connections, a thread for each, commands pipelined as mail servers do. With a rate the schedule is
/// fixed beforehand (open loop), so that a system which stalls is charged with every message that became due meanwhile.
/// </summary>
internal sealed class Generator(LoadPlan plan, Traffic traffic)
{
    private static readonly byte[] Hello = "EHLO load.example\r\n"u8.ToArray();
    private static readonly byte[] Quit = "QUIT\r\n"u8.ToArray();
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(60);
    private int _next;
    private long _start;

    /// <summary>Sends everything; returns when the last answer is in.</summary>
    public void Run()
    {
        var template = plan.Template ?? MessageTemplate.Create(plan.SizeBytes, seed: 7);
        var envelope = Encoding.ASCII.GetBytes(
            $"MAIL FROM:<alice@sender.example> SIZE={template.Length}\r\nRCPT TO:<bob@acme.example>\r\nDATA\r\n");
        var ready = new CountdownEvent(plan.Sessions);
        using var go = new ManualResetEventSlim();
        var threads = Enumerable.Range(0, plan.Sessions).Select(_ => new Thread(() =>
        {
            var message = template.Copy();
            var session = TryOpen();
            ready.Signal();
            go.Wait();
            Send(session, envelope, message);
        }, 256 * 1024)
        { IsBackground = true }).ToArray();
        Array.ForEach(threads, thread => thread.Start());
        ready.Wait();
        _start = Stopwatch.GetTimestamp();
        go.Set();
        Array.ForEach(threads, thread => thread.Join());
        ready.Dispose();
    }

    private void Send(Session? session, byte[] envelope, MessageTemplate message)
    {
        while (TryTake(out var number, out var due))
        {
            // Rounded up to whole milliseconds by the system; that is part of every delay, also of the one without any system between.
            Pause.For(Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due));
            traffic.NoteDue(number, due);
            session ??= TryOpen();
            if (session is null)
            {
                Pause.For(TimeSpan.FromMilliseconds(100));
                continue;
            }

            try
            {
                var answer = session.Deliver(envelope, message.Fill(traffic.Identity(number)), message.Tail(plan.FirstAttachment + number));
                if (answer.StartsWith("250", StringComparison.Ordinal))
                {
                    traffic.NoteAccepted();
                }
                else
                {
                    traffic.NoteRefused(answer);
                    Close(ref session);
                }
            }
            catch (SocketException exception)
            {
                traffic.NoteRefused(exception.Message);
                Close(ref session);
            }
        }

        session?.Dispose();
    }

    private static void Close(ref Session? session)
    {
        session?.Dispose();
        session = null;
    }

    private bool TryTake(out int number, out long due)
    {
        number = Interlocked.Increment(ref _next) - 1;
        due = plan.RatePerSecond is { } rate ? _start + (long)(number / rate * Stopwatch.Frequency) : Stopwatch.GetTimestamp();
        return number < Math.Min(plan.MaxMessages, traffic.Capacity)
            && (plan.Duration is not { } limit || Stopwatch.GetElapsedTime(_start, due) < limit);
    }

    private Session? TryOpen()
    {
        try
        {
            return new Session(plan.Target);
        }
        catch (SocketException exception)
        {
            traffic.NoteRefused(exception.Message);
            return null;
        }
    }

    private sealed class Session : IDisposable
    {
        private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        private readonly byte[] _buffer = new byte[8192];
        private int _start;
        private int _end;

        public Session(IPEndPoint target)
        {
            _socket.ReceiveTimeout = (int)AnswerLimit.TotalMilliseconds;
            _socket.Connect(target);
            Expect(ReadReply(), "220");
            _socket.Send(Hello);
            Expect(ReadReply(), "250");
        }

        /// <summary>One transaction; the answer that decided it.</summary>
        public string Deliver(ReadOnlySpan<byte> envelope, ReadOnlySpan<byte> message, ReadOnlySpan<byte> tail)
        {
            _socket.Send(envelope);
            var sender = ReadReply();
            var recipient = ReadReply();
            var data = ReadReply();
            if (data[0] != '3')
            {
                return sender[0] != '2' ? sender : recipient[0] != '2' ? recipient : data;
            }

            _socket.Send(message);
            if (!tail.IsEmpty)
            {
                _socket.Send(tail);
            }

            return ReadReply();
        }

        public void Dispose()
        {
            try
            {
                _socket.Send(Quit);
            }
            catch (SocketException)
            {
                // Gone already, which is what was wanted.
            }

            _socket.Dispose();
        }

        private static void Expect(string reply, string code)
        {
            if (!reply.StartsWith(code, StringComparison.Ordinal))
            {
                throw new SocketException((int)SocketError.ConnectionRefused, reply);
            }
        }

        private string ReadReply()
        {
            while (true)
            {
                var unread = _buffer.AsSpan(_start, _end - _start);
                var length = unread.IndexOf((byte)'\n') + 1;
                if (length == 0)
                {
                    unread.CopyTo(_buffer);
                    (_start, _end) = (0, unread.Length);
                    var count = _socket.Receive(_buffer.AsSpan(_end));
                    if (count == 0)
                    {
                        throw new SocketException((int)SocketError.ConnectionReset);
                    }

                    _end += count;
                    continue;
                }

                _start += length;
                if (length > 3 && unread[3] == '-')
                {
                    continue;
                }

                // The usual answer costs no string.
                return unread.StartsWith("250"u8) ? "250" : unread.StartsWith("354"u8) ? "354" : Encoding.ASCII.GetString(unread[..length]).TrimEnd();
            }
        }
    }
}
