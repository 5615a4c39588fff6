using System.ComponentModel;
using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Backtest;
using SecuEdge.Appliance.Operations;
using SecuEdge.Appliance.Settings;
using SecuEdge.Appliance.Settings.Notices;
using SecuEdge.Filter.Policy.Rules;

namespace SecuEdge.Appliance.Api;

/// <summary>What a tenant adds to its policy: rules, objects, word lists, groups, holidays, notice templates, each by name.</summary>
internal static class PolicyRulesApi
{
    public static void Map(RouteGroupBuilder api)
    {
        var tenant = api.MapGroup("/tenants/{tenant}").WithTags("Rules");
        MapPart(tenant, "rules", new TenantPart<Rule>("rule", "rule", t => t.Rules, (t, items) => t with { Rules = items }, r => r.Name));
        tenant.MapPost("/rules:test", TestAsync).Needs(Permission.Analyze)
            .WithSummary("Try a rule on a message described here or on one that came: which conditions hold, and why");
        MapPart(tenant, "objects", new TenantPart<PolicyObject>("object", "object", t => t.Objects, (t, items) => t with { Objects = items }, o => o.Name));
        MapPart(tenant, "word-lists", new TenantPart<WordList>("word list", "wordList", t => t.WordLists, (t, items) => t with { WordLists = items }, l => l.Name));
        MapPart(tenant, "groups", new TenantPart<Group>("group", "group", t => t.Groups, (t, items) => t with { Groups = items }, g => g.Name));
        MapPart(tenant, "holidays", new TenantPart<Holiday>(
            "holiday", "holiday", t => t.Holidays, (t, items) => t with { Holidays = items }, h => h.Date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)));
        MapPart(tenant, "notice-templates", new TenantPart<NoticeTemplate>(
            "notice template", "noticeTemplate", t => t.NoticeTemplates, (t, items) => t with { NoticeTemplates = items }, n => n.Name));
    }

    private static async Task<Results<Ok<RuleTrialResult>, ProblemHttpResult>> TestAsync(
        string tenant, RuleTrialRequest request, Caller caller, RuleTrialOperations operations, CancellationToken cancellationToken)
    {
        var outcome = await operations.RunAsync(caller, tenant, request, cancellationToken);
        return outcome.Problem is { } problem ? problem.ToProblem() : TypedResults.Ok(outcome.Value!);
    }

    private static void MapPart<T>(RouteGroupBuilder tenant, string path, TenantPart<T> part)
        where T : class
    {
        tenant.MapGet($"/{path}", Results<Ok<Page<T>>, ProblemHttpResult> (
            string tenant,
            Caller caller,
            TenantParts parts,
            [Description("1-200")] int limit = 50,
            [Description("`next` of the page before")] string? cursor = null) =>
        {
            var words = new QueryWords();
            words.Limit(limit);
            if (words.IsWrong(out var wrong))
            {
                return wrong;
            }

            var outcome = parts.List(caller, tenant, part, limit, cursor);
            return outcome.Problem is { } problem ? problem.ToProblem() : TypedResults.Ok(new Page<T>(outcome.Value.Items, outcome.Value.Next));
        }).Needs(Permission.PolicyRead).WithSummary($"Every {part.Noun} that the tenant itself has, by name");

        tenant.MapGet($"/{path}/{{name}}", Results<Ok<T>, ProblemHttpResult> (string tenant, string name, Caller caller, TenantParts parts, HttpResponse response) =>
        {
            var outcome = parts.Get(caller, tenant, part, name);
            return response.Tagged(outcome);
        }).Needs(Permission.PolicyRead).WithSummary($"One {part.Noun} of the tenant; the ETag is for If-Match");

        tenant.MapPut($"/{path}/{{name}}", async Task<Results<Ok<T>, ProblemHttpResult>> (
            string tenant, string name, HttpRequest request, HttpResponse response, Caller caller, TenantParts parts, CancellationToken cancellationToken) =>
        {
            var outcome = await parts.PutAsync(caller, tenant, part, name, await request.ReadTextAsync(cancellationToken), request.ExpectedRevision(), cancellationToken);
            return response.Tagged(outcome);
        }).Needs(Permission.PolicyWrite).Accepts<T>("application/json").WithSummary($"Set a {part.Noun} of the tenant; in force on the next message; honours If-Match");

        tenant.MapDelete($"/{path}/{{name}}", async Task<Results<NoContent, ProblemHttpResult>> (
            string tenant, string name, HttpRequest request, Caller caller, TenantParts parts, CancellationToken cancellationToken) =>
        {
            var outcome = await parts.DeleteAsync(caller, tenant, part, name, request.ExpectedRevision(), cancellationToken);
            return outcome.Problem is { } problem ? problem.ToProblem() : TypedResults.NoContent();
        }).Needs(Permission.PolicyWrite).WithSummary($"Delete a {part.Noun} of the tenant; honours If-Match");
    }
}
