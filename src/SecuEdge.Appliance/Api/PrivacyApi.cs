using System.Security.Claims;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Operations;
using SecuEdge.Appliance.Privacy;

namespace SecuEdge.Appliance.Api;

/// <summary>The rights of a person under the GDPR: to know (article 15), to get a copy (20), to be forgotten (17).</summary>
internal static class PrivacyApi
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapPost("/privacy:search", SearchAsync).WithTags("Privacy").Needs(Permission.PrivacyManage).WithSummary("What is kept about a person");
        api.MapPost("/privacy:export", ExportAsync).WithTags("Privacy").Needs(Permission.PrivacyManage).WithSummary("A copy of what is kept about a person, as JSON");
        api.MapPost("/privacy:erase", EraseAsync).WithTags("Privacy").Needs(Permission.PrivacyManage).WithSummary("Forget a person; without apply=true only says what would be done");
    }

    private static async Task<Results<Ok<PersonSummary>, ProblemHttpResult>> SearchAsync(
        PersonRequest request, ClaimsPrincipal user, PrivacyOperations operations, CancellationToken cancellationToken)
    {
        var outcome = await operations.SearchAsync(user.ToCaller(), request, cancellationToken);
        return outcome.Problem is { } problem ? problem.ToProblem() : TypedResults.Ok(outcome.Value);
    }

    private static async Task<Results<PushStreamHttpResult, ProblemHttpResult>> ExportAsync(
        PersonRequest request, ClaimsPrincipal user, PrivacyOperations operations, CancellationToken cancellationToken)
    {
        var outcome = await operations.ExportAsync(user.ToCaller(), request, cancellationToken);
        return outcome.Problem is { } problem
            ? problem.ToProblem()
            : TypedResults.Stream(stream => JsonSerializer.SerializeAsync(stream, outcome.Value!, ApiJson.Options, cancellationToken), "application/json", "person.json");
    }

    private static async Task<Results<Ok<PersonErased>, ProblemHttpResult>> EraseAsync(
        PersonErasure request, ClaimsPrincipal user, PrivacyOperations operations, CancellationToken cancellationToken)
    {
        var outcome = await operations.EraseAsync(user.ToCaller(), request, cancellationToken);
        return outcome.Problem is { } problem ? problem.ToProblem() : TypedResults.Ok(outcome.Value);
    }
}
