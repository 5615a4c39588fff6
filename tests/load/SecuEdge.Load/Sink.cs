using System.Buffers.Text;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SecuEdge.Load;

/// <summary>
/// The next hop of every system under test: takes mail as fast as the machine can and notes which message came when. Blocking sockets and
/// a thread for each connection, because that costs the least CPU a message, and what this process spends is missing elsewhere.
/// </summary>
internal sealed class Sink : IDisposable
{
    private static readonly byte[] Greeting = "220 sink.example ready\r\n"u8.ToArray();
    private static readonly byte[] Features = "250-sink.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-ENHANCEDSTATUSCODES\r\n250 SIZE 104857600\r\n"u8.ToArray();
    private static readonly byte[] Okay = "250 2.0.0 OK\r\n"u8.ToArray();
    private static readonly byte[] GoAhead = "354 go ahead\r\n"u8.ToArray();
    private static readonly byte[] Bye = "221 2.0.0 bye\r\n"u8.ToArray();
    private static readonly byte[] IdHeader = Encoding.ASCII.GetBytes(MessageTemplate.IdHeader);
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public Sink()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(512);
        StartThread(Accept);
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint Address => (IPEndPoint)_listener.LocalEndPoint!;

    /// <summary>The measurement that arrivals are booked to.</summary>
    public Traffic? Traffic { get; set; }

    public void Dispose() => _listener.Dispose();

    private static void StartThread(Action work) => new Thread(() => work(), 256 * 1024) { IsBackground = true }.Start();

    private void Accept()
    {
        try
        {
            while (true)
            {
                var connection = _listener.Accept();
                StartThread(() => Serve(connection));
            }
        }
        catch (SocketException)
        {
            // The listener was closed: the end.
        }
        catch (ObjectDisposedException)
        {
        }
    }

    private void Serve(Socket connection)
    {
        using (connection)
        {
            connection.NoDelay = true;
            try
            {
                connection.Send(Greeting);
                Converse(connection);
            }
            catch (SocketException)
            {
                // The other side went away: what it had not finished was not taken.
            }
        }
    }

    private void Converse(Socket connection)
    {
        var buffer = new byte[256 * 1024];
        var start = 0;
        var end = 0;
        var replies = new List<ArraySegment<byte>>();
        while (true)
        {
            var lineLength = buffer.AsSpan(start, end - start).IndexOf((byte)'\n') + 1;
            if (lineLength == 0)
            {
                // Nothing complete is left: what was pipelined gets its answers at once.
                Flush(connection, replies);
                buffer.AsSpan(start, end - start).CopyTo(buffer);
                (start, end) = (0, end - start);
                var count = connection.Receive(buffer.AsSpan(end));
                if (count == 0)
                {
                    return;
                }

                end += count;
                continue;
            }

            var command = buffer.AsSpan(start, lineLength);
            start += lineLength;
            switch ((char)(command[0] & 0xDF))
            {
                case 'E':
                    replies.Add(Features);
                    break;
                case 'D':
                    replies.Add(GoAhead);
                    Flush(connection, replies);
                    if (!TakeMessage(connection, buffer, ref start, ref end))
                    {
                        return;
                    }

                    replies.Add(Okay);
                    break;
                case 'Q':
                    replies.Add(Bye);
                    Flush(connection, replies);
                    return;
                default:
                    replies.Add(Okay);
                    break;
            }
        }
    }

    private bool TakeMessage(Socket connection, byte[] buffer, ref int start, ref int end)
    {
        buffer.AsSpan(start, end - start).CopyTo(buffer);
        (start, end) = (0, end - start);
        var identity = 0L;
        var searched = 0;
        while (true)
        {
            var at = buffer.AsSpan(searched, end - searched).IndexOf("\r\n.\r\n"u8);
            if (identity == 0 && (at >= 0 || end > 16 * 1024))
            {
                identity = FindIdentity(buffer.AsSpan(0, end));
            }

            if (at >= 0)
            {
                start = searched + at + 5;
                Traffic?.NoteArrival(identity, Stopwatch.GetTimestamp());
                return true;
            }

            searched = Math.Max(0, end - 4);
            if (end > buffer.Length / 2 && identity != 0)
            {
                // The head is known: only the last bytes matter, the dot may be split over two reads.
                buffer.AsSpan(end - 4, 4).CopyTo(buffer);
                (searched, end) = (0, 4);
            }

            var count = connection.Receive(buffer.AsSpan(end));
            if (count == 0)
            {
                return false;
            }

            end += count;
        }
    }

    private static long FindIdentity(ReadOnlySpan<byte> head)
    {
        var at = head.IndexOf(IdHeader);
        return at >= 0 && Utf8Parser.TryParse(head[(at + IdHeader.Length)..], out long identity, out _, 'x') ? identity : -1;
    }

    private static void Flush(Socket connection, List<ArraySegment<byte>> replies)
    {
        if (replies.Count == 1)
        {
            connection.Send(replies[0]);
        }
        else if (replies.Count > 1)
        {
            connection.Send(replies);
        }

        replies.Clear();
    }
}
