using System.Text.Json;
using SecuEdge.Cage.Jobs;
using SecuEdge.Cage.Pool;
using SecuEdge.Cage.Protocol;
using SecuEdge.Content;

namespace SecuEdge.Cage.Tests;

/// <summary>Pools as tests want them: small, with their own folder, and with what happened written down.</summary>
internal sealed class Cages : ICageObserver, IAsyncDisposable
{
    private readonly List<(CageRestart Reason, string Why)> _replaced = [];
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("secuedge-cage-");

    public Cages(Action<CageOptions>? change = null)
    {
        var options = new CageOptions { Workers = 1 };
        change?.Invoke(options);
        Pool = new CagePool(options, _folder.FullName, TimeProvider.System, this);
    }

    public CagePool Pool { get; }

    public string Folder => _folder.FullName;

    public IReadOnlyList<(CageRestart Reason, string Why)> Replaced
    {
        get
        {
            lock (_replaced)
            {
                return [.. _replaced];
            }
        }
    }

    public static TimeSpan Limit { get; } = TimeSpan.FromSeconds(20);

    /// <summary>Lets a worker try something.</summary>
    public async Task<(ProbeResult? Result, CageOutcome.Failed? Failed)> TryAsync(string what, string path = "", long count = 0, TimeSpan? limit = null)
    {
        var outcome = await RunAsync(ProbeJob.Word, JsonSerializer.Serialize(new ProbeParameters(what, path, count), CageJson.Default.ProbeParameters), limit);
        return outcome is CageOutcome.Answered answer
            ? (JsonSerializer.Deserialize(answer.Body, CageJson.Default.ProbeResult), null)
            : (null, (CageOutcome.Failed)outcome);
    }

    public Task<CageOutcome> RunAsync(string kind, string parameters, TimeSpan? limit = null) =>
        Pool.RunAsync(kind, parameters, new MemoryBytes(default), limit ?? Limit, TestContext.Current.CancellationToken);

    public IReadOnlyList<int> Workers() =>
    [
        .. Directory.GetDirectories(_folder.FullName, "worker-*").SelectMany(folder => Directory.GetDirectories("/proc")
            .Where(process => int.TryParse(Path.GetFileName(process), out _) && Says(process, folder)).Select(process => int.Parse(Path.GetFileName(process), System.Globalization.CultureInfo.InvariantCulture))),
    ];

    public async ValueTask DisposeAsync()
    {
        await Pool.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    void ICageObserver.JobEnded(string kind, CageFailure? failure, string why, TimeSpan time)
    {
    }

    void ICageObserver.WorkerReplaced(CageRestart reason, string why)
    {
        lock (_replaced)
        {
            _replaced.Add((reason, why));
        }
    }

    private static bool Says(string process, string word)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline")).Contains(word, StringComparison.Ordinal);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
