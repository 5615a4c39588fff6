using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace SecuEdge.Smtp.Tests.Fakes;

/// <summary>The server as a host runs it: Kestrel on a loopback port, services from the container.</summary>
internal sealed class KestrelServer : IAsyncDisposable
{
    private readonly WebApplication host;

    private KestrelServer(WebApplication host) => this.host = host;

    public required ScriptedGateway Gateway { get; init; }

    public TlsCertificateSource Certificates => host.Services.GetRequiredService<TlsCertificateSource>();

    private int Port => new Uri(host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Port;

    public static async Task<KestrelServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var gateway = new ScriptedGateway();
        builder.Services.AddSingleton<ISmtpTransactions>(gateway);
        builder.Services.AddSingleton(TestSession.Options());
        builder.Services.AddSmtpServer();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listener => listener.UseSmtp(ListenerRole.Submission)));
        var host = builder.Build();
        await host.StartAsync();
        return new KestrelServer(host) { Gateway = gateway };
    }

    /// <summary>A connection that has been greeted.</summary>
    public async Task<(TestClient Client, NetworkStream Stream)> ConnectAsync()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, Port);
        var stream = new NetworkStream(socket, ownsSocket: true);
        var client = Client(stream);
        Assert.StartsWith("220 ", await client.ReadReplyAsync(), StringComparison.Ordinal);
        return (client, stream);
    }

    public static TestClient Client(Stream stream) =>
        new(PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true)), PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true)));

    public Task StopAsync() => host.StopAsync();

    public ValueTask DisposeAsync() => host.DisposeAsync();
}
