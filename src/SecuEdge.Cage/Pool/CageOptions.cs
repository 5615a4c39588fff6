using System.ComponentModel.DataAnnotations;
using SecuEdge.Cage.Sandbox;

namespace SecuEdge.Cage.Pool;

/// <summary>Section <c>Cage</c>: the child processes that read what strangers made.</summary>
public sealed class CageOptions : IValidatableObject
{
    /// <summary>The caged program. Empty: <c>secuedge-cage</c> beside the gateway.</summary>
    public string Program { get; set; } = "";

    /// <summary>Processes kept ready. One per core, as jobs are all CPU; two at least, so that one long job does not stop the others.</summary>
    [Range(1, 256)]
    public int Workers { get; set; } = Math.Max(2, Environment.ProcessorCount);

    /// <summary>Jobs that may wait for a worker; further ones are told to come again. Sixteen per worker of a small box: some seconds of work.</summary>
    [Range(1, 100_000)]
    public int MaxWaiting { get; set; } = 64;

    /// <summary>Longest wait for a worker. 30 s: with the job's own time, a client still gets its reply within RFC 5321's ten minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan MaxWait { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// A worker is replaced after so many jobs: whoever took one over does not keep it. Every part matched by rules is a job, five for a
    /// message with a small zip, and a start costs some 0.2 s of CPU with handing over the rules: 2,000 makes that half a millisecond per
    /// message, where 200 was 5. Memory and CPU time end a worker earlier.
    /// </summary>
    [Range(1, 1_000_000)]
    public int JobsPerWorker { get; set; } = 2_000;

    /// <summary>
    /// Managed and native memory of one worker. 1 GB: the largest message in memory, one search buffer, one 64 MB dictionary and the runtime
    /// fit several times.
    /// </summary>
    [Range(256L * 1024 * 1024, 64L * 1024 * 1024 * 1024)]
    public long MaxMemoryBytes { get; set; } = 1024L * 1024 * 1024;

    /// <summary>A worker that has grown beyond is replaced after its job. 400 MB: what an ordinary large job leaves behind stays below.</summary>
    [Range(64L * 1024 * 1024, 64L * 1024 * 1024 * 1024)]
    public long RecycleAboveBytes { get; set; } = 400L * 1024 * 1024;

    /// <summary>All scratch files of one job, and each of them. 1 GB: twice what an examination may unpack by default.</summary>
    [Range(16L * 1024 * 1024, 1024L * 1024 * 1024 * 1024)]
    public long MaxScratchBytes { get; set; } = 1024L * 1024 * 1024;

    /// <summary>All bytes of one answer. 512 MB: what an examination may unpack by default, and its texts.</summary>
    [Range(1024L * 1024, 64L * 1024 * 1024 * 1024)]
    public long MaxAnswerBytes { get; set; } = 512L * 1024 * 1024;

    /// <summary>
    /// Refuse to work (mail is answered 451) unless all of these bars hold, separated by commas: <c>limits</c>, <c>namespaces</c>,
    /// <c>user</c>, <c>landlock</c>, <c>seccomp</c>. Empty: what the kernel has is used, what is missing is shown in the status.
    /// </summary>
    public string Require { get; set; } = "";

    /// <summary>Folders the workers may read besides the program and system libraries, such as that of the rules in force. Set by the rooms, not by people.</summary>
    public IList<string> ReadableFolders { get; } = [];

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var name in RequiredBars().Where(name => !Bar.Names.Contains(name)))
        {
            yield return new ValidationResult($"'{name}' is none of {string.Join(", ", Bar.Names)}", [nameof(Require)]);
        }
    }

    /// <summary>Names of required bars that do not hold; empty when all do.</summary>
    internal string Missing(IReadOnlyList<Bar> bars) => string.Join(", ", RequiredBars().Where(name => !bars.Any(bar => bar.Name == name && bar.Holds)));

    private string[] RequiredBars() => Require.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
