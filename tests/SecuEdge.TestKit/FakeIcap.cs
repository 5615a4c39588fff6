using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SecuEdge.TestKit;

/// <summary>What the fake does with a file.</summary>
public enum FakeIcapBehaviour
{
    /// <summary>Reads it and answers 204, the page of a proxy where EICAR occurs, or what <see cref="FakeIcap.Answer"/> says.</summary>
    Answer,

    /// <summary>Reads everything and never answers.</summary>
    Hang,

    /// <summary>Hangs up as soon as a request begins.</summary>
    HangUp,

    /// <summary>Says "unchanged" before it has read the file, and reads no more.</summary>
    AnswerEarly,

    /// <summary>Sends the file back while it comes, as services do with large ones, and cuts it off where EICAR occurs.</summary>
    Echo,

    /// <summary>Answers to the preview, whatever follows.</summary>
    AnswerPreview,
}

/// <summary>One request as the fake read it.</summary>
public sealed record FakeIcapRequest(string Head, string Http, byte[] Body, bool IsPreviewOnly);

/// <summary>An ICAP service that does what a test tells it, on a port of its own. It can be stopped and started again at the same place.</summary>
public sealed class FakeIcap : IAsyncDisposable
{
    private readonly List<Socket> _connections = [];
    private Socket? _listener;
    private Socket? _reserved;
    private Task _accepting = Task.CompletedTask;
    private int _port;
    private int _sessions;
    private TaskCompletionSource _stopped = new();

    public FakeIcap() => Start();

    public FakeIcapBehaviour Behaviour { get; set; }

    /// <summary>The whole reply, in place of the honest one.</summary>
    public Func<FakeIcapRequest, string>? Answer { get; set; }

    /// <summary>The whole reply to OPTIONS.</summary>
    public string Options { get; set; } =
        "ICAP/1.0 200 OK\r\nMethods: RESPMOD, REQMOD\r\nService: Fake/1.0\r\nISTag: \"tag-1\"\r\nMax-Connections: 100\r\nOptions-TTL: 3600\r\n"
        + "Preview: 1024\r\nAllow: 204\r\nTransfer-Preview: *\r\nEncapsulated: null-body=0\r\n\r\n";

    /// <summary>ISTag of the honest answers.</summary>
    public string ServiceTag { get; set; } = "tag-1";

    /// <summary>Sends replies in single bytes.</summary>
    public bool IsSlow { get; set; }

    /// <summary>Ends the connection after each answer without having said so.</summary>
    public bool ClosesAfterAnswer { get; set; }

    /// <summary>Scan requests, in the order of their end.</summary>
    public List<FakeIcapRequest> Requests { get; } = [];

    public int Sessions => _sessions;

    public string Url => $"icap://127.0.0.1:{_port.ToString(CultureInfo.InvariantCulture)}/avscan";

    public void Start()
    {
        var listener = _reserved ?? Bind(_port);
        _reserved = null;
        listener.Listen(15);
        _port = ((IPEndPoint)listener.LocalEndPoint!).Port;
        _listener = listener;
        _stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _accepting = AcceptAsync(listener);
    }

    public async Task StopAsync()
    {
        if (_listener is null)
        {
            return;
        }

        _listener.Dispose();
        _listener = null;
        _stopped.TrySetResult();
        lock (_connections)
        {
            foreach (var connection in _connections)
            {
                connection.Dispose();
            }

            _connections.Clear();
        }

        await _accepting;
        // Nobody else may get the port meanwhile; bound without listening it refuses like a closed one.
        _reserved = Bind(_port);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _reserved?.Dispose();
    }

    private static Socket Bind(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        // Connections that are still ending must not keep the port from its next owner, who is us.
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
        return socket;
    }

    private async Task AcceptAsync(Socket listener)
    {
        List<Task> sessions = [];
        try
        {
            while (true)
            {
                var socket = await listener.AcceptAsync();
                Interlocked.Increment(ref _sessions);
                lock (_connections)
                {
                    _connections.Add(socket);
                }

                sessions.Add(ServeAsync(socket));
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Stopped.
        }

        await Task.WhenAll(sessions);
    }

    private async Task ServeAsync(Socket socket)
    {
        try
        {
            await using var stream = new NetworkStream(socket, ownsSocket: true);
            while (await ServeOneAsync(stream))
            {
            }
        }
        catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException)
        {
            // The client went away.
        }
    }

    private async Task<bool> ServeOneAsync(NetworkStream stream)
    {
        var head = await ReadHeadAsync(stream);
        if (head.StartsWith("OPTIONS", StringComparison.Ordinal))
        {
            await SendAsync(stream, Options);
            return true;
        }

        if (Behaviour == FakeIcapBehaviour.HangUp)
        {
            return false;
        }

        var http = new StringBuilder();
        for (var i = 0; i < Heads(head); i++)
        {
            http.Append(await ReadHeadAsync(stream));
        }

        if (Behaviour == FakeIcapBehaviour.AnswerEarly)
        {
            await SendAsync(stream, $"ICAP/1.0 204 No Modifications Needed\r\nISTag: \"{ServiceTag}\"\r\n\r\n");
            await _stopped.Task;
        }

        return Behaviour == FakeIcapBehaviour.Echo ? await EchoAsync(stream) : await AnswerAsync(stream, head, http.ToString());
    }

    private async Task<bool> AnswerAsync(NetworkStream stream, string head, string http)
    {
        using var body = new MemoryStream();
        var isPreview = head.Contains("\r\nPreview:", StringComparison.OrdinalIgnoreCase);
        var isWhole = await ReadChunksAsync(stream, piece => body.Write(piece));
        if (isPreview && !isWhole && Behaviour != FakeIcapBehaviour.AnswerPreview)
        {
            await SendAsync(stream, "ICAP/1.0 100 Continue\r\n\r\n");
            await ReadChunksAsync(stream, piece => body.Write(piece));
            isWhole = true;
        }

        var request = new FakeIcapRequest(head, http, body.ToArray(), isPreview && !isWhole);
        lock (Requests)
        {
            Requests.Add(request);
        }

        if (Behaviour == FakeIcapBehaviour.Hang)
        {
            await _stopped.Task;
        }

        var isInfected = request.Body.AsSpan().IndexOf(FakeClamd.Eicar) >= 0;
        await SendAsync(stream, Answer?.Invoke(request) ?? (isInfected ? Page() : $"ICAP/1.0 204 No Modifications Needed\r\nISTag: \"{ServiceTag}\"\r\n\r\n"));
        return !ClosesAfterAnswer && Answer is null;
    }

    private string Page()
    {
        const string Http = "HTTP/1.1 403 Forbidden\r\nContent-Type: text/html\r\n\r\n";
        return $"ICAP/1.0 200 OK\r\nISTag: \"{ServiceTag}\"\r\nX-Infection-Found: Type=0; Resolution=2; Threat=Eicar-Test;\r\n"
            + $"Encapsulated: res-hdr=0, res-body={Http.Length.ToString(CultureInfo.InvariantCulture)}\r\n\r\n{Http}7\r\nBlocked\r\n0\r\n\r\n";
    }

    private async Task<bool> EchoAsync(NetworkStream stream)
    {
        const string Http = "HTTP/1.1 200 OK\r\n\r\n";
        await SendAsync(stream, $"ICAP/1.0 200 OK\r\nEncapsulated: res-hdr=0, res-body={Http.Length.ToString(CultureInfo.InvariantCulture)}\r\n\r\n{Http}");
        var isInfected = false;
        var writes = Task.CompletedTask;
        await ReadChunksAsync(stream, piece =>
        {
            isInfected |= piece.AsSpan().IndexOf(FakeClamd.Eicar) >= 0;
            if (!isInfected)
            {
                byte[] chunk = [.. Encoding.ASCII.GetBytes(piece.Length.ToString("x", CultureInfo.InvariantCulture) + "\r\n"), .. piece, .. "\r\n"u8];
                writes = writes.ContinueWith(_ => stream.WriteAsync(chunk).AsTask(), TaskScheduler.Default).Unwrap();
            }
        });
        await writes;
        await SendAsync(stream, "0\r\n\r\n");
        return true;
    }

    private async Task SendAsync(NetworkStream stream, string text)
    {
        var bytes = Encoding.Latin1.GetBytes(text);
        if (!IsSlow)
        {
            await stream.WriteAsync(bytes);
            return;
        }

        foreach (var value in bytes)
        {
            await stream.WriteAsync(new[] { value });
        }
    }

    private static int Heads(string head)
    {
        var line = head.Split("\r\n").First(field => field.StartsWith("Encapsulated:", StringComparison.OrdinalIgnoreCase));
        return line.Split("-hdr=").Length - 1;
    }

    private static async Task<string> ReadHeadAsync(NetworkStream stream)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (head.Length < 4 || head.ToString(head.Length - 4, 4) != "\r\n\r\n")
        {
            await stream.ReadExactlyAsync(one);
            head.Append((char)one[0]);
        }

        return head.ToString();
    }

    /// <returns>The last chunk said that there is no more (ieof).</returns>
    private static async Task<bool> ReadChunksAsync(NetworkStream stream, Action<byte[]> take)
    {
        while (true)
        {
            var line = (await ReadLineAsync(stream)).Split(';');
            var size = int.Parse(line[0].Trim(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            if (size == 0)
            {
                await ReadLineAsync(stream);
                return line.Length > 1 && line[1].Trim() == "ieof";
            }

            var piece = new byte[size];
            await stream.ReadExactlyAsync(piece);
            await ReadLineAsync(stream);
            take(piece);
        }
    }

    private static async Task<string> ReadLineAsync(NetworkStream stream)
    {
        var line = new StringBuilder();
        var one = new byte[1];
        while (true)
        {
            await stream.ReadExactlyAsync(one);
            if (one[0] == '\n')
            {
                return line.ToString().TrimEnd('\r');
            }

            line.Append((char)one[0]);
        }
    }
}
