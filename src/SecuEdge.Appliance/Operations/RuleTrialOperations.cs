using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Backtest;
using SecuEdge.Appliance.Settings;
using SecuEdge.Filter;
using SecuEdge.Filter.Policy;
using SecuEdge.Filter.Policy.Rules;
using SecuEdge.Smtp;
using SecuEdge.Store.Facts;
using SecuEdge.Store.MessageLog;

namespace SecuEdge.Appliance.Operations;

/// <summary>Tries one rule on one message, and says of each condition whether it holds and why. Changes nothing.</summary>
internal sealed class RuleTrialOperations(IFactsLog log, IMessageLog messages, SiteHolder sites, Auditor auditor, TimeProvider timeProvider)
{
    public async Task<Outcome<RuleTrialResult>> RunAsync(Caller caller, string tenant, RuleTrialRequest request, CancellationToken cancellationToken)
    {
        var site = sites.Current;
        if (!caller.May(Permission.Analyze, tenant, site) || site.FindTenant(tenant) is not { } route)
        {
            return SiteEditor.NoTenant(tenant);
        }

        if (request.Facts is null == request.Reference is null)
        {
            return Invalid("facts", "describe the message under facts, or name one that came under reference; one of the two");
        }

        // Calendars end there: the day before the first one cannot be asked for.
        if (request.Facts?.At is { Year: < 1970 or > 9000 })
        {
            return Invalid("facts.at", "is no time at which mail comes; write one between 1970 and 9000, or leave it out for now");
        }

        var recipient = MailPath.Null;
        if (request.Recipient is { } address && !MailPath.TryParse(address, out recipient))
        {
            return Invalid("recipient", $"'{address}' is no address; write it as eva@example.com");
        }

        var (layer, above) = route.LayerForTrial();
        var trial = layer with { Rules = [request.Rule] };
        if (RuleSet.Check(trial, above) is { Count: > 0 } wrong)
        {
            List<FieldError> errors = [.. wrong.Select(Error)];
            return new OperationProblem(OperationFailure.Invalid, string.Join("\n", errors.Select(e => $"{e.Field}: {e.Detail}")), errors[0].Field) { Errors = errors };
        }

        if (request.Facts is { } described)
        {
            return Try(request.Rule, layer, above, described.Of(route.Tenant.Name, recipient.ToString(), timeProvider.GetUtcNow()), (described.Score, described.Class), recipient);
        }

        if (await FindAsync(caller, site, route.Tenant.Name, request.Reference!, cancellationToken) is not { } facts)
        {
            return new OperationProblem(
                OperationFailure.NotFound, $"there is no message '{request.Reference}' of '{route.Tenant.Name}' whose facts were kept; they are for some days, and refused commands have none", "reference");
        }

        if (request.Recipient is null && facts.Recipients.Count > 0 && MailPath.TryParse(facts.Recipients[0], out var first))
        {
            recipient = first;
        }

        await auditor.RecordAsync(caller, "rule.test", route.Tenant.Name, facts.Reference, $"rule '{request.Rule.Name}' was tried on a message", cancellationToken);
        return Try(request.Rule, layer, above, facts, Policy.BeforeRules(facts, PolicyOwner.PolicyOf(site, facts, recipient)), recipient);
    }

    private static RuleTrialResult Try(
        Rule rule, PolicyLayer layer, RuleSet above, PolicyFacts facts, (double Score, MessageClass Class) found, MailPath recipient)
    {
        IReadOnlyList<TriedCondition> conditions = rule.When is null ? [] : ConditionTrial.Run(rule.When, layer, above, facts, found.Score, found.Class, recipient);
        var isOfDirection = rule.Direction == RuleDirection.Both || (rule.Direction == RuleDirection.Inbound) == (facts.Direction == Direction.Inbound);
        var holds = conditions.Count == 0 ? Truth.Yes : conditions[0].Holds;
        var isAsked = rule.Enabled && isOfDirection;
        return new RuleTrialResult
        {
            IsAsked = isAsked,
            Holds = holds,
            Why = conditions.Count == 0 ? "Always holds." : conditions[0].Why,
            Recipient = recipient.ToString(),
            Conditions = conditions,
            Then = isAsked && holds == Truth.Yes && rule.Mode == RuleMode.Enforce ? rule.Then : [],
        };
    }

    /// <summary>Null when there is none, or none that the caller may see.</summary>
    private async Task<PolicyFacts?> FindAsync(Caller caller, SiteDirectory site, string tenant, string reference, CancellationToken cancellationToken)
    {
        if (await messages.FindAsync(reference, cancellationToken) is not { } record
            || !site.IsWithin(record.Tenant, tenant) || !caller.May(Permission.MessagesRead, record.Tenant, site))
        {
            return null;
        }

        return await log.FindAsync(record, cancellationToken);
    }

    /// <summary><c>rules[0].when: …</c> is said where the request has it.</summary>
    private static FieldError Error(string error)
    {
        var said = error.StartsWith("rules[0]", StringComparison.Ordinal) ? "rule" + error["rules[0]".Length..] : error;
        return said.IndexOf(": ", StringComparison.Ordinal) is var colon and > 0 ? new FieldError(said[..colon], said[(colon + 2)..]) : new FieldError("rule", said);
    }

    private static OperationProblem Invalid(string field, string detail) =>
        new(OperationFailure.Invalid, $"{field}: {detail}", field) { Errors = [new FieldError(field, detail)] };
}
