using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SecuEdge.Appliance.MailFlow;
using SecuEdge.Appliance.MailFlow.Effects;
using SecuEdge.Appliance.MailFlow.Effects.Notices;
using SecuEdge.Appliance.MailFlow.Effects.Rewriting;
using SecuEdge.Appliance.Operations;
using SecuEdge.Appliance.Settings;
using SecuEdge.Appliance.Telemetry;
using SecuEdge.Cage.Examination;
using SecuEdge.Cage.Pool;
using SecuEdge.Content;
using SecuEdge.Filter;
using SecuEdge.Filter.Policy.Rules;
using SecuEdge.Smtp;
using SecuEdge.Store;
using SecuEdge.Store.Audit;
using SecuEdge.Store.Greylist;
using SecuEdge.Store.MessageLog;
using SecuEdge.TestKit;

namespace SecuEdge.Appliance.Tests.MailFlow;

/// <summary>A whole sending side over stores in memory: tenant acme with its own domain, a clock that tests move.</summary>
internal sealed class DeliveryRig : IAsyncDisposable
{
    public const string Body = "From: a@sender.example\r\nSubject: hello\r\n\r\n.body\r\n";

    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly CancellationTokenSource _patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private CagePool? _cage;
    private CagedAnatomist? _anatomist;
    private MessageJudge? _judge;
    private HoldReview? _review;
    private TempFolder? _greylistFolder;
    private Greylist? _greylist;

    public DeliveryRig(params SmtpSink[] nextHops)
    {
        Site = SiteOf([.. nextHops.Select(h => h.Endpoint.ToString())], []);
        References = new References(Time);
        Client.Hostname = "gw.example";
        _patience.CancelAfter(TimeSpan.FromSeconds(45));
    }

    public FakeTimeProvider Time { get; } = new(Start);

    public MemorySpool Spool { get; } = new();

    public MemoryQuarantine Quarantine { get; } = new();

    public MemoryMessageLog Log { get; } = new();

    public FakeDns Dns { get; } = new();

    public QueueOptions Options { get; } = new();

    public HoldOptions Hold { get; } = new();

    /// <summary>What a held message is judged by.</summary>
    public ScriptedCheck Check { get; } = new();

    public SmtpClientOptions Client { get; } = new();

    /// <summary>What names of next hops resolve to; others to nothing.</summary>
    public Dictionary<string, HostAddresses> Hosts { get; } = [];

    public Site Site { get; set; }

    public References References { get; }

    public RuleActions Actions { get; private set; } = null!;

    public MailQueue Queue { get; private set; } = null!;

    public QueueRunner Runner { get; private set; } = null!;

    public MemoryAuditLog Audit { get; } = new();

    public HoldOperations HoldOperations =>
        new(Queue, Log, new MailGate(Log, Queue, new SiteHolder { Current = new SiteDirectory(Site) }), new Auditor(Audit, Time), TimeProvider.System);

    public QuarantineOperations QuarantineOperations =>
        new(Quarantine, Log, Spool, Queue, References, new MailGate(Log, Queue, new SiteHolder { Current = new SiteDirectory(Site) }), new Auditor(Audit, Time), Time);

    public HoldReview Review => _review!;

    /// <summary>Ends with the test, or when something that should have come does not come.</summary>
    public CancellationToken Token => _patience.Token;

    public static Site SiteOf(IReadOnlyList<string> nextHops, IReadOnlyList<string> smarthosts) => new()
    {
        Tenants =
        [
            new Tenant
            {
                Name = "acme",
                Domains = [new Domain { Name = "acme.example", NextHops = nextHops }],
                Outbound = new Outbound { Networks = ["192.0.2.0/24"], NextHops = smarthosts },
            },
        ],
    };

    public async Task StartAsync()
    {
        var site = new SiteHolder { Current = new SiteDirectory(Site) };
        Queue = new MailQueue(Time, NullLogger<MailQueue>.Instance);
        var services = new DeliveryServices(
            Options, new Router(site, Dns, new InternalListener(), Options, Time), new HopHealth(Options, Time),
            new SmtpClientConnector(Client, TimeProvider.System, new HopAddresses(Options, NullLogger<HopAddresses>.Instance, (host, _) => Task.FromResult(Hosts[host])).FindAsync),
            new MessageRewriter(site, NullLogger<MessageRewriter>.Instance), Time);
        var bounces = new BounceSender(Spool, Log, Queue, References, Client, Time);
        var copies = new CopySender(Spool, Log, Queue, References, Time);
        var metrics = new GatewayMetrics();
        var notices = new NoticeSender(Spool, Log, Queue, References, new NoticeLimit(Time), Client, metrics, Time, NullLogger<NoticeSender>.Instance);
        _greylistFolder = new TempFolder();
        _greylist = Greylist.Open(new StoreOptions { DataFolder = _greylistFolder.Path }, Time, NullLogger.Instance);
        Actions = new RuleActions(Spool, copies, new Greylisting(_greylist, metrics), notices, site, metrics, Time);
        var settler = new Settler(Spool, Quarantine, Log, Queue, bounces, copies, site, Options, Time, NullLogger<QueueRunner>.Instance);
        _cage = new CagePool(new CageOptions(), Path.GetTempPath(), Time);
        _anatomist = new CagedAnatomist(new AnatomyBudget(), _cage, Path.GetTempPath(), maxParallel: 4, maxWait: TimeSpan.FromSeconds(5), Time);
        _judge = new MessageJudge(
            _anatomist,
            new MessageFilter([Check], new FilterOptions(), TimeProvider.System, NullLogger<MessageFilter>.Instance),
            new FactsReader(),
            Time,
            NullLogger<MessageJudge>.Instance);
        _review = new HoldReview(
            _judge, site, settler, Queue, Actions, Hold, new SmtpServerOptions { Hostname = "gw.example" }, metrics, Time,
            NullLogger<HoldReview>.Instance);
        Runner = new QueueRunner(Queue, services, settler, _review, NullLogger<QueueRunner>.Instance);
        foreach (var entry in Spool.Live)
        {
            Queue.Enqueue(entry, entry.ReadRecord());
        }

        await Runner.StartAsync(Token);
    }

    /// <summary>What a new process would find: the spool and the stores, nothing of the memory.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        await StartAsync();
    }

    public async Task StopAsync()
    {
        await Runner.StopAsync(Token);
        Runner.Dispose();
        _review?.Dispose();
        _anatomist?.Dispose();
        await (_cage?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (_greylist?.DisposeAsync() ?? ValueTask.CompletedTask);
        _greylistFolder?.Dispose();
        Queue.Dispose();
    }

    /// <summary>Commits and enqueues as the receiver does.</summary>
    public async Task<string> SubmitAsync(MessageRecord record, string body = Body)
    {
        await using var draft = Spool.OpenDraft();
        await draft.WriteAsync(Encoding.UTF8.GetBytes(body), Token);
        var entry = await Spool.CommitAsync(draft, record, Token);
        Queue.Enqueue(entry, record);
        return record.Reference;
    }

    public Task<string> SubmitAsync(params string[] recipients) => SubmitAsync(Inbound(recipients));

    public MessageRecord Inbound(params string[] recipients) => new()
    {
        Reference = References.Next(),
        ReceivedAt = Time.GetUtcNow(),
        Direction = Direction.Inbound,
        Tenant = "acme",
        ConnectionId = "c1",
        ClientAddress = "198.51.100.1",
        ReversePath = "someone@sender.example",
        Recipients = [.. recipients.Select(r => new RecipientRecord { Address = r, Action = VerdictAction.Deliver, State = MessageState.Queued })],
        Subject = "hello",
        TraceHeaders = "Received: trace\r\n",
    };

    public MessageRecord Outbound(params string[] recipients) =>
        Inbound(recipients) with { Direction = Direction.Outbound, ReversePath = "user@acme.example", MessageId = "m1@acme.example" };

    public Task<MessageRecord> WaitForAsync(string reference, MessageState state) => Log.WaitForAsync(reference, r => r.State == state, Token);

    /// <summary>After this the spool and the queue have forgotten it, too.</summary>
    public async Task<MessageRecord> WaitUntilFinishedAsync(string reference)
    {
        var record = await Log.WaitForAsync(reference, r => r.Recipients.All(x => x.State is not (MessageState.Queued or MessageState.Deferred)), Token);
        await WaitUntilAsync(() => Spool.Finished.ContainsKey(reference) && !Queue.Contains(reference));
        return record;
    }

    /// <summary>Moves the clock to the next attempt of a deferred message.</summary>
    public async Task PassRetryAsync(MessageRecord deferred)
    {
        // The schedule is written just after the log.
        await WaitUntilAsync(() => Queue.Figures.Deferred > 0);
        var next = deferred.Recipients.Min(r => r.NextAttemptAt)!.Value;
        if (next > Time.GetUtcNow())
        {
            Time.SetUtcNow(next);
        }
    }

    /// <summary>Whether so many are held (null: any number), and none of them is being worked on: the clock may be moved.</summary>
    public bool AllHeldWait(int? count = null) => Queue.Held is var held && held.Count == (count ?? held.Count) && held.All(Queue.IsWaiting);

    public async Task WaitUntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            Token.ThrowIfCancellationRequested();
            await Task.Delay(2, Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Runner is not null)
        {
            await StopAsync();
        }

        _patience.Dispose();
    }
}
