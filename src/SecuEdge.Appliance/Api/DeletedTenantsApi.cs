using System.ComponentModel;
using Microsoft.AspNetCore.Http.HttpResults;
using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Operations;

namespace SecuEdge.Appliance.Api;

/// <summary>What is kept of deleted tenants for some weeks.</summary>
internal static class DeletedTenantsApi
{
    public static void Map(RouteGroupBuilder api)
    {
        var deleted = api.MapGroup("/deleted-tenants").WithTags("Tenants").Needs(Permission.PrivacyManage);
        deleted.MapGet("/", List).WithSummary("List the deleted tenants whose export is still kept, newest first");
        deleted.MapGet("/{id}", Find).WithSummary("One deleted tenant");
        deleted.MapGet("/{id}/export", ExportAsync).Produces(StatusCodes.Status200OK, contentType: "application/zip")
            .WithSummary("The export of a deleted tenant once more");
        deleted.MapDelete("/{id}", EraseAsync).WithSummary("Erase what is kept of a deleted tenant before its time; it cannot be brought back then");
    }

    private static Results<Ok<Page<DeletedTenant>>, ProblemHttpResult> List(
        Caller caller, DeletedTenantOperations operations, [Description("1-200")] int limit = 50, [Description("`next` of the page before")] string? cursor = null)
    {
        var words = new QueryWords();
        limit = words.Limit(limit);
        if (words.IsWrong(out var wrong))
        {
            return wrong;
        }

        // Newest first, so the cursor is a place in the list: everything up to the item it names has been seen.
        var all = operations.List(caller).ToList();
        var start = cursor is null ? 0 : all.FindIndex(t => t.Id == cursor) + 1;
        var items = all.Skip(start).Take(limit).ToList();
        return TypedResults.Ok(new Page<DeletedTenant>(items, start + items.Count < all.Count && items.Count > 0 ? items[^1].Id : null));
    }

    private static Results<Ok<DeletedTenant>, ProblemHttpResult> Find(string id, Caller caller, DeletedTenantOperations operations)
    {
        var outcome = operations.Find(caller, id);
        return outcome.Problem is { } problem ? problem.ToProblem() : TypedResults.Ok(outcome.Value!);
    }

    private static async Task<Results<FileStreamHttpResult, ProblemHttpResult>> ExportAsync(
        string id, Caller caller, DeletedTenantOperations operations, CancellationToken cancellationToken)
    {
        var outcome = await operations.ExportAsync(caller, id, cancellationToken);
        return outcome.Problem is { } problem
            ? problem.ToProblem()
            : TypedResults.Stream(outcome.Value.Export, "application/zip", $"{outcome.Value.Tenant.Name}.zip", enableRangeProcessing: true);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> EraseAsync(string id, Caller caller, DeletedTenantOperations operations)
    {
        var outcome = await operations.EraseAsync(caller, id);
        return outcome.Problem is { } problem ? problem.ToProblem() : TypedResults.NoContent();
    }
}
