using System.ComponentModel;
using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Api.Requests;
using SecuEdge.Appliance.Operations;
using SecuEdge.Appliance.Settings;

namespace SecuEdge.Appliance.Api;

/// <summary>The history of the settings, and changes as files: plan, apply, roll back.</summary>
internal static class RevisionsApi
{
    public static void Map(RouteGroupBuilder api)
    {
        var revisions = api.MapGroup("/config/revisions").WithTags("Revisions");
        revisions.MapGet("/", ListAsync).Needs(Permission.TenantsRead).WithSummary("List changes of the settings, newest first");
        revisions.MapGet("/{number}", GetAsync).Needs(Permission.TenantsRead).WithSummary("What one revision changed, line by line");
        revisions.MapPost("/{number}:rollback", RollBackAsync).Needs(Permission.TenantsManage).WithSummary("Make one tenant, or everything, as it was after a revision");
        api.MapPost("/config:plan", PlanAsync).Needs(Permission.TenantsManage).TakesLargeBodyAtRoot().WithTags("Revisions").Accepts<Site>("application/json")
            .WithSummary("Say what a site file, or a part of it, would change");
        api.MapPost("/config:apply", ApplyAsync).Needs(Permission.TenantsManage).TakesLargeBodyAtRoot().WithTags("Revisions").Accepts<Site>("application/json")
            .WithSummary("Put a site file, or a part of it, in force; one revision holds all of it");
    }

    private static async Task<Results<Ok<Page<RevisionSummary>>, ProblemHttpResult>> ListAsync(
        Caller caller,
        RevisionOperations operations,
        CancellationToken cancellationToken,
        [Description("Only those that changed this tenant")] string? tenant = null,
        [Description("1-200")] int limit = 50,
        [Description("`next` of the page before")] string? cursor = null)
    {
        var words = new QueryWords();
        words.Limit(limit);
        if (words.IsWrong(out var problem))
        {
            return problem;
        }

        int? below = cursor is null ? null : int.Parse(cursor, CultureInfo.InvariantCulture);
        var (items, next) = await operations.ListAsync(caller, tenant, limit, below, cancellationToken);
        return TypedResults.Ok(new Page<RevisionSummary>(items, next));
    }

    private static async Task<Results<Ok<RevisionDetail>, ProblemHttpResult>> GetAsync(
        int number, Caller caller, RevisionOperations operations, CancellationToken cancellationToken)
    {
        var outcome = await operations.GetAsync(caller, number, cancellationToken);
        return outcome.Problem is { } problem ? problem.ToProblem() : TypedResults.Ok(outcome.Value!);
    }

    private static async Task<Results<Ok<SiteImport>, ProblemHttpResult>> RollBackAsync(
        int number,
        Caller caller,
        RevisionOperations operations,
        CancellationToken cancellationToken,
        [Description("Only this tenant; everything when absent")] string? tenant = null,
        [Description("Only say what would change")] bool plan = false) =>
        Answer(await operations.RollBackAsync(caller, number, tenant, plan, cancellationToken));

    private static Task<Results<Ok<SiteImport>, ProblemHttpResult>> PlanAsync(
        HttpRequest request,
        Caller caller,
        SiteOperations operations,
        CancellationToken cancellationToken,
        [Description("The file describes this node and what is below it; your own node when absent")] string? tenant = null,
        [Description("Tenants that the file does not name stay as they are")] bool part = false) =>
        ImportAsync(request, caller, operations, tenant, node => new SiteScope(node, part), "", plan: true, cancellationToken);

    private static Task<Results<Ok<SiteImport>, ProblemHttpResult>> ApplyAsync(
        HttpRequest request,
        Caller caller,
        SiteOperations operations,
        CancellationToken cancellationToken,
        [Description("The file describes this node and what is below it; your own node when absent")] string? tenant = null,
        [Description("Tenants that the file does not name stay as they are")] bool part = false,
        [Description("How many tenants are deleted because the file does not name them, as the plan says")] int confirm = 0,
        [Description("Kept with the revision")] string comment = "") =>
        ImportAsync(request, caller, operations, tenant, node => new SiteScope(node, part) { MayDelete = confirm }, comment, plan: false, cancellationToken);

    private static async Task<Results<Ok<SiteImport>, ProblemHttpResult>> ImportAsync(
        HttpRequest request,
        Caller caller,
        SiteOperations operations,
        string? tenant,
        Func<string, SiteScope> scopeOf,
        string comment,
        bool plan,
        CancellationToken cancellationToken)
    {
        var node = operations.NodeOf(caller, tenant);
        if (node.Value is null)
        {
            return node.Problem!.ToProblem();
        }

        var scope = scopeOf(node.Value);
        return operations.Refusal(caller, scope) is { } refusal
            ? refusal.ToProblem()
            : Answer(await operations.ImportAsync(caller, await request.ReadTextAsync(cancellationToken), scope, comment, plan, cancellationToken));
    }

    private static Results<Ok<SiteImport>, ProblemHttpResult> Answer(Outcome<SiteImport> outcome) =>
        outcome.Problem is { } problem ? problem.ToProblem() : TypedResults.Ok(outcome.Value!);
}
