using System.Collections.Frozen;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.MailFlow;
using SecuEdge.Appliance.MailFlow.Effects;
using SecuEdge.Appliance.Operations;
using SecuEdge.Appliance.Settings;
using SecuEdge.Content;
using SecuEdge.Filter;
using SecuEdge.Store.Audit;
using SecuEdge.Store.MessageLog;
using SecuEdge.Store.Quarantine;
using SecuEdge.TestKit;

namespace SecuEdge.Appliance.Tests.Operations;

/// <summary>The operations on mail over stores in memory: customers acme and bolt of reseller rex.</summary>
internal sealed class MailWalls : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 11, 10, 8, 0, 0, TimeSpan.Zero);

    private readonly FakeTimeProvider _time = new(Start);
    private readonly MailQueue _queue;
    private readonly SiteHolder _sites = new();
    private readonly MemorySpool _spool = new();

    public MailWalls(bool? reasonRequired = null, bool? resellerRequires = null)
    {
        _sites.Current = new SiteDirectory(new Site
        {
            Tenants =
            [
                new Tenant { Name = "rex", Kind = TenantKind.Reseller, Service = new ServiceSettings { ReasonRequired = resellerRequires } },
                Customer("acme") with { Service = new ServiceSettings { ReasonRequired = reasonRequired } },
                Customer("bolt"),
            ],
        });
        _queue = new MailQueue(_time, NullLogger<MailQueue>.Instance);
        var gate = new MailGate(Log, _queue, _sites);
        var auditor = new Auditor(Audit, _time);
        Messages = new MessageOperations(Log, gate, auditor);
        Hold = new HoldOperations(_queue, Log, gate, auditor, _time);
        Queue = new QueueOperations(_queue, gate, auditor);
        var references = new References(_time);
        // Of the actions, only copies are made at a release.
        var actions = new RuleActions(_spool, new CopySender(_spool, Log, _queue, references, _time), null!, null!, _sites, null!, _time);
        Quarantine = new QuarantineOperations(Kept, Log, _spool, _queue, references, gate, auditor, _time);
    }

    public static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public MemoryMessageLog Log { get; } = new();

    public MemoryQuarantine Kept { get; } = new();

    public MemoryAuditLog Audit { get; } = new();

    public MessageOperations Messages { get; }

    public HoldOperations Hold { get; }

    public QueueOperations Queue { get; }

    public QuarantineOperations Quarantine { get; }

    public static Caller Of(string node, params Permission[] permissions) => new("anna") { Grants = [new Grant(node, permissions.ToFrozenSet())] };

    public static Caller Owner(string mailbox, string node = "acme") => new(mailbox)
    {
        Grants =
        [
            new Grant(
                node,
                [Permission.MessagesRead, Permission.QuarantineRead, Permission.ContentRead, Permission.QuarantineRelease, Permission.QuarantineDelete],
                mailbox),
        ],
    };

    /// <summary>A quarantined message of a tenant, in log and quarantine.</summary>
    public async Task<string> KeepAsync(string tenant, string reference, string recipients, string sender = "me@sender.example", Direction direction = Direction.Inbound, MessageClass messageClass = MessageClass.Spam, Finding? finding = null)
    {
        List<string> addresses = [.. recipients.Split(',')];
        var record = new MessageRecord
        {
            Reference = reference,
            ReceivedAt = Start,
            Direction = direction,
            Tenant = tenant,
            ConnectionId = reference,
            ClientAddress = "192.0.2.1",
            ReversePath = sender,
            Class = messageClass,
            Findings = finding is null ? [] : [finding],
            Recipients = [.. addresses.Select(a => new RecipientRecord { Address = a, Action = VerdictAction.Quarantine, State = MessageState.Quarantined })],
            Events = [.. addresses.Select(a => new MessageEvent { At = Start, Kind = MessageEventKind.Quarantined, Recipient = a, Text = "Kept." }),
                new MessageEvent { At = Start, Kind = MessageEventKind.Forwarded, Text = $"For {recipients}." }],
        };
        Log.Save(record);
        await Kept.AddAsync(new QuarantineEntry { QuarantinedAt = Start, Recipients = addresses, Message = record }, new MemoryBytes("Subject: x\r\n\r\nx"u8.ToArray()), Cancelled);
        return reference;
    }

    public async Task<IReadOnlyList<AuditEntry>> AuditedAsync() => (await Audit.SearchAsync(new AuditQuery(), Cancelled)).Items;

    public void Dispose()
    {
        Quarantine.Dispose();
        _queue.Dispose();
    }

    private static Tenant Customer(string name) => new() { Name = name, Parent = "rex", Domains = [new Domain { Name = $"{name}.example", NextHops = ["127.0.0.1:1"] }] };
}
