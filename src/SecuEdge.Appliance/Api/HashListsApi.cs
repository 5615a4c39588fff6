using System.ComponentModel;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using SecuEdge.Appliance.Operations;
using SecuEdge.Filter.Scanners.HashLists;

namespace SecuEdge.Appliance.Api;

/// <summary>The administrator's own lists of hashes.</summary>
internal static class HashListsApi
{
    public static void Map(RouteGroupBuilder api)
    {
        var lists = api.MapGroup("/hash-lists").WithTags("Hash lists");
        lists.MapGet("/", (HashListOperations operations) => TypedResults.Ok(operations.All)).WithSummary("List the lists");
        lists.MapGet("/lookup/{hash}", Lookup).WithSummary("Which lists have a SHA-256 or MD5 now");
        lists.MapGet("/{name}", Find).WithSummary("One list, without its entries");
        lists.MapPut("/{name}", ImportAsync).WithSummary("Replace or make a list: one hash a line, with ;comment;expiry if wanted, or CSV")
            .Accepts<byte[]>("text/plain", "text/csv");
        lists.MapPost("/{name}/entries", AddAsync).WithSummary("Add or change some entries; one that has expired takes an entry back")
            .Accepts<byte[]>("text/plain");
        lists.MapDelete("/{name}", DeleteAsync).WithSummary("Remove a list");
    }

    private static Results<Ok<IReadOnlyList<HashListMatch>>, ProblemHttpResult> Lookup(string hash, HashListOperations operations)
    {
        var outcome = operations.Lookup(hash);
        return outcome.Problem is { } problem ? problem.ToProblem() : TypedResults.Ok(outcome.Value!);
    }

    private static Results<Ok<HashListInfo>, ProblemHttpResult> Find(string name, HashListOperations operations)
    {
        var outcome = operations.Find(name);
        return outcome.Problem is { } problem ? problem.ToProblem() : TypedResults.Ok(outcome.Value!);
    }

    private static async Task<Results<Ok<HashListInfo>, ProblemHttpResult>> ImportAsync(
        string name,
        HttpContext context,
        ClaimsPrincipal user,
        HashListOperations operations,
        CancellationToken cancellationToken,
        [Description("Whose mail; omitted = everybody's")] string tenant = "",
        [Description("deny or allow")] string? kind = null,
        [Description("Last day of entries that say none themselves")] DateTimeOffset? expires = null,
        [Description("Where it is fetched from on a schedule")] Uri? url = null,
        [Description("Where the SHA-256 of what is at url is published")] Uri? sha256Url = null)
    {
        var words = new QueryWords();
        var draft = new HashListInfo
        {
            Name = name,
            Tenant = tenant,
            Kind = words.Read<HashListKind>("kind", kind) ?? HashListKind.Deny,
            Url = url,
            Sha256Url = sha256Url,
        };
        if (words.IsWrong(out var wrong))
        {
            return wrong;
        }

        // A list is larger than any mail.
        context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = operations.MaxBytes;
        var outcome = await operations.ImportAsync(user.ToCaller(), draft, context.Request.Body, expires, cancellationToken);
        return outcome.Problem is { } problem ? problem.ToProblem() : TypedResults.Ok(outcome.Value!);
    }

    private static async Task<Results<Ok<HashListInfo>, ProblemHttpResult>> AddAsync(
        string name, HttpRequest request, ClaimsPrincipal user, HashListOperations operations, CancellationToken cancellationToken)
    {
        var outcome = await operations.AddAsync(user.ToCaller(), name, request.Body, cancellationToken);
        return outcome.Problem is { } problem ? problem.ToProblem() : TypedResults.Ok(outcome.Value!);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        string name, ClaimsPrincipal user, HashListOperations operations, CancellationToken cancellationToken)
    {
        var outcome = await operations.RemoveAsync(user.ToCaller(), name, cancellationToken);
        return outcome.Problem is { } problem ? problem.ToProblem() : TypedResults.NoContent();
    }
}
