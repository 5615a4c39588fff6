using System.ComponentModel;
using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Api.Languages;
using SecuEdge.Appliance.Backtest;
using SecuEdge.Appliance.Operations;
using SecuEdge.Appliance.Settings;
using SecuEdge.Appliance.Settings.Notices;
using SecuEdge.Filter.Policy.Lexical;
using SecuEdge.Filter.Policy.Rules;

namespace SecuEdge.Appliance.Api;

/// <summary>What a tenant adds to its policy: rules, objects, word lists, groups, holidays, notice templates, each by name.</summary>
internal static class PolicyRulesApi
{
    public static void Map(RouteGroupBuilder api)
    {
        var tenant = api.MapGroup("/tenants/{tenant}").WithTags("Rules");
        var lists = api.MapGroup("/word-lists").WithTags("Rules");
        lists.MapGet("/", WordLists).Needs(Permission.PolicyRead).WithSummary("The word lists that the product brings; rules name them, and a tenant's own of the same name comes before");
        lists.MapGet("/{name}", WordListOf).Needs(Permission.PolicyRead).WithSummary("One word list of the product with its words, to copy and change");
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

    private static Ok<BuiltInWordLists> WordLists() =>
        TypedResults.Ok(new BuiltInWordLists([.. StarterLists.All.Select(l => new BuiltInWordList(l.Name, l.Comment, l.Words.Count))]));

    private static Results<Ok<WordList>, ProblemHttpResult> WordListOf(string name) =>
        StarterLists.Find(name) is { } list
            ? TypedResults.Ok(list)
            : new OperationProblem(OperationFailure.NotFound, $"the product brings no word list '{name}'; there are {string.Join(", ", StarterLists.All.Select(l => l.Name))}").ToProblem();

    private static async Task<Results<Ok<RuleTrialResult>, ProblemHttpResult>> TestAsync(
        string tenant, RuleTrialRequest request, Caller caller, HttpContext context, RuleTrialOperations operations, CancellationToken cancellationToken)
    {
        var outcome = await operations.RunAsync(caller, tenant, request, cancellationToken);
        return outcome.Problem is { } problem ? problem.ToProblem() : TypedResults.Ok(outcome.Value!.In(Said.LanguageOf(context)));
    }

    private static void MapPart<T>(RouteGroupBuilder tenant, string path, TenantPart<T> part)
        where T : class
    {
        var about = typeof(T) == typeof(Holiday) ? ", by its date such as 2026-12-25" : "";
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
        }).Needs(Permission.PolicyRead).WithSummary($"{A(part.Noun, isFirst: true)} of the tenant{about}; the ETag is for If-Match");

        tenant.MapPut($"/{path}/{{name}}", async Task<Results<Ok<T>, ProblemHttpResult>> (
            string tenant, string name, HttpRequest request, HttpResponse response, Caller caller, TenantParts parts, CancellationToken cancellationToken) =>
        {
            var outcome = await parts.PutAsync(caller, tenant, part, name, await request.ReadTextAsync(cancellationToken), request.ExpectedRevision(), cancellationToken);
            return response.Tagged(outcome);
        }).Needs(Permission.PolicyWrite).Accepts<T>("application/json").WithSummary($"Set {A(part.Noun)} of the tenant{about}; in force on the next message; honours If-Match");

        tenant.MapDelete($"/{path}/{{name}}", async Task<Results<NoContent, ProblemHttpResult>> (
            string tenant, string name, HttpRequest request, Caller caller, TenantParts parts, CancellationToken cancellationToken) =>
        {
            var outcome = await parts.DeleteAsync(caller, tenant, part, name, request.ExpectedRevision(), cancellationToken);
            return outcome.Problem is { } problem ? problem.ToProblem() : TypedResults.NoContent();
        }).Needs(Permission.PolicyWrite).WithSummary($"Delete {A(part.Noun)} of the tenant{about}; honours If-Match");
    }

    private static string A(string noun, bool isFirst = false) => isFirst ? $"One {noun}" : noun[0] is 'a' or 'e' or 'i' or 'o' or 'u' ? $"an {noun}" : $"a {noun}";
}

/// <summary>The word lists of the product, by name.</summary>
public sealed record BuiltInWordLists(IReadOnlyList<BuiltInWordList> Items);

/// <summary>A word list of the product.</summary>
/// <param name="Name">As rules name it.</param>
/// <param name="Comment">What it is for.</param>
/// <param name="Words">How many entries it has; GET /word-lists/{name} shows them.</param>
public sealed record BuiltInWordList(string Name, string Comment, int Words);
