using SecuEdge.Cage.Yara;
using SecuEdge.Filter.Scanners;

namespace SecuEdge.Appliance.Yara;

/// <summary>
/// The rules in force, and the only way to change them:
/// <code>
/// files (built in, fetched, own) -> compile in the cage -> trial -> swap
/// </code>
/// Until the swap the former set judges every mail; a scan that began with it ends with it.
/// </summary>
internal sealed partial class RuleBook(RuleFolder folder, RuleTrial trial, ILogger<RuleBook> logger) : IDisposable
{
    private readonly SemaphoreSlim _oneAtATime = new(1, 1);
    private volatile RuleSetInForce? _current;
    private volatile string _trouble = "the rules are being compiled";
    // What the last reading of the folders had to leave out, in one line.
    private volatile string _notes = "";

    /// <summary>Null until the first set has passed its trial.</summary>
    public RuleSetInForce? Current => _current;

    public RuleFolder Folder => folder;

    public ScannerStatus Status => _current is { } set
        ? new ScannerStatus(true, set.Version, set.PublishedAt, _notes) { IsDaily = false }
        : new ScannerStatus(false, "", null, _trouble) { IsDaily = false };

    public void Dispose() => _oneAtATime.Dispose();

    /// <summary>
    /// Reads the folders again. A bad file is set aside and the rest comes into force: a slip in one file must not take all rules away, let
    /// alone stop mail.
    /// </summary>
    /// <returns>False when nothing can be compiled now: to be tried again.</returns>
    public async Task<bool> ReloadAsync(CancellationToken cancellationToken)
    {
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            var (files, notes) = folder.Read();
            while (true)
            {
                var (set, problems, trouble) = await trial.RunAsync([.. BuiltInRules.All, .. files], cancellationToken);
                if (set is not null)
                {
                    Activate(set, notes);
                    return true;
                }

                var bad = files.Where(file => problems.Any(problem => problem.File == file.Key)).ToList();
                if (bad.Count == 0)
                {
                    _trouble = trouble.Length > 0 ? trouble : string.Join("; ", problems);
                    LogTrouble(_trouble);
                    return false;
                }

                foreach (var file in bad)
                {
                    var reason = problems.First(problem => problem.File == file.Key).ToString();
                    folder.SetAside(file);
                    files.Remove(file);
                    notes.Add($"rule file set aside: {reason}");
                    LogSetAside(reason);
                }
            }
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    /// <summary>Puts a file in force and on disk, or neither.</summary>
    /// <returns>Problems with file and line; trouble when it could not be tried; both empty when it is in force.</returns>
    public Task<(IReadOnlyList<RuleProblem> Problems, string Trouble)> PutAsync(string name, string text, DateTimeOffset now, CancellationToken cancellationToken) =>
        ChangeAsync(
            files =>
            {
                files.RemoveAll(file => file.Origin == RuleOrigin.Own && file.Name == name);
                files.Add(new RuleFile(RuleOrigin.Own, name, text, now));
            },
            () => folder.Save(name, text),
            cancellationToken);

    public Task<(IReadOnlyList<RuleProblem> Problems, string Trouble)> DeleteAsync(string name, CancellationToken cancellationToken) =>
        ChangeAsync(files => files.RemoveAll(file => file.Origin == RuleOrigin.Own && file.Name == name), () => folder.Delete(name), cancellationToken);

    /// <summary>Puts a downloaded file in its place and in force, or leaves the former one.</summary>
    public Task<(IReadOnlyList<RuleProblem> Problems, string Trouble)> PutFetchedAsync(string name, string downloaded, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var text = File.ReadAllText(downloaded);
        return ChangeAsync(
            files =>
            {
                files.RemoveAll(file => file.Origin == RuleOrigin.Fetched && file.Name == name);
                files.Add(new RuleFile(RuleOrigin.Fetched, name, text, now));
            },
            () => File.Move(downloaded, folder.PathOf(RuleOrigin.Fetched, name), overwrite: true),
            cancellationToken);
    }

    private async Task<(IReadOnlyList<RuleProblem> Problems, string Trouble)> ChangeAsync(
        Action<List<RuleFile>> change, Action commit, CancellationToken cancellationToken)
    {
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            var (files, notes) = folder.Read();
            change(files);
            // Always in the same order: the version names what is in force, not how it came to be.
            files.Sort((a, b) => a.Origin != b.Origin ? a.Origin.CompareTo(b.Origin) : string.CompareOrdinal(a.Name, b.Name));
            var (set, problems, trouble) = await trial.RunAsync([.. BuiltInRules.All, .. files], cancellationToken);
            if (set is not null)
            {
                commit();
                Activate(set, notes);
            }

            return (problems, trouble);
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    private void Activate(RuleSetInForce set, List<string> notes)
    {
        var former = _current?.Version ?? "none";
        _notes = string.Join("; ", notes);
        _current = set;
        if (former != set.Version)
        {
            LogActivated(former, set.Version);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "YARA rules in force changed from {Former} to {Version}")]
    private partial void LogActivated(string former, string version);

    [LoggerMessage(Level = LogLevel.Warning, Message = "YARA rule file set aside: {Reason}")]
    private partial void LogSetAside(string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "YARA rules cannot be put in force: {Trouble}")]
    private partial void LogTrouble(string trouble);
}
