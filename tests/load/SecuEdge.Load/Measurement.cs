using System.Diagnostics;
using SecuEdge.Load.Systems;

namespace SecuEdge.Load;

/// <summary>What one run over one system gave.</summary>
internal sealed record Measurement
{
    public required string System { get; init; }

    public required int SizeBytes { get; init; }

    public required int Sessions { get; init; }

    /// <summary>The rate asked for, or null for as fast as it goes.</summary>
    public required double? AskedRate { get; init; }

    public required int Accepted { get; init; }

    public required int Received { get; init; }

    public required int Refused { get; init; }

    public required int Duplicates { get; init; }

    /// <summary>Messages a second out of the far end, from the first message due to the last one out.</summary>
    public required double Rate { get; init; }

    /// <summary>CPU milliseconds a message of the system, without scanner.</summary>
    public required double CpuMilliseconds { get; init; }

    /// <summary>CPU milliseconds a message of the scanner.</summary>
    public required double ScannerCpuMilliseconds { get; init; }

    /// <summary>CPU milliseconds a message of generator and sink.</summary>
    public required double HarnessCpuMilliseconds { get; init; }

    public required double DelayP50 { get; init; }

    public required double DelayP95 { get; init; }

    public required double DelayP99 { get; init; }

    public required double DelayMax { get; init; }

    /// <summary>Peak of all processes' proportional memory, scanner excluded.</summary>
    public required double PeakMegabytes { get; init; }

    public required IReadOnlyCollection<string> Complaints { get; init; }

    /// <summary>Everything that was acknowledged came out, once.</summary>
    public bool IsComplete => Accepted == Received;
}

/// <summary>Runs one load over one system and reads the meters before and after.</summary>
internal sealed class Measurer(Sink sink)
{
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan MemoryInterval = TimeSpan.FromMilliseconds(400);

    public Measurement Measure(MailSystem system, LoadPlan plan)
    {
        var traffic = new Traffic(Math.Min(plan.MaxMessages, 400_000));
        sink.Traffic = traffic;
        using var stop = new ManualResetEvent(false);
        var peak = 0L;
        var watcher = new Thread(() =>
        {
            do
            {
                peak = Math.Max(peak, system.Processes.MemoryBytes());
            }
            while (!stop.WaitOne(MemoryInterval));
        })
        { IsBackground = true };
        var cpu = system.Processes.CpuTime;
        var scannerCpu = system.Scanner?.Processes.CpuTime ?? default;
        var harnessCpu = Environment.CpuUsage.TotalTime;
        watcher.Start();
        new Generator(plan, traffic).Run();
        Drain(traffic);
        var harness = Environment.CpuUsage.TotalTime - harnessCpu;
        var spent = system.Processes.CpuTime - cpu;
        var scannerSpent = (system.Scanner?.Processes.CpuTime ?? default) - scannerCpu;
        stop.Set();
        watcher.Join();
        var delays = traffic.Delays(skip: plan.RatePerSecond is null ? TimeSpan.Zero : TimeSpan.FromSeconds(0.5));
        double PerMessage(TimeSpan time) => time.TotalMilliseconds / Math.Max(1, traffic.Received);
        double Percentile(double share) => delays.Length == 0 ? double.NaN : delays[Math.Min(delays.Length - 1, (int)(share * delays.Length))].TotalMilliseconds;
        return new Measurement
        {
            System = system.Name,
            SizeBytes = plan.SizeBytes,
            Sessions = plan.Sessions,
            AskedRate = plan.RatePerSecond,
            Accepted = traffic.Accepted,
            Received = traffic.Received,
            Refused = traffic.Refused,
            Duplicates = traffic.Duplicates,
            Rate = traffic.Received / traffic.Duration.TotalSeconds,
            CpuMilliseconds = PerMessage(spent),
            ScannerCpuMilliseconds = PerMessage(scannerSpent),
            HarnessCpuMilliseconds = PerMessage(harness),
            DelayP50 = Percentile(0.50),
            DelayP95 = Percentile(0.95),
            DelayP99 = Percentile(0.99),
            DelayMax = Percentile(1),
            PeakMegabytes = peak / 1e6,
            Complaints = traffic.Complaints,
        };
    }

    /// <summary>Until everything acknowledged has come out, or nothing has come for a long time.</summary>
    private static void Drain(Traffic traffic)
    {
        var start = Stopwatch.GetTimestamp();
        var received = traffic.Received;
        while (traffic.Received < traffic.Accepted && Stopwatch.GetElapsedTime(start) < DrainLimit)
        {
            Pause.For(TimeSpan.FromMilliseconds(20));
            if (traffic.Received != received)
            {
                (received, start) = (traffic.Received, Stopwatch.GetTimestamp());
            }
        }
    }
}
