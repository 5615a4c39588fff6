using System.Text.Json;
using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Backtest;
using SecuEdge.Appliance.Settings;
using SecuEdge.Filter.Policy.Rules;
using SecuEdge.Store.Facts;
using SecuEdge.Store.MessageLog;

namespace SecuEdge.Appliance.Operations;

/// <summary>Tries changed rules on the mail of the last days, and tells what rules on trial would have done.</summary>
internal sealed class BacktestOperations(IFactsLog log, IMessageLog messages, SiteHolder sites, Auditor auditor, TimeProvider timeProvider)
{
    /// <summary>Judging recorded mail takes a whole processor: two at once leave the rest to mail.</summary>
    private readonly ReadingSlots _backtests = new(2, "back-test");

    /// <summary>A few milliseconds of work: nobody sees more, and less costs as much as judging.</summary>
    private const int ToldEvery = 50;

    /// <summary>Counting is mostly reading, so that several people may look.</summary>
    private readonly ReadingSlots _reports = new(4, "report of rules on trial");

    /// <summary>A report takes a second or two; a month of a large reseller must not read for minutes.</summary>
    private static readonly TimeSpan ReportLimit = TimeSpan.FromSeconds(30);

    /// <param name="progress">Told now and then how far it is, from another thread; null when nobody asks. The first time once it is certain that there will be a result.</param>
    public async Task<Outcome<BacktestResult>> RunAsync(
        Caller caller, string tenant, BacktestRequest request, Action<BacktestProgress>? progress, CancellationToken cancellationToken)
    {
        var site = sites.Current;
        if (!caller.May(Permission.Analyze, tenant, site) || site.FindTenant(tenant) is not { } known)
        {
            return NotFound(tenant);
        }

        if (request.Without.Where(w => !known.Tenant.Rules.Any(r => r.Name == w)).ToList() is { Count: > 0 } unknown)
        {
            return new OperationProblem(
                OperationFailure.Invalid, $"without: '{known.Tenant.Name}' has no rule {string.Join(", ", unknown.Select(u => $"'{u}'"))} of its own; GET /api/v1/tenants/{known.Tenant.Name}/rules lists them", "without");
        }

        var (changed, problem) = Change(caller, site, known.Tenant, request.Apply(known.Tenant));
        if (changed is null)
        {
            return problem!;
        }

        var slot = _backtests.Take(caller, known.Tenant.Name);
        if (slot.Problem is { } busy)
        {
            return busy;
        }

        using (slot.Value)
        {
            var tally = new BacktestTally(request, facts => caller.May(Permission.MessagesRead, facts.Tenant, site));
            try
            {
                // Reading files and judging do not give the thread back by themselves.
                var result = await Task.Run(() => RunAsync(tally, known.Tenant, site, changed, request, progress, cancellationToken), cancellationToken);
                await RecordAsync(caller, known.Tenant.Name, request, tally, "", cancellationToken);
                return result;
            }
            catch (OperationCanceledException) when (tally.Messages > 0)
            {
                // Whoever goes away has seen how many would change.
                await RecordAsync(caller, known.Tenant.Name, request, tally, ", then given up", CancellationToken.None);
                throw;
            }
        }
    }

    public async Task<Outcome<MonitorReport>> MonitorAsync(Caller caller, string tenant, int days, CancellationToken cancellationToken)
    {
        var site = sites.Current;
        if (!caller.May(Permission.PolicyRead, tenant, site) || site.FindTenant(tenant) is not { } known)
        {
            return NotFound(tenant);
        }

        var slot = _reports.Take(caller, known.Tenant.Name);
        if (slot.Problem is { } busy)
        {
            return busy;
        }

        using (slot.Value)
        {
            var started = timeProvider.GetTimestamp();
            var until = timeProvider.GetUtcNow();
            var tally = new MonitorTally(known.Policy.Rules.Rules);
            await foreach (var facts in log.ReadAsync(Subtree(site, known.Tenant.Name), until.AddDays(-days), until, cancellationToken))
            {
                tally.Take(facts);
                if (timeProvider.GetElapsedTime(started) >= ReportLimit)
                {
                    return new OperationProblem(OperationFailure.Unavailable, $"{days} days of mail take longer than {ReportLimit.TotalSeconds:0} s to read; ask for fewer days, or for a node below");
                }
            }

            return tally.Report(until.AddDays(-days), until);
        }
    }

    private Task RecordAsync(Caller caller, string tenant, BacktestRequest request, BacktestTally tally, string end, CancellationToken cancellationToken) =>
        auditor.RecordAsync(
            caller, "policy.backtest", tenant, tenant, $"{tally.Messages} messages of {request.Days} days, {tally.Changed} decisions changed{end}", cancellationToken);

    private async Task<BacktestResult> RunAsync(
        BacktestTally tally, Tenant tenant, SiteDirectory site, SiteDirectory changed, BacktestRequest request, Action<BacktestProgress>? progress, CancellationToken cancellationToken)
    {
        var started = timeProvider.GetTimestamp();
        var until = timeProvider.GetUtcNow();
        var since = until.AddDays(-request.Days);
        var tenants = Subtree(site, tenant.Name);
        var replay = new Replay(site, changed, ChangedRules(tenant, request));
        var total = progress is null ? null : await log.CountAsync(tenants, since, until, cancellationToken);
        progress?.Invoke(new BacktestProgress(0, total, 0, until));
        bool IsOver() => timeProvider.GetElapsedTime(started).TotalSeconds >= request.MaxSeconds;

        // Day by day backwards: when the time runs out, it is the newest mail that was looked at.
        var reached = until;
        for (var day = until; day > since && !IsOver(); day = reached)
        {
            var begin = day.AddDays(-1) < since ? since : day.AddDays(-1);
            await foreach (var facts in log.ReadAsync(tenants, begin, day, cancellationToken))
            {
                await TakeAsync(facts, replay, tally, cancellationToken);
                if (progress is not null && tally.Messages % ToldEvery == 0)
                {
                    progress(new BacktestProgress(tally.Messages, total, tally.Changed, reached));
                }

                if (IsOver())
                {
                    break;
                }
            }

            reached = IsOver() ? reached : begin;
        }

        return tally.Result(since, until, reached, timeProvider.GetElapsedTime(started).TotalSeconds);
    }

    private async Task TakeAsync(PolicyFacts facts, Replay replay, BacktestTally tally, CancellationToken cancellationToken)
    {
        tally.Messages++;
        (bool IsRead, MessageRecord? Record) story = default;
        for (var i = 0; i < facts.Recipients.Count; i++)
        {
            if (tally.Take(facts, i, replay.Judge(facts, i)) is { } group)
            {
                story = story.IsRead ? story : (true, await messages.FindAsync(facts.Reference, cancellationToken));
                tally.Learn(group, facts, story.Record);
            }
        }
    }

    /// <summary>The site with the changed tenant; only what is below it is compiled again.</summary>
    private static (SiteDirectory? Site, OperationProblem? Problem) Change(Caller caller, SiteDirectory site, Tenant tenant, Tenant changed)
    {
        List<Tenant> tenants = [.. site.Site.Tenants.Select(t => ReferenceEquals(t, tenant) ? changed : t)];
        if (!tenants.Contains(changed))
        {
            // The provider is there without being named.
            tenants.Add(changed);
        }

        var (directory, errors) = SiteValidation.TryCompile(
            new Site { Tenants = tenants },
            site,
            t => ReferenceEquals(t, changed) ? "" : $"tenant {t.Name}: ",
            name => caller.May(Permission.TenantsRead, name, site));
        return directory is null ? (null, Invalid(errors)) : (directory, null);
    }

    private static OperationProblem Invalid(IReadOnlyList<string> errors)
    {
        List<FieldError> fields = [.. errors.Select(e => e.IndexOf(": ", StringComparison.Ordinal) is var colon and > 0 ? new FieldError(e[..colon], e[(colon + 2)..]) : new FieldError("", e))];
        return new OperationProblem(OperationFailure.Invalid, string.Join("\n", errors), fields[0].Field) { Errors = fields };
    }

    /// <summary>A rule whose unknown answer cannot be taken from what happened then, because it is not the rule of then.</summary>
    private static Func<PlacedRule, bool> ChangedRules(Tenant tenant, BacktestRequest request)
    {
        // What rules refer to changed: then all of them may have.
        if (request.Objects.Count + request.WordLists.Count + request.Groups.Count > 0)
        {
            return _ => true;
        }

        var before = tenant.Rules.ToLookup(r => r.Name, Text);
        var changed = request.Rules.Where(r => !before[r.Name].Contains(Text(r))).Select(r => r.Name).ToHashSet(StringComparer.Ordinal);
        return placed => placed.Node.Equals(tenant.Name, StringComparison.OrdinalIgnoreCase) && changed.Contains(placed.Rule.Name);

        static string Text(Rule rule) => JsonSerializer.Serialize(rule, SiteJson.Options);
    }

    private static HashSet<string> Subtree(SiteDirectory site, string node) => site.Subtree(node).ToHashSet(StringComparer.OrdinalIgnoreCase);

    private static OperationProblem NotFound(string tenant) =>
        new(OperationFailure.NotFound, $"there is no tenant '{tenant}'; GET /api/v1/tenants lists those that you may see");
}
