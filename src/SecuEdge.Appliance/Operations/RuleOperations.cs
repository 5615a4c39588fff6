using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Yara;
using SecuEdge.Cage.Yara;
using SecuEdge.Filter.Scanners.Yara;
using SecuEdge.Store.Audit;

namespace SecuEdge.Appliance.Operations;

/// <summary>Shows and changes YARA rules. A change is tried before it comes into force; until then, and when it fails, the former set judges mail.</summary>
internal sealed partial class RuleOperations(
    RuleBook book, RuleUpdates updates, YaraOptions options, YaraServiceOptions service, Auditor auditor, TimeProvider timeProvider, ILogger<RuleOperations> logger)
{
    public RuleState State()
    {
        var status = book.Status;
        return new RuleState(options.Enabled, status.IsReady, status.Version, status.SignaturesAt, status.Trouble, List(), updates.Sources);
    }

    public IReadOnlyList<RuleFileState> List() => book.Current is not { } set ? [] :
    [
        .. set.Files.Select(file => new RuleFileState(
            file.Name, file.Origin, file.ChangedAt, [.. set.Rules.Where(rule => rule.File == file.Key).Select(rule => RuleLine.Of(rule, set.MeaningOf(rule)))])),
    ];

    public Outcome<string> Read(string name) => Find(name) is { } file ? file.Text : NotFound(name);

    public async Task<Outcome<RuleState>> PutAsync(Caller caller, string name, string text, CancellationToken cancellationToken)
    {
        if (caller.RefusedAtRoot(Permission.SystemManage) is { } refusal)
        {
            return refusal;
        }

        if (!RuleFolder.IsName(name))
        {
            return new OperationProblem(OperationFailure.Invalid, $"name: '{name}' must have 1 to 64 letters, digits, dots, dashes or underscores, the first a letter or digit");
        }

        if (text.Trim().Length == 0 || text.Length > service.MaxRuleBytes)
        {
            return new OperationProblem(OperationFailure.Invalid, $"body: send the text of the rule file, at most {service.MaxRuleBytes} bytes");
        }

        return await ChangeAsync(caller, "put", name, () => book.PutAsync(name, text, timeProvider.GetUtcNow(), cancellationToken));
    }

    public async Task<Outcome<RuleState>> DeleteAsync(Caller caller, string name, CancellationToken cancellationToken) =>
        caller.RefusedAtRoot(Permission.SystemManage) is { } refusal ? refusal
        : Find(name) is not { Origin: RuleOrigin.Own } ? NotFound(name)
        : await ChangeAsync(caller, "delete", name, () => book.DeleteAsync(name, cancellationToken));

    /// <summary>Reads the folder now; files that cannot be used are set aside and named in the state's trouble.</summary>
    public async Task<Outcome<RuleState>> ReloadAsync(Caller caller, CancellationToken cancellationToken)
    {
        if (caller.RefusedAtRoot(Permission.SystemManage) is { } refusal)
        {
            return refusal;
        }

        LogChanged(caller.Name, "reload", "all");
        await auditor.RecordAsync(caller, "yara.reload", "", "", "Read the rule folder again", cancellationToken);
        return await book.ReloadAsync(cancellationToken) ? State() : new OperationProblem(OperationFailure.Unavailable, book.Status.Trouble);
    }

    private async Task<Outcome<RuleState>> ChangeAsync(
        Caller caller, string what, string name, Func<Task<(IReadOnlyList<RuleProblem> Problems, string Trouble)>> change)
    {
        try
        {
            var (problems, trouble) = await auditor.DoAsync(
                new Deed(caller, $"yara.{what}", "", name, $"YARA rule file: {what}"),
                change,
                done => done.Problems.Count > 0 ? "It does not compile." : done.Trouble);
            if (problems.Count > 0)
            {
                return new OperationProblem(OperationFailure.Invalid, string.Join("\n", problems.Select(problem => problem.ToString())));
            }

            if (trouble.Length > 0)
            {
                return new OperationProblem(OperationFailure.Unavailable, trouble);
            }
        }
        catch (Exception exception) when (exception is (IOException or UnauthorizedAccessException) and not AuditUnavailableException)
        {
            return new OperationProblem(OperationFailure.Unavailable, "the rule file could not be stored; check free disk space and try again");
        }

        LogChanged(caller.Name, what, name);
        return State();
    }

    private RuleFile? Find(string name) => book.Current?.Files.LastOrDefault(file => file.Name == name);

    private static OperationProblem NotFound(string name) =>
        new(OperationFailure.NotFound, $"there is no rule file '{name}' of your own; list what there is with GET /api/v1/yara");

    [LoggerMessage(Level = LogLevel.Information, Message = "{Caller}: YARA rule file {What}: {Name}")]
    private partial void LogChanged(string caller, string what, string name);
}

/// <summary>The rules in force and where they come from.</summary>
/// <param name="Version">Short hash of all sources, date of the newest, number of rules.</param>
public sealed record RuleState(
    bool IsEnabled,
    bool IsReady,
    string Version,
    DateTimeOffset? PublishedAt,
    string Trouble,
    IReadOnlyList<RuleFileState> Files,
    IReadOnlyList<RuleSourceStatus> Sources);

/// <summary>One rule file in force.</summary>
public sealed record RuleFileState(string Name, RuleOrigin Origin, DateTimeOffset? ChangedAt, IReadOnlyList<RuleLine> Rules);

/// <summary>One rule, and what its match means.</summary>
/// <param name="Score">Null = the score of YARA_HEURISTIC.</param>
public sealed record RuleLine(string Name, RuleSeverity Severity, double? Score, string Description)
{
    internal static RuleLine Of(RuleFacts rule, RuleMatch? meaning) => new(
        rule.Name, meaning?.Severity ?? RuleSeverity.Informational, meaning?.Score, rule.Meta.GetValueOrDefault("description", ""));
}
