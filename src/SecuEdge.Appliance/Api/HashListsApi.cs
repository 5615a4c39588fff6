using System.ComponentModel;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Api.Requests;
using SecuEdge.Appliance.Operations;
using SecuEdge.Filter.Scanners.HashLists;

namespace SecuEdge.Appliance.Api;

/// <summary>The administrator's own lists of hashes.</summary>
internal static class HashListsApi
{
    public static void Map(RouteGroupBuilder api)
    {
        var lists = api.MapGroup("/hash-lists").WithTags("Hash lists");
        lists.MapGet("/", List).WithSummary("List the lists").Needs(Permission.PolicyRead);
        lists.MapGet("/lookup/{hash}", Lookup).WithSummary("Which lists have a SHA-256 or MD5 now").Needs(Permission.PolicyRead);
        lists.MapGet("/{name}", Find).WithSummary("One list, without its entries").Needs(Permission.PolicyRead);
        lists.MapPut("/{name}", ImportAsync).WithSummary("Replace or make a list: one hash a line, with ;comment;expiry if wanted, or CSV")
            .Accepts<byte[]>("text/plain", "text/csv").TakesLargeBody().Needs(Permission.PolicyWrite);
        lists.MapPost("/{name}/entries", AddAsync).WithSummary("Add or change some entries; one that has expired takes an entry back")
            .Accepts<byte[]>("text/plain").TakesLargeBody().Needs(Permission.PolicyWrite);
        lists.MapDelete("/{name}", DeleteAsync).WithSummary("Remove a list").Needs(Permission.PolicyWrite);
    }

    private static Results<Ok<Page<HashListInfo>>, ProblemHttpResult> List(Caller caller, HashListOperations operations, int limit = 50, string? cursor = null)
    {
        var words = new QueryWords();
        limit = words.Limit(limit);
        return words.IsWrong(out var wrong) ? wrong : TypedResults.Ok(Page.Of(operations.List(caller), l => l.Name, limit, cursor, l => l));
    }

    private static Results<Ok<HashListMatches>, ProblemHttpResult> Lookup(string hash, Caller caller, HashListOperations operations)
    {
        var outcome = operations.Lookup(caller, hash);
        return outcome.Problem is { } problem ? problem.ToProblem() : TypedResults.Ok(new HashListMatches(outcome.Value!));
    }

    private static Results<Ok<HashListInfo>, ProblemHttpResult> Find(string name, Caller caller, HashListOperations operations)
    {
        var outcome = operations.Find(caller, name);
        return outcome.Problem is { } problem ? problem.ToProblem() : TypedResults.Ok(outcome.Value!);
    }

    private static async Task<Results<Ok<HashListInfo>, ProblemHttpResult>> ImportAsync(
        string name,
        HttpContext context,
        Caller caller,
        HashListOperations operations,
        CancellationToken cancellationToken,
        [Description("Whose mail; omitted = everybody's, which only the provider may change")] string tenant = "",
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
        context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = operations.MaxBytes(caller);
        var outcome = await operations.ImportAsync(caller, draft, context.Request.Body, expires, cancellationToken);
        return outcome.Problem is { } problem ? problem.ToProblem() : TypedResults.Ok(outcome.Value!);
    }

    private static async Task<Results<Ok<HashListInfo>, ProblemHttpResult>> AddAsync(
        string name, HttpRequest request, Caller caller, HashListOperations operations, CancellationToken cancellationToken)
    {
        var outcome = await operations.AddAsync(caller, name, request.Body, cancellationToken);
        return outcome.Problem is { } problem ? problem.ToProblem() : TypedResults.Ok(outcome.Value!);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        string name, Caller caller, HashListOperations operations, CancellationToken cancellationToken)
    {
        var outcome = await operations.RemoveAsync(caller, name, cancellationToken);
        return outcome.Problem is { } problem ? problem.ToProblem() : TypedResults.NoContent();
    }
}

/// <summary>Where a hash is known.</summary>
/// <param name="Items">Every list that has it, with what the entry says; empty when none has.</param>
public sealed record HashListMatches(IReadOnlyList<HashListMatch> Items);
