using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
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

    /// <param name="fromFirstByte">The certificate of a listener that speaks TLS before SMTP (RFC 8314 §3.3).</param>
    public static async Task<KestrelServer> StartAsync(X509Certificate2? fromFirstByte = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var gateway = new ScriptedGateway();
        builder.Services.AddSingleton<ISmtpTransactions>(gateway);
        builder.Services.AddSingleton(TestSession.Options());
        builder.Services.AddSmtpServer();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listener =>
        {
            if (fromFirstByte is not null)
            {
                listener.UseHttps(fromFirstByte);
            }

            listener.UseSmtp(ListenerRole.Submission);
        }));
        var host = builder.Build();
        await host.StartAsync();
        return new KestrelServer(host) { Gateway = gateway };
    }

    /// <summary>A connection that has been greeted.</summary>
    public async Task<(TestClient Client, NetworkStream Stream)> ConnectAsync()
    {
        var stream = await OpenAsync();
        var client = Client(stream);
        Assert.StartsWith("220 ", await client.ReadReplyAsync(), StringComparison.Ordinal);
        return (client, stream);
    }

    public async Task<NetworkStream> OpenAsync()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, Port);
        return new NetworkStream(socket, ownsSocket: true);
    }

    public static TestClient Client(Stream stream) =>
        new(PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true)), PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true)));

    public Task StopAsync() => host.StopAsync();

    public ValueTask DisposeAsync() => host.DisposeAsync();
}
