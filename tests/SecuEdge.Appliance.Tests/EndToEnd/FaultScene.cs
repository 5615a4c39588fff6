using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using SecuEdge.TestKit;

namespace SecuEdge.Appliance.Tests.EndToEnd;

/// <summary>
/// One gateway with all its engines under a steady load of mixed mail. At the end every message is accounted for: clean, unchanged and
/// examined by every engine, or kept, or refused for now; EICAR never came out; the process is still the one that was started.
/// </summary>
internal sealed class FaultScene : IAsyncDisposable
{
    private const int Sessions = 3;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan BalanceLimit = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder _folder = new();
    private readonly Ledger _ledger = new();
    private readonly RecordingSink _sink;
    private readonly Senders _senders;
    private readonly ConcurrentDictionary<string, FaultMailKind> _kinds = new(StringComparer.OrdinalIgnoreCase);
    private readonly CancellationToken _cancellationToken = TestContext.Current.CancellationToken;
    private int _processId;

    private FaultScene(Func<int, FaultMailKind> kindOf, IEnumerable<KeyValuePair<string, string>> settings)
    {
        _sink = RecordingSink.StartNew(_ledger);
        Clamd = new ClamdProcess(_folder.Path);
        Gateway = GatewayProcess.Create(_folder.Path, _sink.Address, Clamd.Endpoint, new Dictionary<string, string>(settings)
        {
            ["SECUEDGE__ClamAv__ScanTimeout"] = "00:00:02",
            ["SECUEDGE__Icap__Enabled"] = "true",
            ["SECUEDGE__Icap__Url"] = Icap.Url,
            ["SECUEDGE__Icap__ScanTimeout"] = "00:00:02",
            ["SECUEDGE__Icap__StatusInterval"] = "00:00:01",
        });
        // Ten milliseconds between two messages of a session: enough load that a fault hits mail, few enough to look each one up afterwards.
        _senders = new Senders(_ledger, Gateway.Launch.Outbound, number => FaultMail.Create(_kinds[$"m{number}@acme.example"] = kindOf(number), number)) { Pause = TimeSpan.FromMilliseconds(10) };
    }

    public ClamdProcess Clamd { get; }

    public FakeIcap Icap { get; } = new();

    public GatewayProcess Gateway { get; }

    public int Deferred => _senders.Deferred;

    /// <summary>Messages that came out and had an attachment.</summary>
    public int Attachments => _sink.Arrivals.Keys.Count(recipient => KindOf(recipient) != FaultMailKind.Plain);

    /// <summary>Messages that came out and had none.</summary>
    public int Notes => _sink.Arrivals.Keys.Count(recipient => KindOf(recipient) == FaultMailKind.Plain);

    /// <summary>Returns when mail with attachments comes out.</summary>
    public static async Task<FaultScene> StartAsync(Func<int, FaultMailKind> kindOf, params KeyValuePair<string, string>[] settings)
    {
        var scene = new FaultScene(kindOf, settings);
        try
        {
            await scene.Clamd.StartAsync(scene._cancellationToken);
            await scene.Gateway.StartAsync(scene._cancellationToken);
            scene._processId = scene.Gateway.ProcessId;
            scene._senders.Start(Sessions);
            await scene.UntilAsync(() => scene.Attachments > 5);
            return scene;
        }
        catch
        {
            await scene.DisposeAsync();
            throw;
        }
    }

    public async Task UntilAsync(Func<bool> condition)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < Patience, $"It did not come to that in time: {Attachments} attachments and {Notes} notes out, {Deferred} deferred\n{Gateway.Tail()}");
            // Other processes are waited for, which tell nobody when they are done.
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, _cancellationToken);
        }
    }

    /// <summary>Some mail is answered 451.</summary>
    public Task UntilDeferredAsync()
    {
        var before = Deferred;
        return UntilAsync(() => Deferred > before + Sessions);
    }

    /// <summary>Mail with attachments comes out again; how long that took.</summary>
    public async Task<TimeSpan> UntilFlowingAsync()
    {
        var start = TimeProvider.System.GetTimestamp();
        var before = Attachments;
        await UntilAsync(() => Attachments > before + 5);
        return TimeProvider.System.GetElapsedTime(start);
    }

    /// <summary>The caged processes of this gateway, those of others on the machine not.</summary>
    public IReadOnlyList<int> Workers() =>
    [
        .. Directory.GetDirectories("/proc").Where(IsWorker).Select(process => int.Parse(Path.GetFileName(process), CultureInfo.InvariantCulture)),
    ];

    public async Task SignalWorkersAsync(string signal)
    {
        foreach (var worker in Workers())
        {
            await GatewayProcess.SignalAsync(worker, signal, _cancellationToken);
        }
    }

    /// <summary>Stops the load and balances the books; a sentence for the test's output.</summary>
    public async Task<string> EndAsync()
    {
        await _senders.StopAsync();
        var problems = (await _ledger.BalanceAsync(_sink, Gateway.Api, BalanceLimit, _cancellationToken)).ToList();
        var sent = _ledger.Sent.ToArray();
        problems.AddRange(sent.Where(message => message.Reply is not { Code: 250 or 451 }).Select(message => $"{message.Recipient}: {message.Reply?.Text ?? "no reply"}"));
        foreach (var message in sent.Where(message => _sink.Arrivals.ContainsKey(message.Recipient)))
        {
            problems.AddRange(await UnexaminedAsync(message));
        }

        Assert.True(Gateway.IsRunning && Gateway.ProcessId == _processId, "The gateway ended");
        Assert.True(problems.Count == 0, $"{string.Join('\n', problems.Take(20))}\n{Gateway.Tail()}");
        return $"{sent.Length} sent, {_ledger.Acknowledged} acknowledged, {Deferred} deferred, {Attachments} with attachment and {Notes} without came out, "
            + $"{sent.Count(message => message.IsAcknowledged && KindOf(message.Recipient) != FaultMailKind.InfectedZip) - Attachments - Notes} clean ones kept";
    }

    public async ValueTask DisposeAsync()
    {
        // The engines first: a frozen one would keep the senders waiting.
        await Clamd.DisposeAsync();
        await Icap.DisposeAsync();
        await Gateway.DisposeAsync();
        await _senders.DisposeAsync();
        await _sink.DisposeAsync();
        _folder.Dispose();
    }

    private async Task<IEnumerable<string>> UnexaminedAsync(SentMessage message)
    {
        var kind = KindOf(message.Recipient);
        if (kind == FaultMailKind.InfectedZip)
        {
            return [$"{message.Recipient}: EICAR came out"];
        }

        using var record = await Gateway.Api.MessageAsync(message.Reply!.Reference, _cancellationToken);
        var engines = record!.RootElement.GetProperty("engines").EnumerateArray().ToLookup(engine => engine.GetProperty("name").GetString()!, engine => engine.GetProperty("result").GetString()!);
        // Rules look at files, not at the text of a note.
        string[] wanted = kind == FaultMailKind.Plain ? ["clamav", "icap"] : ["clamav", "icap", "yara"];
        return wanted.Any(name => !engines[name].Any()) || engines.SelectMany(engine => engine).Any(result => result != "clean")
            ? [$"{message.Recipient} ({kind}): came out with {JsonSerializer.Serialize(record.RootElement.GetProperty("engines"))}"]
            : [];
    }

    private FaultMailKind KindOf(string recipient) => _kinds[recipient];

    private bool IsWorker(string process)
    {
        try
        {
            // The name in brackets may hold blanks; state and parent follow it.
            return int.TryParse(Path.GetFileName(process), out _)
                && File.ReadAllText(Path.Combine(process, "stat")).Split(") ")[^1].Split(' ')[1] == _processId.ToString(CultureInfo.InvariantCulture)
                && File.ReadAllText(Path.Combine(process, "cmdline")).Contains("secuedge-cage", StringComparison.Ordinal);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false; // It has ended meanwhile.
        }
    }
}
