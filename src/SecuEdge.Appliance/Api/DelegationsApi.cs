using Microsoft.AspNetCore.Http.HttpResults;
using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Operations;
using SecuEdge.Store.Accounts;

namespace SecuEdge.Appliance.Api;

/// <summary>Consent of a customer that support acts on his node for a few days.</summary>
internal static class DelegationsApi
{
    public static void Map(RouteGroupBuilder api)
    {
        // Who was given one may see it and give it back, without managing anybody.
        var delegations = api.MapGroup("/delegations").WithTags("Access").NeedsOnlyCaller();
        delegations.MapGet("/", List).WithSummary("List the delegations one gave or was given, newest first");
        delegations.MapPost("/", CreateAsync).WithSummary("Let a user, or the staff of a node above, act on one's node for at most seven days")
            .Needs(Permission.AccessManage);
        delegations.MapGet("/{id}", Find).WithSummary("One delegation");
        delegations.MapDelete("/{id}", RevokeAsync).WithSummary("Revoke a delegation, or give it back; it is over from this moment");
    }

    private static Results<Ok<Page<DelegationDetail>>, ProblemHttpResult> List(Caller caller, DelegationOperations operations, int limit = 50, string? cursor = null)
    {
        var words = new QueryWords();
        limit = words.Limit(limit);
        if (words.IsWrong(out var wrong))
        {
            return wrong;
        }

        // Newest first, so the cursor is a place in the list: everything up to the item it names has been seen.
        var all = operations.List(caller).ToList();
        var start = cursor is null ? 0 : all.FindIndex(d => d.Id == cursor) + 1;
        var items = all.Skip(start).Take(limit).ToList();
        return TypedResults.Ok(new Page<DelegationDetail>(
            [.. items.Select(d => DelegationDetail.Of(d, operations.IsActive(d)))],
            start + items.Count < all.Count && items.Count > 0 ? items[^1].Id : null));
    }

    private static async Task<Results<Created<DelegationDetail>, ProblemHttpResult>> CreateAsync(
        DelegationRequest request, Caller caller, DelegationOperations operations, CancellationToken cancellationToken)
    {
        var draft = new DelegationDraft(request.Node, request.Role, request.User, request.StaffOf, request.Consent, request.ExpiresAt);
        var outcome = await operations.CreateAsync(caller, draft, cancellationToken);
        return outcome.Problem is { } problem
            ? problem.ToProblem()
            : TypedResults.Created($"/api/v1/delegations/{outcome.Value!.Id}", DelegationDetail.Of(outcome.Value, isActive: true));
    }

    private static Results<Ok<DelegationDetail>, ProblemHttpResult> Find(string id, Caller caller, DelegationOperations operations)
    {
        var outcome = operations.Find(caller, id);
        return outcome.Problem is { } problem ? problem.ToProblem() : TypedResults.Ok(DelegationDetail.Of(outcome.Value!, operations.IsActive(outcome.Value!)));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> RevokeAsync(
        string id, Caller caller, DelegationOperations operations, CancellationToken cancellationToken)
    {
        var outcome = await operations.RevokeAsync(caller, id, cancellationToken);
        return outcome.Problem is { } problem ? problem.ToProblem() : TypedResults.NoContent();
    }
}
