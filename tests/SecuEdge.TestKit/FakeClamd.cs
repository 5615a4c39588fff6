using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SecuEdge.TestKit;

/// <summary>What the fake does with a scan.</summary>
public enum FakeClamdBehaviour
{
    /// <summary>Answers OK, FOUND where EICAR occurs, or what <see cref="FakeClamd.Answer"/> says.</summary>
    Answer,

    /// <summary>Reads everything and never answers.</summary>
    Hang,

    /// <summary>Hangs up as soon as a scan begins.</summary>
    HangUp,

    /// <summary>Stops reading at <see cref="FakeClamd.StreamMaxLength"/>, says so and keeps the connection, as clamd does.</summary>
    LimitSize,
}

/// <summary>
/// A clamd that does what a test tells it, on a Unix socket or a TCP port of its own: IDSESSION, INSTREAM, FILDES, PING, VERSION and
/// RELOAD. It can be stopped and started again at the same place.
/// </summary>
public sealed class FakeClamd : IAsyncDisposable
{
    private readonly string? _folder;
    private readonly List<Socket> _connections = [];
    private EndPoint _address;
    private Socket? _listener;
    private Socket? _reserved;
    private Task _accepting = Task.CompletedTask;
    private TaskCompletionSource _scanStarted = NewSignal();
    private int _sessions;
    private int _scans;
    private int _descriptors;

    private FakeClamd(EndPoint address, string? folder)
    {
        _address = address;
        _folder = folder;
        Start();
    }

    /// <summary>The EICAR test file, joined at run time: no file of ours may carry it.</summary>
    public static byte[] Eicar { get; } =
        Encoding.ASCII.GetBytes(string.Join("EICAR-STANDARD-ANTIVIRUS", @"X5O!P%@AP[4\PZX54(P^)7CC)7}$", "-TEST-FILE!$H+H*"));

    public FakeClamdBehaviour Behaviour { get; set; }

    /// <summary>The whole reply by id and content, in place of the honest one; without the terminating NUL.</summary>
    public Func<uint, byte[], string>? Answer { get; set; }

    /// <summary>Awaited before each reply, so that a test can act while a scan runs.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    public long StreamMaxLength { get; set; } = 100_000;

    public string Version { get; set; } = "ClamAV 1.4.3/27500/Mon Nov 17 10:00:00 2025";

    public int Sessions => _sessions;

    public int Scans => _scans;

    /// <summary>Scans that came as a file descriptor.</summary>
    public int Descriptors => _descriptors;

    /// <summary>As the options of the client want it.</summary>
    public string Endpoint => _address is IPEndPoint ip
        ? $"tcp:{ip.Address}:{ip.Port.ToString(CultureInfo.InvariantCulture)}"
        : $"unix:{_address}";

    /// <summary>Completes when the next scan begins.</summary>
    public Task ScanStarted => _scanStarted.Task;

    public static FakeClamd OnUnixSocket()
    {
        var folder = Directory.CreateTempSubdirectory("clamd").FullName;
        return new FakeClamd(new UnixDomainSocketEndPoint(Path.Combine(folder, "s")), folder);
    }

    public static FakeClamd OnTcp() => new(new IPEndPoint(IPAddress.Loopback, 0), null);

    public void Start()
    {
        if (_folder is not null)
        {
            File.Delete(_address.ToString()!);
        }

        var listener = _reserved ?? Bind(_address);
        _reserved = null;
        // clamd's own queue.
        listener.Listen(15);
        _address = listener.LocalEndPoint is IPEndPoint ip ? ip : _address;
        _listener = listener;
        _scanStarted = NewSignal();
        _accepting = AcceptAsync(listener);
    }

    /// <summary>Like kill -9: connections break, the socket file stays behind and refuses.</summary>
    public async Task StopAsync()
    {
        if (_listener is null)
        {
            return;
        }

        if (_address is IPEndPoint)
        {
            _listener.Dispose();
        }
        else
        {
            // .NET removes the socket's file with the listener, a killed process does not.
            var path = _address.ToString()!;
            File.Move(path, path + ".kept");
            _listener.Dispose();
            File.Move(path + ".kept", path);
        }

        _listener = null;
        lock (_connections)
        {
            _connections.ForEach(connection => connection.Dispose());
            _connections.Clear();
        }

        await _accepting;
        if (_address is IPEndPoint)
        {
            // Nobody else may get the port meanwhile; bound without listening it refuses like a closed one.
            _reserved = Bind(_address);
        }
    }

    /// <summary>Says something on every connection without having been asked.</summary>
    public async Task SayAsync(string text)
    {
        Socket[] connections;
        lock (_connections)
        {
            connections = [.. _connections];
        }

        foreach (var connection in connections)
        {
            await connection.SendAsync(Encoding.Latin1.GetBytes(text));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _reserved?.Dispose();
        if (_folder is not null)
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    private static Socket Bind(EndPoint address)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
        if (address is IPEndPoint)
        {
            // Connections that are still ending must not keep the port from its next owner, who is us.
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        }

        socket.Bind(address);
        return socket;
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task AcceptAsync(Socket listener)
    {
        List<Task> serving = [];
        try
        {
            while (true)
            {
                var connection = await listener.AcceptAsync();
                lock (_connections)
                {
                    _connections.Add(connection);
                }

                serving.Add(ServeAsync(connection));
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Stopped.
        }

        await Task.WhenAll(serving);
    }

    private async Task ServeAsync(Socket connection)
    {
        using var peer = new FakeClamdPeer(connection);
        var id = 0u;
        var isSession = false;
        try
        {
            while (await peer.ReadCommandAsync() is { } command)
            {
                if (command == "zIDSESSION")
                {
                    isSession = true;
                    Interlocked.Increment(ref _sessions);
                    continue;
                }

                id++;
                if (await RunAsync(peer, command, id) is not { } reply)
                {
                    return;
                }

                await connection.SendAsync(Encoding.Latin1.GetBytes((isSession && Answer is null ? $"{id}: " : "") + reply + "\0"));
                if (!isSession)
                {
                    return;
                }
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or EndOfStreamException)
        {
            // The client has gone, or the fake was stopped.
        }
    }

    private async Task<string?> RunAsync(FakeClamdPeer peer, string command, uint id)
    {
        switch (command)
        {
            case "zPING":
                return "PONG";
            case "zVERSION":
                return Version;
            case "zRELOAD":
                return "RELOADING";
            case "zINSTREAM" or "zFILDES":
                return await ScanAsync(peer, command, id);
            default:
                return "UNKNOWN COMMAND";
        }
    }

    private async Task<string?> ScanAsync(FakeClamdPeer peer, string command, uint id)
    {
        Interlocked.Increment(ref _scans);
        _scanStarted.TrySetResult();
        if (Behaviour == FakeClamdBehaviour.HangUp)
        {
            return null;
        }

        var isFile = command == "zFILDES";
        var limit = Behaviour == FakeClamdBehaviour.LimitSize ? StreamMaxLength : long.MaxValue;
        var content = isFile ? await peer.ReadFileAsync() : await peer.ReadStreamAsync(limit);
        if (isFile)
        {
            Interlocked.Increment(ref _descriptors);
        }

        if (Behaviour == FakeClamdBehaviour.Hang)
        {
            await peer.WaitForHangUpAsync();
            return null;
        }

        await Gate;
        var subject = isFile ? "fd[12]" : "stream";
        return content is null ? "INSTREAM size limit exceeded. ERROR"
            : Answer?.Invoke(id, content)
            ?? (content.AsSpan().IndexOf(Eicar) >= 0 ? $"{subject}: Eicar-Test-Signature FOUND" : $"{subject}: OK");
    }
}
