using Microsoft.AspNetCore.Http.HttpResults;
using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Api.Requests;
using SecuEdge.Appliance.Operations;

namespace SecuEdge.Appliance.Api;

/// <summary>YARA rules: what is in force, and the administrator's own files.</summary>
internal static class RulesApi
{
    public static void Map(RouteGroupBuilder api)
    {
        var yara = api.MapGroup("/yara").WithTags("YARA");
        yara.MapGet("/", (RuleOperations operations) => TypedResults.Ok(operations.State())).WithSummary("Rules in force, their files and sources").NeedsAtRoot(Permission.SystemRead);
        api.MapPost("/yara:reload", ReloadAsync).WithTags("YARA").WithSummary("Read the rule folder now").NeedsAtRoot(Permission.SystemManage);
        yara.MapGet("/rules/{name}", Read).WithSummary("Text of a rule file").Produces<string>(StatusCodes.Status200OK, "text/plain").NeedsAtRoot(Permission.SystemRead);
        yara.MapPut("/rules/{name}", PutAsync).WithSummary("Put a rule file in force; errors name file and line, and change nothing").Accepts<string>("text/plain").TakesLargeBody().NeedsAtRoot(Permission.SystemManage);
        yara.MapDelete("/rules/{name}", DeleteAsync).WithSummary("Take a rule file of your own out of force").NeedsAtRoot(Permission.SystemManage);
    }

    private static Results<ContentHttpResult, ProblemHttpResult> Read(string name, RuleOperations operations)
    {
        var outcome = operations.Read(name);
        return outcome.Problem is { } problem ? problem.ToProblem() : TypedResults.Content(outcome.Value!, "text/plain");
    }

    private static async Task<Results<Ok<RuleState>, ProblemHttpResult>> PutAsync(
        string name, HttpRequest request, Caller caller, RuleOperations operations, CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(request.Body);
        return Answer(await operations.PutAsync(caller, name, await reader.ReadToEndAsync(cancellationToken), cancellationToken));
    }

    private static async Task<Results<Ok<RuleState>, ProblemHttpResult>> DeleteAsync(
        string name, Caller caller, RuleOperations operations, CancellationToken cancellationToken) =>
        Answer(await operations.DeleteAsync(caller, name, cancellationToken));

    private static async Task<Results<Ok<RuleState>, ProblemHttpResult>> ReloadAsync(
        Caller caller, RuleOperations operations, CancellationToken cancellationToken) =>
        Answer(await operations.ReloadAsync(caller, cancellationToken));

    private static Results<Ok<RuleState>, ProblemHttpResult> Answer(Outcome<RuleState> outcome) =>
        outcome.Problem is { } problem ? problem.ToProblem() : TypedResults.Ok(outcome.Value!);
}
