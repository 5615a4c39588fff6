using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using SecuEdge.TestKit;

namespace SecuEdge.Smtp.Tests;

/// <summary>From the connection to the point where MAIL may be sent: greeting, EHLO, TLS.</summary>
public sealed class ClientConnectorTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_server_without_EHLO_gets_HELO()
    {
        await using var sink = new SmtpSink { Script = c => c.Verb == "EHLO" ? SinkAnswer.Say("502 5.5.1 what?") : null };
        await using var client = await ClientTests.ConnectAsync(sink);
        var result = await client.SendAsync(ClientTests.Message("a\r\n"), Token);

        Assert.Equal(250, result.Results[0].Reply.Code);
        Assert.Contains("HELO test.example", sink.Commands);
    }

    [Fact]
    public async Task STARTTLS_is_used_with_any_certificate()
    {
        using var certificate = SelfSigned();
        await using var sink = new SmtpSink { Certificate = certificate };
        await using var client = await ClientTests.ConnectAsync(sink);
        await client.SendAsync(ClientTests.Message("a\r\n"), Token);

        Assert.NotNull(Assert.Single(sink.Messages).TlsVersion);
        Assert.NotNull(client.TlsVersion);
        Assert.Equal(1, sink.Connections);
    }

    [Fact]
    public async Task A_failed_handshake_leads_to_a_new_plain_connection_and_is_reported()
    {
        using var certificate = SelfSigned();
        await using var sink = new SmtpSink
        {
            Certificate = certificate,
            Script = c => c is { Verb: "STARTTLS", Connection: 1 } ? SinkAnswer.Say("220 go\r\nthis is not TLS\r\n") : null,
        };
        var connected = await new SmtpClientConnector(new SmtpClientOptions(), TimeProvider.System).ConnectAsync(sink.Endpoint, "sink.example", Token);
        await using var client = connected.Client!;
        var result = await client.SendAsync(ClientTests.Message("a\r\n"), Token);

        Assert.Equal(250, result.Results[0].Reply.Code);
        Assert.Equal(2, sink.Connections);
        Assert.Null(client.TlsVersion);
        Assert.NotEmpty(connected.TlsTrouble);
    }

    [Fact]
    public async Task A_refused_STARTTLS_goes_on_in_the_clear_on_the_same_connection()
    {
        using var certificate = SelfSigned();
        await using var sink = new SmtpSink { Certificate = certificate, Script = c => c.Verb == "STARTTLS" ? SinkAnswer.Say("454 4.7.0 later") : null };
        var connected = await new SmtpClientConnector(new SmtpClientOptions(), TimeProvider.System).ConnectAsync(sink.Endpoint, "sink.example", Token);
        await using var client = connected.Client!;
        var result = await client.SendAsync(ClientTests.Message("a\r\n"), Token);

        Assert.Equal(250, result.Results[0].Reply.Code);
        Assert.Equal((1, "454 4.7.0 later"), (sink.Connections, connected.TlsTrouble));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Required_TLS_is_never_given_up(bool isOffered)
    {
        using var certificate = SelfSigned();
        await using var sink = new SmtpSink { Certificate = isOffered ? certificate : null };
        var options = new SmtpClientOptions { Tls = SmtpClientTls.Required };
        var connected = await new SmtpClientConnector(options, TimeProvider.System).ConnectAsync(sink.Endpoint, "sink.example", Token);

        Assert.Null(connected.Client);
        Assert.Equal((SmtpStage.Tls, true), (connected.Stage, connected.Reply.IsTransient));
        Assert.DoesNotContain(sink.Commands, c => c.StartsWith("MAIL", StringComparison.Ordinal));
    }

    /// <summary>Answer to CONNECT or EHLO and the reply that results.</summary>
    public static TheoryData<string, string, int> Greetings => new()
    {
        { "CONNECT", "554 5.7.1 not you", 554 },
        { "CONNECT", "421 4.3.2 busy", 421 },
        { "CONNECT", "SSH-2.0-OpenSSH", 421 },
        { "EHLO", "421 4.3.2 busy", 421 },
        { "EHLO", "354 odd", 354 },
    };

    [Theory, MemberData(nameof(Greetings))]
    public async Task A_next_hop_that_does_not_want_to_talk_is_a_result(string verb, string answer, int code)
    {
        await using var sink = new SmtpSink { Script = c => c.Verb == verb ? SinkAnswer.Say(answer) : null };
        var connected = await new SmtpClientConnector(new SmtpClientOptions(), TimeProvider.System).ConnectAsync(sink.Endpoint, "sink.example", Token);

        Assert.Null(connected.Client);
        Assert.Equal(code, connected.Reply.Code);
    }

    [Fact]
    public async Task A_closed_port_is_a_result()
    {
        int port;
        await using (var sink = new SmtpSink())
        {
            port = sink.Port;
        }

        var endpoint = new SmtpEndpoint("127.0.0.1", port);
        var connected = await new SmtpClientConnector(new SmtpClientOptions(), TimeProvider.System).ConnectAsync(endpoint, "sink.example", Token);

        Assert.Equal($"421 4.4.1 No connection to 127.0.0.1:{port}: connection refused", connected.Reply.ToString());
    }

    private static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=sink.example", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("sink.example");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }
}
