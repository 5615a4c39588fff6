using System.ComponentModel;
using Microsoft.AspNetCore.Http.HttpResults;
using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Operations;

namespace SecuEdge.Appliance.Api;

/// <summary>API tokens: a scope (node and permissions), and where and how long it may be used.</summary>
internal static class TokensApi
{
    public static void Map(RouteGroupBuilder api)
    {
        var tokens = api.MapGroup("/tokens").WithTags("Access").Needs(Permission.AccessManage);
        tokens.MapGet("/", List).WithSummary("List the tokens of the nodes one looks after");
        tokens.MapPost("/", CreateAsync).WithSummary("Make a token; the secret is shown this once");
        tokens.MapGet("/{id}", Find).WithSummary("One token, with its last use");
        tokens.MapPatch("/{id}", ChangeAsync).WithSummary("Change comment, end or networks of a token");
        tokens.MapDelete("/{id}", DeleteAsync).WithSummary("Revoke a token; it works no more from this moment");
    }

    private static Results<Ok<Page<TokenDetail>>, ProblemHttpResult> List(
        Caller caller, TokenOperations operations, [Description("Only of this node and below")] string? node = null, int limit = 50, string? cursor = null)
    {
        var words = new QueryWords();
        limit = words.Limit(limit);
        return words.IsWrong(out var wrong) ? wrong : TypedResults.Ok(Page.Of(operations.List(caller, node), t => t.Id, limit, cursor, TokenDetail.Of));
    }

    private static async Task<Results<Created<CreatedToken>, ProblemHttpResult>> CreateAsync(
        TokenRequest request, Caller caller, TokenOperations operations, CancellationToken cancellationToken)
    {
        var draft = new TokenDraft(request.Name, request.Node, request.Permissions, request.Comment, request.ExpiresAt, request.Networks);
        var outcome = await operations.CreateAsync(caller, draft, cancellationToken);
        return outcome.Problem is { } problem
            ? problem.ToProblem()
            : TypedResults.Created($"/api/v1/tokens/{outcome.Value.Token.Id}", new CreatedToken { Secret = outcome.Value.Secret, Token = TokenDetail.Of(outcome.Value.Token) });
    }

    private static Results<Ok<TokenDetail>, ProblemHttpResult> Find(string id, Caller caller, TokenOperations operations)
    {
        var outcome = operations.Find(caller, id);
        return outcome.Problem is { } problem ? problem.ToProblem() : TypedResults.Ok(TokenDetail.Of(outcome.Value!));
    }

    private static async Task<Results<Ok<TokenDetail>, ProblemHttpResult>> ChangeAsync(
        string id, TokenPatch request, Caller caller, TokenOperations operations, CancellationToken cancellationToken)
    {
        var outcome = await operations.ChangeAsync(caller, id, new TokenChange(request.Comment, request.ExpiresAt, request.Networks), cancellationToken);
        return outcome.Problem is { } problem ? problem.ToProblem() : TypedResults.Ok(TokenDetail.Of(outcome.Value!));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        string id, Caller caller, TokenOperations operations, CancellationToken cancellationToken)
    {
        var outcome = await operations.DeleteAsync(caller, id, cancellationToken);
        return outcome.Problem is { } problem ? problem.ToProblem() : TypedResults.NoContent();
    }
}
