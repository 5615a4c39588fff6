using System.IO.Pipelines;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Logging.Abstractions;

namespace SecuEdge.Smtp.Tests.Fakes;

/// <summary>
/// One connection of the server in memory. The pipe towards the server holds a single byte, so whoever writes goes on only when the server
/// has seen it: what a test sends byte by byte arrives byte by byte.
/// </summary>
internal sealed class TestSession : IAsyncDisposable, IDuplexPipe, IConnectionLifetimeNotificationFeature
{
    private readonly Pipe toServer = new(new PipeOptions(pauseWriterThreshold: 1, resumeWriterThreshold: 1));
    private readonly Pipe toClient = new();
    private readonly CancellationTokenSource stopping = new();
    private readonly CancellationTokenSource closed = new();
    private readonly ObservedReader input;
    private readonly Task server;
    private readonly Task earlyWrite = Task.CompletedTask;

    public TestSession(
        ScriptedGateway? gateway = null,
        SmtpServerOptions? options = null,
        TlsCertificateSource? certificates = null,
        SmtpConnectionLimits? limits = null,
        TimeProvider? time = null,
        string remote = "192.0.2.7:4711",
        string? earlyBytes = null)
    {
        input = new ObservedReader(toServer.Reader);
        Gateway = gateway ?? new ScriptedGateway();
        options ??= Options();
        var handler = new SmtpConnectionHandler(
            ListenerRole.Inbound,
            Gateway,
            options,
            certificates ?? new TlsCertificateSource(),
            limits ?? new SmtpConnectionLimits(options),
            time ?? TimeProvider.System,
            NullLogger<SmtpConnectionHandler>.Instance);
        Client = new TestClient(toClient.Reader, toServer.Writer);
        Server = handler;
        var context = new DefaultConnectionContext("test", this, this)
        {
            RemoteEndPoint = IPEndPoint.Parse(remote),
            LocalEndPoint = IPEndPoint.Parse("192.0.2.1:25"),
            ConnectionClosed = closed.Token,
        };
        context.Features.Set<IConnectionLifetimeNotificationFeature>(this);
        if (earlyBytes is not null)
        {
            earlyWrite = toServer.Writer.WriteAsync(Encoding.Latin1.GetBytes(earlyBytes)).AsTask();
        }

        server = RunAsync(context);
    }

    public ScriptedGateway Gateway { get; }

    public TestClient Client { get; }

    public SmtpConnectionHandler Server { get; }

    PipeReader IDuplexPipe.Input => input;

    PipeWriter IDuplexPipe.Output => toClient.Writer;

    CancellationToken IConnectionLifetimeNotificationFeature.ConnectionClosedRequested
    {
        get => stopping.Token;
        set => throw new NotSupportedException();
    }

    public static SmtpServerOptions Options() => new() { Hostname = "mx.example.org" };

    /// <summary>A session that has been greeted.</summary>
    public static async Task<TestSession> StartAsync(SmtpServerOptions? options = null, TimeProvider? time = null, TlsCertificateSource? certificates = null)
    {
        var session = new TestSession(options: options, time: time, certificates: certificates);
        Assert.Equal("220 mx.example.org ESMTP", await session.Client.ReadReplyAsync());
        return session;
    }

    /// <summary>Completes while the server waits for the client.</summary>
    public Task Waiting => input.Waiting.WaitAsync(TimeSpan.FromSeconds(20));

    /// <summary>What Kestrel does when the host begins to stop.</summary>
    public Task StopAsync() => stopping.CancelAsync();

    /// <summary>What Kestrel does when the host has waited long enough.</summary>
    public Task AbortAsync() => closed.CancelAsync();

    /// <summary>The connection breaks, as by a reset.</summary>
    public ValueTask BreakAsync() => toServer.Writer.CompleteAsync(new ConnectionResetException("reset"));

    /// <summary>Waits until the server has done with the connection.</summary>
    public Task EndAsync() => server.WaitAsync(TimeSpan.FromSeconds(20));

    void IConnectionLifetimeNotificationFeature.RequestClose() => stopping.Cancel();

    public async ValueTask DisposeAsync()
    {
        await toServer.Writer.CompleteAsync();
        await EndAsync();
        await earlyWrite;
        stopping.Dispose();
        closed.Dispose();
    }

    private async Task RunAsync(ConnectionContext context)
    {
        await Task.Yield();
        await Server.OnConnectedAsync(context);
        await toClient.Writer.CompleteAsync();
        await toServer.Reader.CompleteAsync();
    }
}
