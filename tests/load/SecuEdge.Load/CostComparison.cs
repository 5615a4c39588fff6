using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using SecuEdge.Load.Systems;

namespace SecuEdge.Load;

/// <summary>
/// What it costs to look into mail: the same honest attachments, each new to everyone, through all systems in turn. A fixed number of
/// messages a run, because a large PDF through a slow system would outlast any fixed time.
/// </summary>
internal sealed class CostComparison(Sink sink, IReadOnlyList<MailSystem> systems, int repetitions)
{
    private const int Sessions = 8;

    /// <summary>Content and messages a run; enough for some seconds each.</summary>
    private static readonly (LoadContent Content, string Name, int Messages)[] Kinds =
    [
        (LoadContent.Plain, "plain mail, 4 KB", 400),
        (LoadContent.SmallZip, "small zip, 20 KB", 200),
        (LoadContent.Office, "office document, 1 MB", 30),
        (LoadContent.Pdf, "PDF, 10 MB", 6),
    ];

    private readonly Measurer _measurer = new(sink);
    private readonly List<(string Kind, Measurement Run, double CageMilliseconds)> _runs = [];

    public void Run()
    {
        foreach (var (content, name, messages) in Kinds)
        {
            // One share of attachments for each repetition and one for the warm-up; all systems get the same ones.
            var template = content == LoadContent.Plain ? MessageTemplate.Create(4096, seed: 7) : MessageTemplate.Create(content, messages * (repetitions + 1));
            for (var repetition = 0; repetition <= repetitions; repetition++)
            {
                foreach (var system in systems)
                {
                    var cage = system.Processes.CpuTimeOf("secuedge-cage");
                    var run = _measurer.Measure(system, new LoadPlan
                    {
                        Target = system.Entry,
                        SizeBytes = template.Length,
                        Sessions = Math.Min(Sessions, messages),
                        MaxMessages = messages,
                        Template = template,
                        FirstAttachment = repetition * messages,
                    });
                    var cageSpent = (system.Processes.CpuTimeOf("secuedge-cage") - cage).TotalMilliseconds / Math.Max(1, run.Received);
                    Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
                        $"{(repetition == 0 ? "warm-up" : "measured"),-9} {name,-22} {system.Name,-22} {run.Rate,8:F1} msg/s  {run.CpuMilliseconds:F2} (cage {cageSpent:F2}) + clamd {run.ScannerCpuMilliseconds:F2} ms  {run.PeakMegabytes:F0} MB  {run.Accepted} in {run.Received} out {run.Refused} refused {string.Join(" | ", run.Complaints)}"));
                    if (repetition > 0)
                    {
                        _runs.Add((name, run, cageSpent));
                    }
                }
            }
        }
    }

    public string Render(string revision, IEnumerable<string> absent)
    {
        var page = new StringBuilder();
        void Line(FormattableString text) => page.AppendLine(text.ToString(CultureInfo.InvariantCulture));
        Line($"# Cost of looking into mail");
        Line($"");
        Line($"Written by `tests/load/run cost`; do not edit. Commit {revision}, {RuntimeInformation.OSDescription.Split(' ')[0]} {RuntimeInformation.OSArchitecture}, {Environment.ProcessorCount} cores shared by");
        Line($"generator, sink and system under test. {Sessions} sessions, {repetitions} repetition(s), interleaved; medians. Every attachment is new to everyone, and clamd's cache is off.");
        foreach (var name in absent)
        {
            Line($"**Not measured: {name}.**");
        }

        foreach (var (_, kind, messages) in Kinds)
        {
            Line($"");
            Line($"## {kind} ({messages} messages a run)");
            Line($"");
            Line($"| system | messages/s | CPU ms/message | gateway | cage | clamd | p50 / p99 ms | peak MB | in / out / refused |");
            Line($"|---|---|---|---|---|---|---|---|---|");
            foreach (var system in systems)
            {
                var runs = _runs.Where(run => run.Kind == kind && run.Run.System == system.Name).ToArray();
                double Median(Func<(string, Measurement Run, double CageMilliseconds), double> figure) => runs.Select(run => figure(run)).Order().ElementAt(runs.Length / 2);
                var (own, cage, clamd) = (Median(run => run.Run.CpuMilliseconds), Median(run => run.CageMilliseconds), Median(run => run.Run.ScannerCpuMilliseconds));
                Line($"| {system.Name} | {Median(run => run.Run.Rate):F1} | {own + clamd:F1} | {own - cage:F1} | {(cage > 0 ? cage.ToString("F1", CultureInfo.InvariantCulture) : "")} | {clamd:F1} | {Median(run => run.Run.DelayP50):F0} / {Median(run => run.Run.DelayP99):F0} | {runs.Max(run => run.Run.PeakMegabytes):F0} | {runs.Sum(run => run.Run.Accepted)} / {runs.Sum(run => run.Run.Received)} / {runs.Sum(run => run.Run.Refused)} |");
            }
        }

        Line($"");
        Line($"## How each ran");
        Line($"");
        foreach (var system in systems)
        {
            Line($"- **{system.Name}**: {system.Description}.");
        }

        Line($"");
        Line($"`gateway` is the system's own CPU without caged processes; `cage` is that of the processes which open attachments and run YARA. Delays are those of a closed loop at full load.");
        return page.ToString();
    }
}
