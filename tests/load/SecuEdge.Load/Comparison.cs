using System.Globalization;
using SecuEdge.Load.Systems;

namespace SecuEdge.Load;

/// <summary>How long and how often a comparison measures.</summary>
internal sealed record ComparisonPlan(IReadOnlyList<int> Sizes, int Repetitions, TimeSpan Seconds, int Sessions, int SoakMessages)
{
    /// <summary>The figures that go into RESULTS.md: about eleven minutes.</summary>
    public static ComparisonPlan Full { get; } = new([4096, 51_200, 1_048_576], 3, TimeSpan.FromSeconds(5), 50, 100_000);

    /// <summary>A look while working: about three minutes.</summary>
    public static ComparisonPlan Quick { get; } = new([4096, 51_200, 1_048_576], 1, TimeSpan.FromSeconds(2), 50, 10_000);
}

/// <summary>
/// Measures all systems side by side. All of them run from start to end; the repetitions are interleaved, so that what else the machine does
/// meanwhile meets each of them; ratios are taken of medians.
/// </summary>
internal sealed class Comparison(ComparisonPlan plan, Sink sink, IReadOnlyList<MailSystem> systems)
{
    private readonly Measurer _measurer = new(sink);
    private readonly List<Measurement> _fastest = [];
    private readonly List<Measurement> _halfRate = [];

    /// <summary>At the maximum rate: every repetition.</summary>
    public IReadOnlyList<Measurement> Fastest => _fastest;

    /// <summary>At half of the system's own median maximum rate.</summary>
    public IReadOnlyList<Measurement> HalfRate => _halfRate;

    /// <summary>One session after the other for 200 at once, or null without gateway.</summary>
    public Measurement? ManySessions { get; private set; }

    /// <summary>What else the machine had to do before the start: the average number of runnable processes.</summary>
    public double LoadBefore { get; } = double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture);

    /// <summary>The gateway's memory in the course of the long run: messages so far, megabytes now.</summary>
    public List<(int Messages, double Megabytes)> Soak { get; } = [];

    public void Run()
    {
        foreach (var system in systems)
        {
            // Caches, connection pools and compiled code first; a size at a time would favour whoever starts warm.
            foreach (var size in plan.Sizes)
            {
                Measure(system, size, plan.Sessions, TimeSpan.FromSeconds(size == plan.Sizes[0] ? 2 : 0.5), rate: null, "warm-up");
            }
        }

        foreach (var size in plan.Sizes)
        {
            for (var repetition = 0; repetition < plan.Repetitions; repetition++)
            {
                // The harness by itself does not vary enough to be measured more than once.
                foreach (var system in systems.Where(system => repetition == 0 || system is not DirectToSink))
                {
                    _fastest.Add(Measure(system, size, plan.Sessions, plan.Seconds, rate: null, "maximum"));
                }
            }

            foreach (var system in systems)
            {
                _halfRate.Add(Measure(system, size, plan.Sessions, plan.Seconds, MedianRate(system, size) / 2, "half rate"));
            }
        }

        if (systems.FirstOrDefault(system => system is SecuEdgeGateway { Scanner: null }) is { } gateway)
        {
            ManySessions = Measure(gateway, 51_200, 200, plan.Seconds, rate: null, "200 sessions");
            RunLong(gateway);
        }
    }

    /// <summary>The median of one figure over the repetitions.</summary>
    public double Median(string system, int size, Func<Measurement, double> figure)
    {
        var values = _fastest.Where(run => run.System == system && run.SizeBytes == size).Select(figure).Order().ToArray();
        return values.Length == 0 ? double.NaN : values[values.Length / 2];
    }

    private double MedianRate(MailSystem system, int size) => Median(system.Name, size, run => run.Rate);

    private void RunLong(MailSystem gateway)
    {
        for (var sent = 0; sent < plan.SoakMessages;)
        {
            var portion = Math.Min(10_000, plan.SoakMessages);
            var run = _measurer.Measure(gateway, new LoadPlan { Target = gateway.Entry, SizeBytes = 4096, Sessions = plan.Sessions, MaxMessages = portion });
            Report(run, "long run");
            sent += portion;
            Soak.Add((sent, run.PeakMegabytes));
        }
    }

    private Measurement Measure(MailSystem system, int size, int sessions, TimeSpan seconds, double? rate, string phase)
    {
        var run = _measurer.Measure(system, new LoadPlan { Target = system.Entry, SizeBytes = size, Sessions = sessions, Duration = seconds, RatePerSecond = rate });
        Report(run, phase);
        return run;
    }

    private static void Report(Measurement run, string phase)
    {
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{phase,-12} {run.System,-15} {run.SizeBytes / 1024,5} KB  {run.Rate,8:F0} msg/s  {run.CpuMilliseconds,6:F2} + {run.ScannerCpuMilliseconds:F2} ms (harness {run.HarnessCpuMilliseconds:F2})  p50 {run.DelayP50:F1} p99 {run.DelayP99:F1} ms  {run.PeakMegabytes:F0} MB  {run.Accepted} in {run.Received} out {run.Refused} refused {run.Duplicates} twice {string.Join(" | ", run.Complaints)}"));
    }
}
