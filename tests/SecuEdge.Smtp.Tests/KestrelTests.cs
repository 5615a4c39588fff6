using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using SecuEdge.Smtp.Tests.Fakes;

namespace SecuEdge.Smtp.Tests;

/// <summary>What needs the real thing: sockets, TLS, the stop of a host.</summary>
public sealed class KestrelTests : IAsyncLifetime
{
    private KestrelServer server = null!; // Set before each test.

    public async ValueTask InitializeAsync()
    {
        server = await KestrelServer.StartAsync();
        server.Certificates.Replace(SelfSigned());
    }

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Theory]
    [InlineData(SslProtocols.Tls12, "TLSv1.2")]
    [InlineData(SslProtocols.Tls13, "TLSv1.3")]
    public async Task A_message_comes_in_under_TLS(SslProtocols protocol, string version)
    {
        var (client, stream) = await server.ConnectAsync();
        await using var connection = stream;
        Assert.Contains("STARTTLS", await client.SayAsync("EHLO client"), StringComparison.Ordinal);
        Assert.StartsWith("220 2.0.0 ", await client.SayAsync("STARTTLS"), StringComparison.Ordinal);
        await using var tls = await HandshakeAsync(stream, protocol);
        var secured = KestrelServer.Client(tls);
        Assert.Equal("503 5.5.1 Send EHLO or HELO first", await secured.SayAsync("MAIL FROM:<a@example.net>"));
        var hello = await secured.SayAsync("EHLO client");
        Assert.DoesNotContain("STARTTLS", hello, StringComparison.Ordinal);
        Assert.Equal("503 5.5.1 TLS is active already", await secured.SayAsync("STARTTLS"));
        await secured.SayAsync("MAIL FROM:<a@example.net>", "RCPT TO:<b@example.org>", "DATA");
        var body = string.Concat(Enumerable.Repeat(new string('x', 70) + "\r\n", 5_000));
        await secured.SendAsync(body);
        Assert.Equal("250 2.0.0 OK", await secured.SayAsync("."));
        Assert.Equal(body.Length, Assert.Single(server.Gateway.Messages).Body.Length);
        Assert.StartsWith("221 ", await secured.SayAsync("QUIT"), StringComparison.Ordinal);
        Assert.Null(await secured.ReadReplyAsync());

        var seen = Assert.Single(server.Gateway.Connections);
        Assert.Equal(version, seen.TlsVersion);
        Assert.StartsWith("TLS_", seen.TlsCipher, StringComparison.Ordinal);
        Assert.Equal(ListenerRole.Submission, seen.Role);
    }

    [Fact]
    public async Task Bytes_sent_along_with_STARTTLS_are_refused()
    {
        var (client, stream) = await server.ConnectAsync();
        await using var connection = stream;
        await client.SayAsync("EHLO client");
        await client.SendLinesAsync("STARTTLS", "MAIL FROM:<injected@example.net>");
        Assert.StartsWith("503 5.5.1 ", await client.ReadReplyAsync(), StringComparison.Ordinal);
        Assert.Null(await client.ReadReplyAsync());
        Assert.Empty(server.Gateway.Transactions);
    }

    [Fact]
    public async Task Plain_bytes_after_the_reply_end_the_connection()
    {
        var (client, stream) = await server.ConnectAsync();
        await using var connection = stream;
        await client.SayAsync("EHLO client", "STARTTLS");
        await client.SendLinesAsync("MAIL FROM:<injected@example.net>");
        await stream.CopyToAsync(Stream.Null, TestContext.Current.CancellationToken);
        Assert.Empty(server.Gateway.Transactions);
        Assert.Equal(SmtpStage.Tls, Assert.Single(server.Gateway.Refusals).Stage);
    }

    [Fact]
    public async Task Without_a_certificate_TLS_is_not_offered()
    {
        server.Certificates.Replace(null);
        var (client, stream) = await server.ConnectAsync();
        await using var connection = stream;
        Assert.DoesNotContain("STARTTLS", await client.SayAsync("EHLO client"), StringComparison.Ordinal);
        Assert.StartsWith("454 4.7.0 ", await client.SayAsync("STARTTLS"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_listener_may_speak_TLS_from_the_first_byte()
    {
        await using var implicitTls = await KestrelServer.StartAsync(SelfSigned());
        implicitTls.Certificates.Replace(SelfSigned());
        await using var tls = await HandshakeAsync(await implicitTls.OpenAsync(), SslProtocols.Tls13);
        var client = KestrelServer.Client(tls);
        Assert.StartsWith("220 ", await client.ReadReplyAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain("STARTTLS", await client.SayAsync("EHLO client"), StringComparison.Ordinal);
        Assert.Equal("TLSv1.3", Assert.Single(implicitTls.Gateway.Connections).TlsVersion);
    }

    [Fact]
    public async Task A_new_certificate_serves_the_next_handshake()
    {
        var renewed = SelfSigned();
        server.Certificates.Replace(renewed);
        var (client, stream) = await server.ConnectAsync();
        await using var connection = stream;
        await client.SayAsync("EHLO client", "STARTTLS");
        await using var tls = await HandshakeAsync(stream, SslProtocols.Tls13);
        Assert.Equal(renewed.GetCertHashString(), tls.RemoteCertificate!.GetCertHashString());
    }

    [Fact]
    public async Task A_host_that_stops_says_goodbye_to_plain_and_secured_connections()
    {
        var (idle, idleStream) = await server.ConnectAsync();
        var (plain, securedStream) = await server.ConnectAsync();
        await using var connections = idleStream;
        await plain.SayAsync("EHLO client", "STARTTLS");
        await using var tls = await HandshakeAsync(securedStream, SslProtocols.Tls13);
        var secured = KestrelServer.Client(tls);
        await secured.SayAsync("EHLO client");

        var stop = server.StopAsync();
        Assert.StartsWith("421 4.3.2 ", Assert.Single(await idle.ReadToEndAsync()), StringComparison.Ordinal);
        Assert.StartsWith("421 4.3.2 ", Assert.Single(await secured.ReadToEndAsync()), StringComparison.Ordinal);
        await stop;
        Assert.Equal(2, server.Gateway.Disconnects);
    }

    [Fact]
    public async Task A_message_under_TLS_is_finished_by_a_host_that_stops()
    {
        var (plain, stream) = await server.ConnectAsync();
        await plain.SayAsync("EHLO client", "STARTTLS");
        await using var tls = await HandshakeAsync(stream, SslProtocols.Tls13);
        var client = KestrelServer.Client(tls);
        await client.SayAsync("EHLO client", "MAIL FROM:<a@example.net>", "RCPT TO:<b@example.org>", "DATA");
        await client.SendLinesAsync("first half");
        var stop = server.StopAsync();
        await client.SendLinesAsync("second half", ".");
        Assert.Equal("250 2.0.0 OK", await client.ReadReplyAsync());
        Assert.StartsWith("421 4.3.2 ", Assert.Single(await client.ReadToEndAsync()), StringComparison.Ordinal);
        await stop;
        Assert.Single(server.Gateway.Messages);
    }

    [Fact]
    public async Task A_large_message_reaches_the_gateway_in_blocks()
    {
        var (client, stream) = await server.ConnectAsync();
        await using var connection = stream;
        await client.SayAsync("HELO client", "MAIL FROM:<a@example.net>", "RCPT TO:<b@example.org>", "DATA");
        var block = string.Concat(Enumerable.Repeat(".." + new string('x', 68) + "\r\n", 1_000));
        for (var i = 0; i < 100; i++)
        {
            await client.SendAsync(block);
        }

        Assert.Equal("250 2.0.0 OK", await client.SayAsync("."));
        Assert.Equal(100 * (block.Length - 1_000), Assert.Single(server.Gateway.Messages).Body.Length);
        Assert.InRange(server.Gateway.LargestWrite, 1, 64 * 1024);
    }

    private static async Task<SslStream> HandshakeAsync(Stream stream, SslProtocols protocol)
    {
        var tls = new SslStream(stream, leaveInnerStreamOpen: false);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "mx.example.org",
            EnabledSslProtocols = protocol,
            RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.Subject == "CN=mx.example.org",
        });
        return tls;
    }

    private static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=mx.example.org", key, HashAlgorithmName.SHA256);
        return request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
    }
}
