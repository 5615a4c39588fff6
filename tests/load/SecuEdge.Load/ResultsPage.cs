using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using SecuEdge.Load.Systems;

namespace SecuEdge.Load;

/// <summary>Writes what a comparison found as a page to read: targets first, with the missed ones called so, then every figure.</summary>
internal sealed class ResultsPage(ComparisonPlan plan, Comparison comparison, IReadOnlyList<MailSystem> systems, string revision, IReadOnlyList<string> absent)
{
    private readonly StringBuilder _page = new();

    public string Render()
    {
        Line($"# Load: SecuEdge beside Postfix and Haraka");
        Line($"");
        Line($"Written by `tests/load/run`; do not edit. Commit {revision}, {RuntimeInformation.OSDescription.Split(' ')[0]} {RuntimeInformation.OSArchitecture}, {Environment.ProcessorCount} cores shared by");
        Line($"generator, sink and system under test, {RuntimeInformation.FrameworkDescription}. {plan.Sessions} kept sessions, {plan.Repetitions} repetition(s) of {plan.Seconds.TotalSeconds:F0} s each, interleaved; medians.");
        Line($"CPU is of all processes of a system (by {systems[0].Processes.Accounting}), delays are from due to arrival at the sink in an open loop.");
        if (comparison.LoadBefore > 1)
        {
            Line($"**The machine was busy with other work (load average {comparison.LoadBefore:F1} before the start): rates and delays are worse than alone, ratios are rough.**");
        }

        foreach (var name in absent)
        {
            Line($"**Not measured: {name}.**");
        }

        Line($"");
        Targets();
        Line($"## Maximum rate");
        Line($"");
        Line($"| size | system | messages/s | CPU ms/message | clamd ms/message | peak MB | in / out / refused / twice |");
        Line($"|---|---|---|---|---|---|---|");
        foreach (var (size, system) in Pairs())
        {
            var runs = comparison.Fastest.Where(run => run.System == system.Name && run.SizeBytes == size).ToArray();
            Line($"| {Size(size)} | {system.Name} | {Median(system.Name, size, run => run.Rate):F0} | {Median(system.Name, size, run => run.CpuMilliseconds):F2} | {Median(system.Name, size, run => run.ScannerCpuMilliseconds):F2} | {runs.Max(run => run.PeakMegabytes):F0} | {runs.Sum(run => run.Accepted)} / {runs.Sum(run => run.Received)} / {runs.Sum(run => run.Refused)} / {runs.Sum(run => run.Duplicates)} |");
        }

        Line($"");
        Line($"## Added delay at half of its own maximum rate");
        Line($"");
        Line($"| size | system | messages/s asked | reached | p50 ms | p95 ms | p99 ms | max ms | CPU ms/message |");
        Line($"|---|---|---|---|---|---|---|---|---|");
        foreach (var run in comparison.HalfRate)
        {
            Line($"| {Size(run.SizeBytes)} | {run.System} | {run.AskedRate:F0} | {run.Rate:F0} | {run.DelayP50:F1} | {run.DelayP95:F1} | {run.DelayP99:F1} | {run.DelayMax:F1} | {run.CpuMilliseconds:F2} |");
        }

        Line($"");
        Memory();
        Line($"## How each ran");
        Line($"");
        foreach (var system in systems)
        {
            Line($"- **{system.Name}**: {system.Description}.");
        }

        Line($"");
        Line($"Messages are distinct: text and HTML, from 50 KB on with a base64 JPEG (nothing to unpack). `direct` is generator and sink with nothing between: the");
        Line($"harness's own share. Postfix and SecuEdge store each message durably before the 250, Haraka stores nothing. clamd (one signature, tuned queue) is shared by those who use it.");
        return _page.ToString();
    }

    private void Targets()
    {
        Line($"## Targets");
        Line($"");
        Line($"| target | size | measured | |");
        Line($"|---|---|---|---|");
        foreach (var size in plan.Sizes)
        {
            AtLeast("durable end-to-end rate at least 3 x Postfix's", size, Rate("secuedge", size) / Rate("postfix", size), 3);
            AtMost("CPU a message at most a third of Postfix's", size, Cpu("secuedge", size) / Cpu("postfix", size), 1 / 3.0);
            AtMost("CPU a message at most half of Haraka's", size, Cpu("secuedge", size) / Cpu("haraka", size), 0.5);
            AtLeast("with clamd at least 2 x the rate of Haraka + clamd", size, Rate("secuedge+clamd", size) / Rate("haraka+clamd", size), 2);
            var delay = comparison.HalfRate.FirstOrDefault(run => run.System == "secuedge" && run.SizeBytes == size)?.DelayP99 ?? double.NaN;
            Row("added delay p99 under 100 ms at half of the maximum rate", Size(size), $"{delay:F1} ms", delay < 100, double.IsNaN(delay));
        }

        var memory = comparison.ManySessions?.PeakMegabytes ?? double.NaN;
        Row("memory under 200 MB at 200 open sessions", "50 KB", $"{memory:F0} MB", memory < 200, double.IsNaN(memory));
        var growth = Growth();
        Row($"no growth over {plan.SoakMessages} messages", "4 KB", $"{growth:P0} from the second tenth on", growth < 0.10, double.IsNaN(growth));
        var lost = comparison.Fastest.Concat(comparison.HalfRate).Count(run => run.System.StartsWith("secuedge", StringComparison.Ordinal) && !run.IsComplete);
        Row("what was acknowledged came out", "all", $"{lost} incomplete runs", lost == 0, Rate("secuedge", plan.Sizes[0]) is double.NaN);
        Line($"");
    }

    private void Memory()
    {
        if (comparison.Soak.Count == 0)
        {
            return;
        }

        Line($"## Memory of the gateway in the long run (4 KB, {plan.Sessions} sessions)");
        Line($"");
        Line($"| messages | peak MB |");
        Line($"|---|---|");
        foreach (var (messages, megabytes) in comparison.Soak)
        {
            Line($"| {messages} | {megabytes:F0} |");
        }

        Line($"");
    }

    private double Growth() => comparison.Soak.Count < 3 ? double.NaN : comparison.Soak[^1].Megabytes / comparison.Soak[1].Megabytes - 1;

    private void AtLeast(string target, int size, double ratio, double wanted) => Row(target, Size(size), $"{ratio:F2} x", ratio >= wanted, double.IsNaN(ratio));

    private void AtMost(string target, int size, double ratio, double wanted) => Row(target, Size(size), $"{ratio:F2} x", ratio <= wanted, double.IsNaN(ratio));

    private void Row(string target, string size, string measured, bool met, bool unknown) =>
        Line($"| {target} | {size} | {(unknown ? "" : measured)} | {(unknown ? "not measured" : met ? "met" : "**missed**")} |");

    private IEnumerable<(int Size, MailSystem System)> Pairs() => plan.Sizes.SelectMany(size => systems.Select(system => (size, system)));

    private double Rate(string system, int size) => Median(system, size, run => run.Rate);

    private double Cpu(string system, int size) => Median(system, size, run => run.CpuMilliseconds);

    private double Median(string system, int size, Func<Measurement, double> figure) => comparison.Median(system, size, figure);

    private static string Size(int bytes) => bytes >= 1 << 20 ? "1 MB" : $"{bytes / 1024} KB";

    private void Line(FormattableString text) => _page.AppendLine(text.ToString(CultureInfo.InvariantCulture));
}
