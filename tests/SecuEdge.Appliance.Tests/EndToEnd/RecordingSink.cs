using System.Buffers;
using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SecuEdge.Appliance.Tests.EndToEnd;

/// <summary>One message that came out, for one recipient.</summary>
/// <param name="IsIntact">The bytes sent, below header lines of the gateway.</param>
/// <param name="At">When the sink answered 250.</param>
internal sealed record Arrival(string Recipient, bool IsIntact, DateTimeOffset At);

/// <summary>The next hop of the tests: keeps all it takes, and outlives every crash of the gateway.</summary>
internal sealed class RecordingSink(Func<string, byte[], bool> isIntact) : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private Task _accepting = Task.CompletedTask;

    public static RecordingSink StartNew(Ledger ledger)
    {
        var sink = new RecordingSink(ledger.IsIntact);
        sink._listener.Start(256);
        sink._accepting = sink.AcceptAsync();
        return sink;
    }

    public IPEndPoint Address => (IPEndPoint)_listener.LocalEndpoint;

    /// <summary>All arrivals by recipient.</summary>
    public ConcurrentDictionary<string, ConcurrentQueue<Arrival>> Arrivals { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>While set, every recipient is answered 451: the next hop has trouble of its own.</summary>
    public bool IsRefusing { get; set; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var sessions = new List<Task>();
        try
        {
            while (!_stop.IsCancellationRequested)
            {
                var connection = await _listener.AcceptSocketAsync(_stop.Token);
                sessions.RemoveAll(session => session.IsCompleted);
                sessions.Add(ServeAsync(connection));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }

        await Task.WhenAll(sessions);
    }

    private async Task ServeAsync(Socket connection)
    {
        connection.NoDelay = true;
        await using var stream = new NetworkStream(connection, ownsSocket: true);
        try
        {
            await ConverseAsync(stream, PipeReader.Create(stream));
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // The gateway was killed, or the test is over: what had no 250 was not taken.
        }
    }

    private async Task ConverseAsync(NetworkStream stream, PipeReader reader)
    {
        Task SayAsync(string reply) => stream.WriteAsync(Encoding.ASCII.GetBytes(reply + "\r\n"), _stop.Token).AsTask();
        var recipients = new List<string>();
        await SayAsync("220 sink.example ready");
        while (await ReadLineAsync(reader) is { } line)
        {
            switch (line.Split(' ', ':')[0].ToUpperInvariant())
            {
                case "EHLO":
                    await SayAsync("250-sink.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-ENHANCEDSTATUSCODES\r\n250 SIZE 104857600");
                    break;
                case "RCPT" when IsRefusing:
                    await SayAsync("451 4.3.0 Not now");
                    break;
                case "RCPT":
                    recipients.Add(line[(line.IndexOf('<') + 1)..line.IndexOf('>')]);
                    await SayAsync("250 2.1.5 OK");
                    break;
                case "DATA" when recipients.Count == 0:
                    await SayAsync("554 5.5.1 No recipients");
                    break;
                case "DATA":
                    await SayAsync("354 go ahead");
                    var bytes = await ReadMessageAsync(reader);
                    // Booked first: the answer may reach a gateway that is killed before we run again.
                    recipients.ForEach(recipient => Arrivals.GetOrAdd(recipient, _ => []).Enqueue(new Arrival(recipient, isIntact(recipient, bytes), TimeProvider.System.GetUtcNow())));
                    recipients.Clear();
                    await SayAsync("250 2.0.0 Taken");
                    break;
                case "QUIT":
                    await SayAsync("221 2.0.0 Bye");
                    return;
                default:
                    recipients.Clear();
                    await SayAsync("250 2.0.0 OK");
                    break;
            }
        }
    }

    private async Task<string?> ReadLineAsync(PipeReader reader)
    {
        while (true)
        {
            var result = await reader.ReadAsync(_stop.Token);
            var end = result.Buffer.PositionOf((byte)'\n');
            if (end is { } position)
            {
                var line = Encoding.ASCII.GetString(result.Buffer.Slice(0, position)).TrimEnd();
                reader.AdvanceTo(result.Buffer.GetPosition(1, position));
                return line;
            }

            if (result.IsCompleted)
            {
                return null;
            }

            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }

    /// <summary>The message without its stuffing; a connection that ends before the dot brings none.</summary>
    private async Task<byte[]> ReadMessageAsync(PipeReader reader)
    {
        var message = new MemoryStream();
        var lineStart = true;
        while (true)
        {
            var result = await reader.ReadAsync(_stop.Token);
            var buffer = result.Buffer;
            while (buffer.PositionOf((byte)'\n') is { } position)
            {
                var next = buffer.GetPosition(1, position);
                var line = buffer.Slice(0, next).ToArray();
                buffer = buffer.Slice(next);
                if (lineStart && line is [(byte)'.', (byte)'\r', (byte)'\n'])
                {
                    reader.AdvanceTo(buffer.Start);
                    return message.ToArray();
                }

                message.Write(lineStart && line[0] == '.' ? line.AsSpan(1) : line);
                lineStart = line is [.., (byte)'\r', (byte)'\n'];
            }

            if (result.IsCompleted)
            {
                throw new IOException("The connection ended inside a message.");
            }

            reader.AdvanceTo(buffer.Start, buffer.End);
        }
    }
}
