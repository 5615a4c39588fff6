using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using SecuEdge.Smtp;

namespace SecuEdge.TestKit;

/// <summary>
/// A next hop for tests: takes every message, byte-exact, unless its script says otherwise. Knows SMTP from the RFC alone and nothing of
/// our server, so that both sides of ours cannot agree on the same mistake.
/// </summary>
public sealed class SmtpSink : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly List<SinkMessage> _attempts = [];
    private readonly List<(int Count, TaskCompletionSource Reached)> _waiters = [];
    private readonly ConcurrentDictionary<int, Task> _sessions = new();
    private Task _accepting = Task.CompletedTask;
    private int _connections;
    private int _delivered;
    private int _open;
    private int _mostOpen;
    private bool _isDisposed;

    /// <param name="isDown">Refuses connections until <see cref="Start"/>. It has its port from the beginning, so that nobody else may get it.</param>
    public SmtpSink(bool isDown = false)
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        Port = ((IPEndPoint)_listener.LocalEndPoint!).Port;
        if (!isDown)
        {
            Start();
        }
    }

    public int Port { get; }

    public SmtpEndpoint Endpoint => new("127.0.0.1", Port);

    /// <summary>Keywords after the server's name in the reply to EHLO; STARTTLS is added by <see cref="Certificate"/>.</summary>
    public IReadOnlyList<string> Extensions { get; init; } = ["PIPELINING", "SIZE 52428800", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES"];

    /// <summary>With a certificate STARTTLS is offered.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>Asked for every command, for CONNECT, and for BODY (the final dot). Null = the usual reply.</summary>
    public Func<SinkCommand, SinkAnswer?> Script { get; set; } = _ => null;

    /// <summary>Drops the connection when this many bytes of a body have arrived.</summary>
    public int? DropAfterBodyBytes { get; set; }

    public int Connections => Volatile.Read(ref _connections);

    /// <summary>The most connections that were open at the same time.</summary>
    public int MostOpenConnections => Volatile.Read(ref _mostOpen);

    public ConcurrentQueue<string> Commands { get; } = new();

    /// <summary>Every message whose final dot came, whatever was answered.</summary>
    public IReadOnlyList<SinkMessage> Attempts
    {
        get
        {
            lock (_lock)
            {
                return [.. _attempts];
            }
        }
    }

    /// <summary>Messages answered with 2xx.</summary>
    public IReadOnlyList<SinkMessage> Messages => [.. Attempts.Where(m => m.IsTaken)];

    /// <summary>Takes connections from now on.</summary>
    public void Start()
    {
        _listener.Listen(512);
        _accepting = AcceptAsync();
    }

    /// <summary>Completes when so many messages were answered with 2xx.</summary>
    public Task WaitForMessagesAsync(int count, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_delivered >= count)
            {
                return Task.CompletedTask;
            }

            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add((count, reached));
            return reached.Task.WaitAsync(cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        await Task.WhenAll(_sessions.Values);
        _stop.Dispose();
    }

    internal void Record(SinkMessage message)
    {
        lock (_lock)
        {
            _attempts.Add(message);
            _delivered += message.IsTaken ? 1 : 0;
            foreach (var (_, reached) in _waiters.Where(w => w.Count <= _delivered))
            {
                reached.TrySetResult();
            }

            _waiters.RemoveAll(w => w.Count <= _delivered);
        }
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptAsync(_stop.Token);
                var number = Interlocked.Increment(ref _connections);
                _sessions[number] = ServeAsync(client, number);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task ServeAsync(Socket client, int number)
    {
        await Task.Yield();
        lock (_lock)
        {
            _mostOpen = Math.Max(_mostOpen, ++_open);
        }

        var isCounted = true;
        void Uncount() => Interlocked.Add(ref _open, Interlocked.Exchange(ref isCounted, false) ? -1 : 0);

        try
        {
            client.NoDelay = true;
            await using var session = new SmtpSinkSession(this, new NetworkStream(client), number, Uncount);
            await session.RunAsync(_stop.Token);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or SocketException)
        {
        }
        finally
        {
            client.Dispose();
            Uncount();
            _sessions.TryRemove(number, out _);
        }
    }
}

/// <summary>What the next hop saw of one message.</summary>
/// <param name="MailParameters">Behind the path of MAIL, as sent.</param>
/// <param name="Bytes">Dot-unstuffed, with the CRLF of the last line, without the final dot line.</param>
public sealed record SinkMessage(
    int Connection, string ReversePath, string MailParameters, IReadOnlyList<string> Recipients, byte[] Bytes, string? TlsVersion, bool IsTaken);

/// <param name="Connection">Counted from 1.</param>
/// <param name="Verb">Upper case; CONNECT before the greeting, BODY at the final dot.</param>
/// <param name="Message">How many final dots this connection has seen before.</param>
public sealed record SinkCommand(int Connection, string Verb, string Argument, int Message);

/// <summary>A scripted answer.</summary>
public sealed record SinkAnswer
{
    /// <summary>Closes without a word.</summary>
    public static SinkAnswer Drop { get; } = new() { IsDrop = true };

    public string? Text { get; init; }

    public bool IsDrop { get; init; }

    /// <summary>Close after the text.</summary>
    public bool IsLast { get; init; }

    /// <summary>Waits for this first: a slow server under the test's control.</summary>
    public Task Wait { get; init; } = Task.CompletedTask;

    /// <summary>Lines are separated by CRLF; the last CRLF is added.</summary>
    public static SinkAnswer Say(string text) => new() { Text = text };

    /// <summary>Never answers, keeps the connection.</summary>
    public static SinkAnswer Silence { get; } = new() { Wait = Task.Delay(Timeout.Infinite) };
}
