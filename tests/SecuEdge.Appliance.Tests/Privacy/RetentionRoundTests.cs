using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SecuEdge.Appliance.Privacy;
using SecuEdge.Appliance.Settings;
using SecuEdge.Content;
using SecuEdge.Filter;
using SecuEdge.Filter.Policy.Rules;
using SecuEdge.Store;
using SecuEdge.Store.Audit;
using SecuEdge.Store.Facts;
using SecuEdge.Store.MessageLog;
using SecuEdge.Store.Quarantine;
using SecuEdge.Store.Refusals;
using SecuEdge.TestKit;

namespace SecuEdge.Appliance.Tests.Privacy;

/// <summary>Two customers with different numbers, the real stores, and a clock that goes on.</summary>
public sealed class RetentionRoundTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly SiteDirectory s_site = new(new Site
    {
        Tenants =
        [
            // The node of all that belongs to no customer keeps its entries too: by itself a year.
            Tenant("provider", new Retention { AuditDays = 30 }),
            Tenant("brief", new Retention { QuarantineDays = 3, FactsDays = 2, LogDays = 20, PseudonymiseAfterDays = 5, AuditDays = 30 }),
            Tenant("long", new Retention { QuarantineDays = 50, FactsDays = 40, PseudonymiseAfterDays = 60, AuditDays = 100 }),
        ],
    });

    private readonly TempFolder _folder = new(inMemory: true);
    private readonly FakeTimeProvider _time = new(Start);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Days after the mail, and what is left of it at each customer: quarantined, facts, story (clear, hidden or none), refused attempts, audit entries of then.</summary>
    public static TheoryData<int, string, string> Days => new()
    {
        { 1, "kept facts clear refused audit", "kept facts clear refused audit" },
        { 4, "- - clear refused audit", "kept facts clear refused audit" },
        { 10, "- - hidden - audit", "kept facts clear refused audit" },
        { 25, "- - none - audit", "kept facts clear refused audit" },
        { 45, "- - none - audit", "kept - clear refused audit" },
        { 70, "- - none - audit", "- - hidden - audit" },
        { 170, "- - none - -", "- - hidden - -" },
    };

    [Theory]
    [MemberData(nameof(Days))]
    public async Task Each_customer_keeps_what_its_own_numbers_say(int days, string brief, string @long)
    {
        var options = new StoreOptions { DataFolder = _folder.Path };
        var folder = DataFolder.Open(_folder.Path).Folder!;
        using var closing = folder;
        await using var log = await MessageLog.OpenAsync(options, _time, NullLogger.Instance, Cancellation);
        await using var quarantine = await Quarantine.OpenAsync(options, _time, NullLogger.Instance, Cancellation);
        await using var audit = await AuditLog.OpenAsync(options, _time, NullLogger.Instance, Cancellation);
        await using var facts = new FactsLog(options, _time, NullLogger.Instance);
        await using var refusals = new RefusalLog(options, _time, NullLogger.Instance);
        foreach (var tenant in (string[])["brief", "long"])
        {
            var record = Record(tenant);
            log.Save(record);
            await quarantine.AddAsync(new QuarantineEntry { QuarantinedAt = Start, Recipients = ["jane@x.example"], Message = record }, new MemoryBytes("mail"u8.ToArray()), Cancellation);
            facts.Note(new PolicyFacts { Reference = record.Reference, At = Start, Tenant = tenant, Direction = Direction.Inbound, Recipients = ["jane@x.example"] });
            refusals.Note(new RefusedAttempt(tenant, Start, "198.51.100.7", "me@y.example", "jane@x.example", RefusalReason.UnknownMailbox, "550 5.1.1 No such mailbox here", record.Reference));
            await audit.AppendAsync(new AuditEntry { At = Start, Actor = "somebody", Action = "test.done", Tenant = tenant }, Cancellation);
        }

        _time.Advance(TimeSpan.FromDays(days));
        await audit.AppendAsync(new AuditEntry { At = _time.GetUtcNow(), Actor = "somebody", Action = "test.later" }, Cancellation);
        var round = new RetentionRound(
            quarantine, log, log.Upkeep, facts, refusals, audit, new Pseudonyms(folder), new SiteHolder { Current = s_site }, new MemoryStateFiles(), new ApplianceOptions(), _time, NullLogger<RetentionRound>.Instance);
        for (var i = 0; i < 2; i++)
        {
            await round.RunAsync(Cancellation);
            Assert.Equal((brief, @long), (await LeftAsync("brief"), await LeftAsync("long")));
        }

        Assert.True(AuditVerifier.Run(options, [], Cancellation).IsWhole);

        async Task<string> LeftAsync(string tenant)
        {
            var isKept = (await quarantine.ListAsync(new QuarantineQuery { Tenant = tenant }, Cancellation)).Items.Count > 0;
            var hasFacts = await facts.ReadAsync(new HashSet<string> { tenant }, DateTimeOffset.MinValue, DateTimeOffset.MaxValue, Cancellation).AnyAsync(Cancellation);
            var story = await log.FindAsync(Record(tenant).Reference, Cancellation);
            var hasRefused = (await refusals.SearchAsync(new RefusalQuery { Tenant = tenant }, Cancellation)).Items.Count > 0;
            var said = (await audit.SearchAsync(new AuditQuery { Action = "test.done" }, Cancellation)).Items.Any(e => e.Tenant == tenant);
            return $"{(isKept ? "kept" : "-")} {(hasFacts ? "facts" : "-")} {(story is null ? "none" : story.IsPseudonymised ? "hidden" : "clear")} {(hasRefused ? "refused" : "-")} {(said ? "audit" : "-")}";
        }
    }

    public void Dispose() => _folder.Dispose();

    private static Tenant Tenant(string name, Retention retention) => new() { Name = name, Service = new ServiceSettings { Retention = retention } };

    private static MessageRecord Record(string tenant) => new()
    {
        Reference = $"REF-{tenant}",
        ReceivedAt = Start,
        Direction = Direction.Inbound,
        Tenant = tenant,
        ConnectionId = "C1",
        ClientAddress = "192.0.2.77",
        HeloName = "laptop",
        ReversePath = "bob@sender.example",
        Recipients = [new RecipientRecord { Address = "jane@x.example", Action = VerdictAction.Quarantine, State = MessageState.Quarantined }],
        HeaderFrom = "bob@sender.example",
        Subject = "About Jane",
        MessageId = "<1@sender.example>",
        TraceHeaders = "",
        Events = [new MessageEvent { At = Start, Kind = MessageEventKind.Received, Text = "Received." }],
    };
}
