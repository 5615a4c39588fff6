using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SecuEdge.Load.Systems;

/// <summary>
/// clamd and nothing else: each message goes from the generator into one INSTREAM and is gone. What the bridge between them costs is the
/// harness's; the scanner's CPU is the floor of everything that asks it about a whole message.
/// </summary>
internal sealed class ClamdAlone : MailSystem
{
    private const int ChunkBytes = 256 * 1024;
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly Sink _books;

    public ClamdAlone(string folder, Sink books, ClamdScanner scanner) : base("clamd alone", folder)
    {
        Scanner = scanner;
        _books = books;
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(64);
        Entry = (IPEndPoint)_listener.LocalEndPoint!;
        new Thread(Accept) { IsBackground = true }.Start();
    }

    public override string Description => "each message whole in one INSTREAM of clamd, not taken apart by anyone else, not forwarded, not stored";

    public override void Dispose()
    {
        _listener.Dispose();
        base.Dispose();
    }

    private void Accept()
    {
        try
        {
            while (true)
            {
                var connection = _listener.Accept();
                new Thread(() => Serve(connection), 512 * 1024) { IsBackground = true }.Start();
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The listener was closed: the end.
        }
    }

    private void Serve(Socket connection)
    {
        connection.NoDelay = true;
        using var stream = new NetworkStream(connection, ownsSocket: true);
        var reader = new BufferedStream(stream, ChunkBytes);
        try
        {
            Say("220 bridge");
            while (ReadLine() is { } line)
            {
                switch (line.Length == 0 ? ' ' : char.ToUpperInvariant(line[0]))
                {
                    case 'D':
                        Say("354 go ahead");
                        Say(Scan(ReadMessage()) ? "250 clean" : "554 not clean");
                        break;
                    case 'Q':
                        return;
                    default:
                        Say("250 OK");
                        break;
                }
            }
        }
        catch (IOException)
        {
            // The generator went away.
        }

        void Say(string text) => stream.Write(Encoding.ASCII.GetBytes(text + "\r\n"));

        string? ReadLine()
        {
            var line = new StringBuilder();
            int next;
            while ((next = reader.ReadByte()) >= 0 && next != '\n')
            {
                line.Append((char)next);
            }

            return next < 0 ? null : line.ToString().TrimEnd('\r');
        }

        byte[] ReadMessage()
        {
            using var message = new MemoryStream();
            var buffer = new byte[ChunkBytes];
            while (true)
            {
                var count = reader.Read(buffer);
                if (count == 0)
                {
                    throw new IOException("The connection ended inside a message.");
                }

                message.Write(buffer, 0, count);
                if (message.GetBuffer().AsSpan(0, (int)message.Length).EndsWith("\r\n.\r\n"u8))
                {
                    return message.ToArray();
                }
            }
        }
    }

    private bool Scan(byte[] message)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(Scanner!.SocketPath));
        socket.Send("zINSTREAM\0"u8);
        var length = new byte[4];
        for (var at = 0; at < message.Length; at += ChunkBytes)
        {
            var chunk = message.AsSpan(at, Math.Min(ChunkBytes, message.Length - at));
            BinaryPrimitives.WriteInt32BigEndian(length, chunk.Length);
            socket.Send(length);
            socket.Send(chunk);
        }

        socket.Send(new byte[4]);
        var answer = new byte[256];
        var isClean = Encoding.ASCII.GetString(answer, 0, socket.Receive(answer)).Contains(": OK", StringComparison.Ordinal);
        var head = Encoding.ASCII.GetString(message, 0, Math.Min(message.Length, 200));
        var at0 = head.IndexOf(MessageTemplate.IdHeader, StringComparison.Ordinal) + MessageTemplate.IdHeader.Length;
        _books.Traffic?.NoteArrival(long.Parse(head.AsSpan(at0, 16), NumberStyles.HexNumber, CultureInfo.InvariantCulture), Stopwatch.GetTimestamp());
        return isClean;
    }
}
