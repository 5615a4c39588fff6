using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using SecuEdge.Appliance.Directories;
using SecuEdge.Appliance.MailFlow;
using SecuEdge.Appliance.Operations;
using SecuEdge.Appliance.Settings;
using SecuEdge.Appliance.Settings.Recipients;
using SecuEdge.Filter.Policy.Rules;
using SecuEdge.Smtp;
using SecuEdge.Store;
using SecuEdge.Store.Audit;
using SecuEdge.Store.Settings;
using SecuEdge.Store.State;

namespace SecuEdge.Benchmarks;

/// <summary>
/// A large provider: 20 resellers, 1,000 customers, 10,000 domains, 100,000 mailboxes, 5,000 rules. <c>tree make FOLDER</c> imports it,
/// <c>tree measure FOLDER</c> starts from it in a fresh process and prints what it costs. <c>tests/load/tree</c> runs both.
/// </summary>
internal static class TreeMeasurement
{
    private const int Resellers = 20;
    private const int Customers = 1_000;
    private const int DomainsEach = 10;
    private const int MailboxesEach = 10;
    private const int RulesEach = 5;
    private const int Decisions = 1_000_000;
    private const int Changes = 100;
    private const int LongList = 100_000;

    public static async Task RunAsync(string[] arguments)
    {
        switch (arguments)
        {
            case ["make", var folder]:
                await MakeAsync(folder);
                break;
            case ["measure", var folder]:
                await MeasureAsync(folder);
                break;
            default:
                Console.Error.WriteLine("tree make FOLDER, or tree measure FOLDER");
                break;
        }
    }

    private static async Task MakeAsync(string folder)
    {
        await using var store = await OpenAsync(folder);
        await using var audit = await AuditLog.OpenAsync(new StoreOptions { DataFolder = folder }, TimeProvider.System, NullLogger.Instance, CancellationToken.None);
        using var editor = new SiteEditor(store, new SiteHolder(), new Auditor(audit, TimeProvider.System), new RevisionBudget(TimeProvider.System));
        var site = Provider();
        var started = Stopwatch.GetTimestamp();
        var outcome = await editor.ChangeAsync(
            Caller.Local,
            "import",
            _ => new Outcome<IReadOnlyList<TenantChange>>([.. site.Tenants.Select(t => new TenantChange(t.Name, null, t))], null),
            _ => [],
            placeOf: null,
            plan: false,
            CancellationToken.None);
        if (outcome.Problem is { } problem)
        {
            throw new InvalidOperationException(problem.Detail);
        }

        Print("import of everything, one revision", $"{Milliseconds(started):0} ms");
    }

    private static async Task MeasureAsync(string folder)
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var started = Stopwatch.GetTimestamp();
        await using var store = await OpenAsync(folder);
        await using var audit = await AuditLog.OpenAsync(new StoreOptions { DataFolder = folder }, TimeProvider.System, NullLogger.Instance, CancellationToken.None);
        var opened = Milliseconds(started);
        var holder = new SiteHolder();
        using var editor = new SiteEditor(store, holder, new Auditor(audit, TimeProvider.System), new RevisionBudget(TimeProvider.System));
        if ((await editor.LoadAsync(CancellationToken.None)).Unusable is { Count: > 0 } unusable)
        {
            throw new InvalidOperationException(unusable[0].Sentence);
        }

        var (loaded, loadedCpu) = (Milliseconds(started), Cpu());
        Print("start, cold: journal read and checked", $"{opened:0} ms");
        Print("start, cold: with tree and rules checked", $"{loaded:0} ms, CPU {loadedCpu:0} ms with the runtime's own start");
        Print("journal on disk", $"{JournalBytes(folder) / 1e6:0.0} MB");
        Print("managed memory of settings and tree", $"{(GC.GetTotalMemory(forceFullCollection: true) - before) / 1e6:0} MB");
        started = Stopwatch.GetTimestamp();
        var compiled = holder.Current.Tenants.Count(t => t.Policy is not null && t.Domains.All(d => d.Policy is not null));
        Print("rules of all nodes compiled, what the first message of each asks for", $"{Milliseconds(started):0} ms, CPU {Cpu() - loadedCpu:0} ms, {compiled} nodes");
        Print("managed memory with all rules compiled", $"{(GC.GetTotalMemory(forceFullCollection: true) - before) / 1e6:0} MB");
        Decide(holder.Current, folder);
        await ChangeAsync(editor, holder, "one customer of 1,000", i => Customer(i % Customers));
        await ChangeAsync(editor, holder, "one reseller with 50 customers below", i => Reseller(i % Resellers));
        await AddMailboxesAsync(editor, folder);
        Print("working set of the process at the end", $"{Environment.WorkingSet / 1e6:0} MB");
    }

    /// <summary>What RCPT asks: whose domain, does the mailbox exist, is the tenant suspended, by which policy.</summary>
    private static void Decide(SiteDirectory site, string folder)
    {
        var random = new Random(1);
        var mailboxes = new DirectoryRecipients(new DirectoryShelf(new StateFiles(new StoreOptions { DataFolder = folder }), NullLogger<DirectoryShelf>.Instance));
        var recipients = Enumerable.Range(0, 100_000)
            .Select(_ => new MailPath($"user{random.Next(MailboxesEach + 2)}", Domain(random.Next(Customers), random.Next(DomainsEach + 1)))).ToArray();
        SmtpConnection[] connections = [Connection(ListenerRole.Inbound, "198.51.100.1"), .. Enumerable.Range(0, 100).Select(i => Connection(ListenerRole.Outbound, Network(i * 7)))];
        var durations = new long[Decisions];
        var accepted = 0;
        for (var round = 0; round < 2; round++)
        {
            // The first round warms up.
            for (var i = 0; i < Decisions; i++)
            {
                var started = Stopwatch.GetTimestamp();
                var recipient = recipients[i % recipients.Length];
                var decision = RelayRule.Decide(site, mailboxes, connections[i % connections.Length], recipient, DateTimeOffset.UnixEpoch);
                accepted += decision.Tenant is { } tenant && site.PolicyFor(tenant.Name, recipient).TagScore > 0 ? 1 : 0;
                durations[i] = Stopwatch.GetTimestamp() - started;
            }
        }

        Array.Sort(durations);
        Print("RCPT decision, median", $"{Microseconds(durations[Decisions / 2]):0.00} us");
        Print("RCPT decision, 99.9 % below", $"{Microseconds(durations[Decisions / 1000 * 999]):0.00} us");
        Print("RCPT decisions accepted", $"{accepted * 100.0 / (2 * Decisions):0} %");
    }

    private static async Task ChangeAsync(SiteEditor editor, SiteHolder holder, string what, Func<int, string> nameOf)
    {
        var durations = new List<double>();
        for (var i = 0; i < Changes; i++)
        {
            var name = nameOf(i);
            // Another one each time: what changes nothing is no change.
            var score = 1 + (i / 50.0);
            var started = Stopwatch.GetTimestamp();
            var outcome = await editor.ChangeAsync(
                Caller.Local, name, t => t with { Policy = t.Policy with { TagScore = score } }, Measure, "measure", expectedRevision: null, CancellationToken.None);
            durations.Add(Milliseconds(started));
            if (outcome.Problem is { } problem || holder.Current.FindTenant(name)!.Policy.TagScore != score)
            {
                throw new InvalidOperationException($"the change of {name} is not in force: {outcome.Problem?.Detail}");
            }
        }

        durations.Sort();
        Print($"change of {what}, until in force and on disk, median", $"{durations[Changes / 2]:0.0} ms");
        Print($"change of {what}, slowest of {Changes}", $"{durations[^1]:0.0} ms");
    }

    /// <summary>One mailbox more in a domain of 100,000: in time, and in bytes of the journal.</summary>
    private static async Task AddMailboxesAsync(SiteEditor editor, string folder)
    {
        string[] names = [.. Enumerable.Range(0, LongList).Select(i => $"firstname.lastname{i}")];
        await ChangeListAsync(editor, _ => names);
        Print($"list of {LongList} mailboxes, as one document", $"{JsonSerializer.SerializeToUtf8Bytes(names).Length / 1e6:0.0} MB");
        var durations = new List<double>();
        var before = JournalBytes(folder);
        for (var i = 0; i < Changes; i++)
        {
            var (name, started) = ($"newcomer{i}", Stopwatch.GetTimestamp());
            await ChangeListAsync(editor, list => ((RecipientBook)list).With([name], []));
            durations.Add(Milliseconds(started));
        }

        durations.Sort();
        Print($"one mailbox more of {LongList}, until in force and on disk, median", $"{durations[Changes / 2]:0.0} ms");
        Print($"one mailbox more of {LongList}, written to the journal", $"{(JournalBytes(folder) - before) / 1e3 / Changes:0.0} KB");
    }

    private static async Task ChangeListAsync(SiteEditor editor, Func<IReadOnlyList<string>, IReadOnlyList<string>> change)
    {
        var outcome = await editor.ChangeAsync(
            Caller.Local,
            Customer(0),
            t => t with { Domains = [t.Domains[0] with { Recipients = change(t.Domains[0].Recipients) }, .. t.Domains.Skip(1)] },
            Measure,
            "measure",
            expectedRevision: null,
            CancellationToken.None);
        if (outcome.Problem is { } problem)
        {
            throw new InvalidOperationException(problem.Detail);
        }
    }

    private static Deed Measure(Tenant tenant) => new(Caller.Local, "tenant.put", tenant.Name, tenant.Name, "measure");

    private static long JournalBytes(string folder) => new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(f => f.Length);

    private static Site Provider() => new()
    {
        Tenants =
        [
            new Tenant { Name = Tenant.Root, Kind = TenantKind.Provider, Policy = new PolicySettings { QuarantineScore = 6.5 } },
            .. Enumerable.Range(0, Resellers).Select(r => new Tenant { Name = Reseller(r), Kind = TenantKind.Reseller, Locks = ["service.retention"] }),
            .. Enumerable.Range(0, Customers).Select(MakeCustomer),
        ],
    };

    private static Tenant MakeCustomer(int number) => new()
    {
        Name = Customer(number),
        Parent = Reseller(number % Resellers),
        Outbound = new Outbound { Networks = [Network(number)] },
        Policy = number % 2 == 0 ? new PolicySettings { TagScore = 4 } : new PolicySettings(),
        Domains = [.. Enumerable.Range(0, DomainsEach).Select(d => new Domain
        {
            Name = Domain(number, d),
            NextHops = [$"mail{number}.example:25"],
            Recipients = [.. Enumerable.Range(0, MailboxesEach).Select(m => $"user{m}")],
            Mailboxes = d == 0 ? [new Mailbox { Address = "user0", Policy = new PolicySettings { TagScore = 3 } }] : [],
        })],
        Rules = [.. Enumerable.Range(0, RulesEach).Select(r => new Rule
        {
            Name = $"rule-{r}",
            When = new AllCondition([new HeaderCondition { Name = "Subject", Contains = $"word{number}-{r}" }, new SizeCondition(1000, null)]),
            Then = [new TagAction { Subject = "[seen] " }],
        })],
    };

    private static Task<SettingsStore> OpenAsync(string folder) =>
        SettingsStore.OpenAsync(new StoreOptions { DataFolder = folder }, TimeProvider.System, NullLogger.Instance, CancellationToken.None);

    private static SmtpConnection Connection(ListenerRole role, string client) => new()
    {
        Id = "c",
        Role = role,
        Remote = new IPEndPoint(IPAddress.Parse(client), 40000),
        Local = new IPEndPoint(IPAddress.Loopback, 25),
        OpenedAt = DateTimeOffset.UnixEpoch,
    };

    private static string Reseller(int number) => $"reseller-{number}";

    private static string Customer(int number) => $"customer-{number}";

    private static string Domain(int customer, int number) => $"d{number}.customer-{customer}.example";

    private static string Network(int number) => $"10.{number / 250}.{number % 250}.1";

    /// <summary>Of the whole process: the machine may be busy with others.</summary>
    private static double Cpu()
    {
        using var process = Process.GetCurrentProcess();
        return process.TotalProcessorTime.TotalMilliseconds;
    }

    private static double Milliseconds(long started) => Stopwatch.GetElapsedTime(started).TotalMilliseconds;

    private static double Microseconds(long ticks) => ticks * 1e6 / Stopwatch.Frequency;

    private static void Print(string what, FormattableString figure) => Console.WriteLine($"| {what} | {figure.ToString(CultureInfo.InvariantCulture)} |");
}
