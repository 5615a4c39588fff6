using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Convictions;
using SecuEdge.Appliance.MailFlow;
using SecuEdge.Appliance.Settings;
using SecuEdge.Appliance.Supervision;
using SecuEdge.Appliance.Telemetry;
using SecuEdge.Content;
using SecuEdge.Filter;
using SecuEdge.Filter.Policy;
using SecuEdge.Filter.Scanners;
using SecuEdge.Smtp;
using SecuEdge.Store.MessageLog;
using SecuEdge.Store.Quarantine;

namespace SecuEdge.Appliance.Operations;

/// <summary>What an administrator does about engines: see them, believe them less or again, and take back what one alone had convicted.</summary>
internal sealed class EngineOperations(
    IReadOnlyList<IScanner> scanners, EngineChanges changes, ConvictionGuard guard, ConvictionWatch watch, IQuarantine quarantine, MailQueue queue,
    QuarantineOperations quarantineOperations, HoldOperations holdOperations, MessageJudge judge, SiteHolder sites, GatewayMetrics metrics, Auditor auditor, TimeProvider timeProvider)
{
    // More at once would keep the caller waiting for minutes; the next call goes on where this one ended.
    private const int MaxItems = 1000;
    private const int PageSize = 200;

    public IReadOnlyList<EngineDetail> List() => [.. scanners.Select(DetailOf)];

    /// <summary>Its convictions only hold mail from now on.</summary>
    /// <param name="reason">Kept with the demotion: somebody will ask.</param>
    public async Task<Outcome<EngineDetail>> DemoteAsync(Caller caller, string name, string? signature, string? reason, CancellationToken cancellationToken)
    {
        if (caller.RefusedAtRoot(Permission.SystemManage) is { } refusal)
        {
            return refusal;
        }

        if (Find(name) is not { } scanner)
        {
            return NotFound(name);
        }

        if (string.IsNullOrWhiteSpace(reason))
        {
            return new OperationProblem(OperationFailure.Invalid, "reason: is missing; say why the engine is not to be believed");
        }

        await auditor.DoAsync(
            new Deed(caller, "engine.demote", "", scanner.Name, signature is null ? "Only holds mail" : $"Signature {signature} only holds mail", reason),
            () => watch.Demote(scanner.Name, signature, reason, caller.Name));
        return DetailOf(scanner);
    }

    public async Task<Outcome<EngineDetail>> RestoreAsync(Caller caller, string name, string? signature, CancellationToken cancellationToken)
    {
        if (caller.RefusedAtRoot(Permission.SystemManage) is { } refusal)
        {
            return refusal;
        }

        if (Find(name) is not { } scanner)
        {
            return NotFound(name);
        }

        await auditor.DoAsync(
            new Deed(caller, "engine.restore", "", scanner.Name, signature is null ? "Believed again" : $"Signature {signature} believed again"),
            () => watch.Restore(scanner.Name, signature, caller.Name));
        return DetailOf(scanner);
    }

    /// <summary>Mail in quarantine or hold that is there only because this engine convicted it.</summary>
    public async Task<Outcome<EngineConvictions>> ConvictionsAsync(Caller caller, string name, DateTimeOffset since, string? signature, CancellationToken cancellationToken)
    {
        if (caller.RefusedAtRoot(Permission.MessagesRead) is { } refusal)
        {
            return refusal;
        }

        if (Find(name) is not { } scanner)
        {
            return NotFound(name);
        }

        List<EngineConviction> items = [];
        var isMore = await AddQuarantinedAsync(scanner.Name, since, signature, items, cancellationToken)
            || await AddHeldAsync(scanner.Name, since, signature, items, cancellationToken);
        return new EngineConvictions(scanner.Name, signature, since, Applied: false, items, isMore);
    }

    /// <summary>
    /// Each is judged again before, without the word of the engine: its scan had ended with the conviction, so what else is in it nobody knew.
    /// </summary>
    /// <param name="apply">False only says what would be released.</param>
    public async Task<Outcome<EngineConvictions>> ReleaseAsync(
        Caller caller, string name, DateTimeOffset since, string? signature, bool apply, CancellationToken cancellationToken)
    {
        if (caller.RefusedAtRoot(Permission.SystemManage) is { } refusal)
        {
            return refusal;
        }

        // Whoever says which engine is believed takes back what it did, without a word about single messages.
        var releasing = caller with { Grants = [.. caller.Grants, new Grant(Tenant.Root, [Permission.MessagesRead, Permission.QuarantineRelease, Permission.MalwareRelease])] };
        var found = await ConvictionsAsync(releasing, name, since, signature, cancellationToken);
        if (found.Value is not { } convictions || !apply)
        {
            return found;
        }

        await auditor.RecordAsync(
            caller, "engine.release", "", convictions.Engine, $"Releases what it alone had convicted since {since:O}, of {convictions.Items.Count} messages", cancellationToken);
        List<EngineConviction> items = [];
        foreach (var item in convictions.Items)
        {
            if (await ObjectionAsync(item, new Disbelief(convictions.Engine, signature), cancellationToken) is { } objection)
            {
                items.Add(item with { Problem = objection });
                continue;
            }

            var outcome = item.State == MessageState.Held
                ? await holdOperations.ReleaseAsync(releasing, item.Reference, cancellationToken)
                : await quarantineOperations.ReleaseAsync(releasing, item.Reference, null, cancellationToken);
            items.Add(item with { Released = outcome.Problem is null, Problem = outcome.Problem?.Detail });
        }

        return convictions with { Applied = true, Items = items };
    }

    /// <summary>What there is against it besides; null when nothing is.</summary>
    private async Task<string?> ObjectionAsync(EngineConviction item, Disbelief disbelief, CancellationToken cancellationToken)
    {
        try
        {
            var (record, bytes) = await FindAsync(item, cancellationToken);
            if (record is null || bytes is null)
            {
                return "it is not there any more";
            }

            var earlier = new EarlierKnowledge { Disbelief = disbelief, IsFirstContact = record.IsFirstContact };
            using var judgement = await judge.JudgeAsync(HoldReview.EnvelopeOf(record), a => sites.Current.PolicyFor(record.Tenant, a), bytes, earlier, cancellationToken);
            var isJudged = judgement.Report.Findings.All(f => !f.Code.EndsWith("_FAILED", StringComparison.Ordinal));
            var isConvicted = judgement.Report.Engines.Any(e => e.Convictions.Any(c => !disbelief.Covers(e.Name, c.Signature)));
            return isJudged && !isConvicted && judgement.Strongest.Action < VerdictAction.Quarantine ? null : $"judged again: {MessageStory.Sentence(judgement)}";
        }
        catch (Exception e) when (e is TimeoutException or IOException or InvalidOperationException)
        {
            return $"it cannot be judged again at the moment: {e.Message}";
        }
    }

    private async Task<(MessageRecord? Record, IByteSource? Bytes)> FindAsync(EngineConviction item, CancellationToken cancellationToken)
    {
        if (item.State == MessageState.Held)
        {
            var held = queue.Held.FirstOrDefault(m => m.Reference == item.Reference);
            return (held?.Entry.ReadRecord(), held?.Entry.Bytes);
        }

        return ((await quarantine.FindAsync(item.Reference, cancellationToken))?.Message, quarantine.OpenBytes(item.Reference));
    }

    private async Task<bool> AddQuarantinedAsync(
        string engine, DateTimeOffset since, string? signature, List<EngineConviction> items, CancellationToken cancellationToken)
    {
        var query = new QuarantineQuery { Since = since, Limit = PageSize };
        do
        {
            var page = await quarantine.ListAsync(query, cancellationToken);
            foreach (var entry in page.Items.Where(e => e.Recipients.Except(e.ReleasedTo, StringComparer.OrdinalIgnoreCase).Any()))
            {
                Add(entry.Message, MessageState.Quarantined, engine, signature, items);
            }

            query = query with { Cursor = page.Next };
        }
        while (query.Cursor is not null && items.Count < MaxItems);
        return query.Cursor is not null;
    }

    private async Task<bool> AddHeldAsync(
        string engine, DateTimeOffset since, string? signature, List<EngineConviction> items, CancellationToken cancellationToken)
    {
        string? cursor = null;
        do
        {
            var page = await queue.ListAsync(isHeld: true, PageSize, cursor, cancellationToken);
            foreach (var item in page.Items.Where(i => i.Record.ReceivedAt >= since))
            {
                Add(item.Record, MessageState.Held, engine, signature, items);
            }

            cursor = page.Next;
        }
        while (cursor is not null && items.Count < MaxItems);
        return cursor is not null;
    }

    private void Add(MessageRecord record, MessageState state, string engine, string? signature, List<EngineConviction> items)
    {
        if (ConvictedBy.SignatureOf(record, engine, signature) is { } found && ConvictedBy.Alone(record, engine, PolicyOf(record)))
        {
            items.Add(new EngineConviction(
                record.Reference, record.Tenant, record.ReceivedAt, record.ReversePath, [.. record.Recipients.Select(r => r.Address)], record.Subject, state, found));
        }
    }

    private TenantPolicy PolicyOf(MessageRecord record) => sites.Current.FindTenant(record.Tenant)?.Policy ?? TenantPolicy.Default;

    private EngineDetail DetailOf(IScanner scanner)
    {
        var status = EngineStatus.Of(scanner, metrics, timeProvider.GetUtcNow());
        return new EngineDetail(
            status.Name, status.IsReady, status.Version, status.SignaturesAt, status.Trouble,
            [.. guard.Demotions.Where(d => d.Engine == scanner.Name)],
            [.. changes.Recent.Where(c => c.Engine == scanner.Name).Take(20)]);
    }

    private IScanner? Find(string name) => scanners.FirstOrDefault(s => s.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    private OperationProblem NotFound(string name) =>
        new(OperationFailure.NotFound, $"there is no engine '{name}'; there are: {string.Join(", ", scanners.Select(s => s.Name))}");
}

/// <summary>Reads from a record whose conviction it is.</summary>
internal static class ConvictedBy
{
    /// <summary>The signature with which the engine convicted it; null when it did not, or not only with the one asked for.</summary>
    public static string? SignatureOf(MessageRecord record, string engine, string? signature)
    {
        var found = record.Engines.Where(e => e.Name == engine).SelectMany(e => e.Convictions).Select(c => c.Signature);
        // Records of older versions have it only in the words of the finding: "Name in part".
        List<string> all = [.. found.Concat(record.Findings.Where(f => IsConviction(f, engine)).Select(f => f.Detail.Split(" in ", 2)[0]))];
        return signature is null || all.All(s => s.Equals(signature, StringComparison.OrdinalIgnoreCase)) ? all.FirstOrDefault() : null;
    }

    /// <summary>Without this engine the message would have been delivered.</summary>
    public static bool Alone(MessageRecord record, string engine, TenantPolicy policy)
    {
        List<Finding> others = [.. record.Findings.Where(f => !IsConviction(f, engine))];
        var isConvictedByOthers = record.Engines.Any(e => e.Name != engine && e.Convictions.Count > 0);
        return !isConvictedByOthers && Policy.Decide(others, policy, record.Direction, MailPath.Null).Action < VerdictAction.Quarantine;
    }

    private static bool IsConviction(Finding finding, string engine) =>
        finding.Code.Equals(engine + "_INFECTED", StringComparison.OrdinalIgnoreCase) || finding.Code.Equals(engine + "_ADVISORY", StringComparison.OrdinalIgnoreCase);
}

/// <summary>One engine as it is.</summary>
/// <param name="Advisory">It, or signatures of it, that only hold mail at the moment.</param>
/// <param name="Changes">The last changes of its version, newest first.</param>
public sealed record EngineDetail(
    string Name, bool IsReady, string Version, DateTimeOffset? SignaturesAt, string Trouble, IReadOnlyList<Demotion> Advisory, IReadOnlyList<EngineChange> Changes);

/// <param name="Applied">False when it only says what would be released.</param>
/// <param name="IsMore">There is more than one call takes: call again after this one is released.</param>
public sealed record EngineConvictions(string Engine, string? Signature, DateTimeOffset Since, bool Applied, IReadOnlyList<EngineConviction> Items, bool IsMore);

/// <param name="State"><c>quarantined</c> or <c>held</c>.</param>
public sealed record EngineConviction(
    string Reference, string Tenant, DateTimeOffset ReceivedAt, string Sender, IReadOnlyList<string> Recipients, string Subject, MessageState State, string Signature)
{
    public bool Released { get; init; }

    /// <summary>Why it was not released.</summary>
    public string? Problem { get; init; }
}
