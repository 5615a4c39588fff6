using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using SecuEdge.Appliance.Settings;
using SecuEdge.Smtp;
using SecuEdge.Store.Audit;
using SecuEdge.TestKit;

namespace SecuEdge.Appliance.Tests;

/// <summary>The whole gateway in this process, on ports of its own, with a scripted clamd and a scripted next hop: seen from outside only.</summary>
public sealed class RunningGateway : IAsyncDisposable
{
    private readonly DirectoryInfo _data;
    private readonly DataFolder _folder;
    private readonly Stores _stores;
    private readonly WebApplication _app;
    private readonly GatewayLog _log;

    private RunningGateway(DirectoryInfo data, DataFolder folder, Stores stores, WebApplication app, GatewayLog log, SmtpSink sink, FakeClamd clamd)
    {
        _log = log;
        _data = data;
        _folder = folder;
        _stores = stores;
        _app = app;
        Sink = sink;
        Clamd = clamd;
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses
            .Where(a => !a.Contains("unix:", StringComparison.Ordinal)).Select(a => new Uri(a)).ToList();
        Inbound = new SmtpEndpoint("127.0.0.1", addresses[0].Port);
        Outbound = new SmtpEndpoint("127.0.0.1", addresses[1].Port);
        Management = Client(new Uri($"http://127.0.0.1:{addresses[4].Port}/"), null);
        var api = new Uri($"https://127.0.0.1:{addresses[3].Port}/");
        Anonymous = Client(api, null);
        Api = Client(api, File.ReadAllText(Path.Combine(data.FullName, "keys", "setup-token")).Trim());
    }

    public SmtpSink Sink { get; }

    public FakeClamd Clamd { get; }

    public SmtpEndpoint Inbound { get; }

    public SmtpEndpoint Outbound { get; }

    /// <summary>With the first token.</summary>
    public HttpClient Api
    {
        get
        {
            _log.Follow();
            return field;
        }
    }

    public HttpClient Anonymous
    {
        get
        {
            _log.Follow();
            return field;
        }
    }

    public HttpClient Management { get; }

    public string DataPath => _data.FullName;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <param name="settings">Key and value as in configuration, <c>Queue:Lifetime</c>.</param>
    public static Task<RunningGateway> StartAsync(params (string Key, string Value)[] settings) => StartWithRulesAsync("[]", settings);

    /// <param name="rules">Of tenant acme, as JSON.</param>
    public static Task<RunningGateway> StartWithRulesAsync(string rules, params (string Key, string Value)[] settings) =>
        StartAsync(port => Site(port).Replace("\"RULES\"", rules, StringComparison.Ordinal), settings);

    /// <param name="siteOf">The site file, by the port of the next hop.</param>
    public static async Task<RunningGateway> StartAsync(Func<int, string> siteOf, params (string Key, string Value)[] settings)
    {
        var data = Directory.CreateTempSubdirectory("secuedge-test-");
        var sink = new SmtpSink();
        var clamd = FakeClamd.OnUnixSocket();
        clamd.StreamMaxLength = 100_000_000;
        var site = Path.Combine(data.FullName, "site.json");
        await File.WriteAllTextAsync(site, siteOf(sink.Port), Cancelled);
        var values = new Dictionary<string, string?>
        {
            ["Data"] = Path.Combine(data.FullName),
            ["Site"] = site,
            ["Smtp:Hostname"] = "mx.test.example",
            ["Listeners:Inbound"] = "127.0.0.1:0",
            ["Listeners:Outbound"] = "127.0.0.1:0",
            ["Listeners:Submission"] = "127.0.0.1:0",
            ["Listeners:Api"] = "127.0.0.1:0",
            ["Listeners:Management"] = "127.0.0.1:0",
            ["ClamAv:Endpoint"] = clamd.Endpoint,
            ["ClamAv:Supervise"] = "false",
            ["ClamAv:StatusInterval"] = "00:00:01",
            ["Store:FreeSpaceFloorBytes"] = "0",
        };
        foreach (var (key, value) in settings)
        {
            values[key] = value;
        }

        var configuration = Configuration.Read(new ConfigurationBuilder().AddInMemoryCollection(values).Build(), []);
        Assert.Empty(configuration.Errors);
        var (folder, error) = DataFolder.Open(data.FullName);
        Assert.Equal("", error);
        var log = new GatewayLog();
        log.Follow();
        var stores = await Stores.OpenAsync(configuration, log, TimeProvider.System);
        var app = GatewayHost.Build(configuration, folder!, stores, log, TimeProvider.System);
        Assert.Empty(await GatewayHost.PrepareAsync(app, configuration, folder!, stores));
        await app.StartAsync(Cancelled);
        return new RunningGateway(data, folder!, stores, app, log, sink, clamd);
    }

    /// <summary>The API for somebody with a token of his own.</summary>
    public HttpClient ClientOf(string? token) => Client(Anonymous.BaseAddress!, token);

    internal T Service<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    /// <summary>Sends one message and returns the reply that decided: of MAIL, RCPT, DATA or the final dot.</summary>
    public async Task<SmtpReply> SendAsync(string body, string to = "info@acme.example", string from = "me@sender.example", bool isOutbound = false)
    {
        _log.Follow();
        var bytes = Encoding.Latin1.GetBytes(body.ReplaceLineEndings("\r\n"));
        var recipients = to.Split(',').Select(t => MailPath.TryParse(t, out var path) ? path : throw new ArgumentException(t)).ToList();
        var connected = await new SmtpClientConnector(new SmtpClientOptions { Hostname = "client.example" }, TimeProvider.System)
            .ConnectAsync(isOutbound ? Outbound : Inbound, "127.0.0.1", Cancelled);
        await using var client = connected.Client ?? throw new InvalidOperationException(connected.Reply?.ToString());
        var result = await client.SendAsync(
            new OutgoingMessage
            {
                ReversePath = MailPath.TryParse(from, out var sender) ? sender : MailPath.Null,
                Recipients = recipients,
                TraceHeaders = default,
                OpenBody = () => new MemoryStream(bytes),
                BodyBytes = bytes.Length,
                Is8Bit = false,
                IsSmtpUtf8 = false,
            },
            Cancelled);
        return result.Results[^1].Reply;
    }

    /// <summary>The reference at the end of a reply.</summary>
    public static string Reference(SmtpReply reply) => reply.Text[(reply.Text.IndexOf('[', StringComparison.Ordinal) + 1)..^1];

    /// <summary>The newest entries of the audit log.</summary>
    public async Task<IReadOnlyList<AuditEntry>> AuditAsync() =>
        (await _app.Services.GetRequiredService<IAuditLog>().SearchAsync(new AuditQuery { Limit = 200 }, Cancelled)).Items;

    /// <summary>A client of its own, without cookies of others: for tokens and sessions.</summary>
    /// <param name="token">Null = none.</param>
    public HttpClient NewClient(string? token = null) => Client(Anonymous.BaseAddress!, token);

    public async Task<JsonElement> GetAsync(string path)
    {
        using var answer = await Api.GetAsync(new Uri(path, UriKind.Relative), Cancelled);
        var body = await answer.Content.ReadAsStringAsync(Cancelled);
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {(int)answer.StatusCode} {body}");
        return JsonDocument.Parse(body).RootElement;
    }

    public async Task<(HttpStatusCode Status, string Body)> CallAsync(HttpMethod method, string path, string? json = null, string type = "application/json")
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        request.Content = json is null ? null : new StringContent(json, Encoding.Latin1, MediaTypeHeaderValue.Parse(type));
        using var answer = await Api.SendAsync(request, Cancelled);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancelled));
    }

    /// <summary>Asks again until it is so; the test's time limit ends it otherwise.</summary>
    public static async Task EventuallyAsync(Func<Task<bool>> condition)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromMinutes(1), "it did not become so within a minute");
            // Seen from outside there is no event to wait for.
            await Task.Delay(50, Cancelled);
        }
    }

    /// <summary>Waits until a message, seen through the API, is in a state.</summary>
    public Task WaitForStateAsync(string reference, string state) =>
        EventuallyAsync(async () => (await GetAsync($"api/v1/messages/{reference}")).GetProperty("message").GetProperty("state").GetString() == state);

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
        await _stores.DisposeAsync();
        _folder.Dispose();
        Api.Dispose();
        Anonymous.Dispose();
        Management.Dispose();
        await Clamd.DisposeAsync();
        await Sink.DisposeAsync();
        _data.Delete(recursive: true);
    }

    private static string Site(int port) => """
        {"tenants":[
          {"name":"acme","rules":"RULES","service":{"contacts":["admin@acme.example"],"language":"fr"},"domains":[{"name":"acme.example","nextHops":["127.0.0.1:PORT"],"recipients":["*"]}],
           "outbound":{"networks":["127.0.0.1/32"],"nextHops":["127.0.0.1:PORT"]}},
          {"name":"shop","domains":[{"name":"shop.example","nextHops":["127.0.0.1:PORT"],"recipients":["info"]}]}]}
        """.Replace("PORT", port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);

    private static HttpClient Client(Uri address, string? token)
    {
        var handler = new SocketsHttpHandler
        {
            SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null },
            // A test that asks before it sends a large body waits for the answer, on a slow machine too.
            Expect100ContinueTimeout = TimeSpan.FromMinutes(1),
        };
        var client = new HttpClient(handler) { BaseAddress = address, Timeout = TimeSpan.FromSeconds(30) };
        client.DefaultRequestHeaders.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        return client;
    }
}
