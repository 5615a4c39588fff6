using System.Globalization;
using System.Text.Json;
using SecuEdge.Load;
using SecuEdge.Load.Systems;
using SecuEdge.TestKit;

// compare [--quick] [--results FILE] [--revision TEXT]           all systems side by side
// cost [--quick] [--results FILE] [--revision TEXT]              what attachments cost
// one SYSTEM [SIZE [SESSIONS [RATE [SECONDS]]]]                  one measurement, as JSON
var folder = Directory.CreateTempSubdirectory("secuedge-load-").FullName;
using var sink = new Sink();
var started = new List<IDisposable>();
try
{
    return args.FirstOrDefault() switch
    {
        "compare" => Compare(args.Contains("--quick") ? ComparisonPlan.Quick : ComparisonPlan.Full),
        "cost" => CompareCost(args.Contains("--quick") ? 1 : 3),
        "one" => MeasureOne(),
        _ => 2,
    };
}
finally
{
    started.Reverse();
    started.ForEach(system => system.Dispose());
    if (Option("--keep") is null)
    {
        Directory.Delete(folder, recursive: true);
    }
}

int Compare(ComparisonPlan plan)
{
    string[] wanted = ["direct", "postfix", "haraka", "secuedge", "haraka+clamd", "secuedge+clamd"];
    var systems = wanted.Select(name => (name, System: TryStartOrExplain(name))).ToArray();
    var present = systems.Where(pair => pair.System is not null).Select(pair => pair.System!).ToArray();
    var comparison = new Comparison(plan, sink, present);
    comparison.Run();
    var absent = systems.Where(pair => pair.System is null).Select(pair => pair.name).ToArray();
    var page = new ResultsPage(plan, comparison, present, Option("--revision") ?? "unknown", absent).Render();
    Console.Write(page);
    if (Option("--results") is { } file)
    {
        File.WriteAllText(file, page);
    }

    return 0;
}

int CompareCost(int repetitions)
{
    // What is remembered costs nothing, and then nothing would be compared.
    started.Add(new ClamdScanner(Path.Combine(folder, "clamd"), remembers: false));
    string[] wanted = ["clamd alone", "amavis+clamd", "secuedge+clamd", "secuedge+clamd+yara"];
    var systems = wanted.Select(name => (name, System: TryStartOrExplain(name))).ToArray();
    var comparison = new CostComparison(sink, [.. systems.Where(pair => pair.System is not null).Select(pair => pair.System!)], repetitions);
    comparison.Run();
    var page = comparison.Render(Option("--revision") ?? "unknown", systems.Where(pair => pair.System is null).Select(pair => pair.name));
    Console.Write(page);
    if (Option("--results") is { } file)
    {
        File.WriteAllText(file, page);
    }

    return 0;
}

int MeasureOne()
{
    var system = TryStart(args[1]) ?? throw new InvalidOperationException($"{args[1]} is not installed");
    var measurer = new Measurer(sink);
    var plan = new LoadPlan
    {
        Target = system.Entry,
        SizeBytes = Number(2, 4096),
        Sessions = Number(3, 50),
        RatePerSecond = Number(4, 0) is > 0 and var rate ? rate : null,
        Duration = TimeSpan.FromSeconds(Number(5, 5)),
    };
    measurer.Measure(system, plan with { RatePerSecond = null, Duration = TimeSpan.FromSeconds(2) });
    var (tree, group) = (system.Processes.TreeCpuTime(), system.Processes.CpuTime);
    Console.WriteLine(JsonSerializer.Serialize(measurer.Measure(system, plan), JsonSerializerOptions.Web));
    Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"CPU by {system.Processes.Accounting} {(system.Processes.CpuTime - group).TotalSeconds:F2} s, by process tree {(system.Processes.TreeCpuTime() - tree).TotalSeconds:F2} s"));
    return 0;
}

MailSystem? TryStart(string name)
{
    var scanner = name.Contains("clamd", StringComparison.Ordinal) ? Scanner() : null;
    MailSystem? system = name switch
    {
        "direct" => new DirectToSink(folder, sink.Address),
        "postfix" when PostfixRelay.IsAvailable => new PostfixRelay(folder, sink.Address),
        "haraka" when HarakaForwarder.FindModules() is { } modules => new HarakaForwarder(folder, sink.Address, modules, null),
        "haraka+clamd" when HarakaForwarder.FindModules() is { } modules && scanner is not null => new HarakaForwarder(folder, sink.Address, modules, scanner),
        "secuedge" when GatewayLaunch.FindLibrary() is { } library => new SecuEdgeGateway(folder, sink.Address, library, null),
        "secuedge+clamd" when GatewayLaunch.FindLibrary() is { } library && scanner is not null => new SecuEdgeGateway(folder, sink.Address, library, scanner),
        "secuedge+clamd+yara" when GatewayLaunch.FindLibrary() is { } library && scanner is not null => new SecuEdgeGateway(folder, sink.Address, library, scanner, hasRules: true),
        "clamd alone" when scanner is not null => new ClamdAlone(folder, sink, scanner),
        "amavis+clamd" when AmavisFilter.IsAvailable && scanner is not null => new AmavisFilter(folder, sink.Address, scanner),
        _ => null,
    };
    if (system is not null)
    {
        started.Add(system);
    }

    return system;
}

MailSystem? TryStartOrExplain(string name)
{
    try
    {
        return TryStart(name);
    }
    catch (InvalidOperationException exception)
    {
        Console.Error.WriteLine(exception.Message);
        return null;
    }
}

ClamdScanner? Scanner()
{
    var scanner = started.OfType<ClamdScanner>().FirstOrDefault();
    if (scanner is null && ClamdScanner.IsAvailable)
    {
        started.Add(scanner = new ClamdScanner(Path.Combine(folder, "clamd")));
    }

    return scanner;
}

int Number(int position, int otherwise) => args.Length > position ? int.Parse(args[position], CultureInfo.InvariantCulture) : otherwise;

string? Option(string name) => Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;
