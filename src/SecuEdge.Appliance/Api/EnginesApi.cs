using System.ComponentModel;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using SecuEdge.Appliance.Operations;

namespace SecuEdge.Appliance.Api;

/// <summary>Antivirus engines: what they are, whether they are believed, and taking back what one of them alone had convicted.</summary>
internal static class EnginesApi
{
    public static void Map(RouteGroupBuilder api)
    {
        var engines = api.MapGroup("/engines").WithTags("Engines");
        engines.MapGet("/", (EngineOperations operations) => TypedResults.Ok(operations.List())).WithSummary("Engines with their last changes");
        engines.MapPost("/{name}:demote", Demote).WithSummary("Let an engine or signature only hold mail, not convict");
        engines.MapPost("/{name}:restore", Restore).WithSummary("Believe an engine or signature again");
        engines.MapGet("/{name}/convictions", ConvictionsAsync).WithSummary("Mail kept only because this engine convicted it");
        engines.MapPost("/{name}/convictions:release", ReleaseAsync).WithSummary("Release it; only lists unless apply is true");
    }

    private static Results<Ok<EngineDetail>, ProblemHttpResult> Demote(string name, DemoteRequest request, ClaimsPrincipal user, EngineOperations operations) =>
        Answer(operations.Demote(user.ToCaller(), name, request.Signature, request.Reason));

    private static Results<Ok<EngineDetail>, ProblemHttpResult> Restore(
        string name, ClaimsPrincipal user, EngineOperations operations, RestoreRequest? request = null) =>
        Answer(operations.Restore(user.ToCaller(), name, request?.Signature));

    private static async Task<Results<Ok<EngineConvictions>, ProblemHttpResult>> ConvictionsAsync(
        string name,
        EngineOperations operations,
        [Description("Received at or after, RFC 3339")] DateTimeOffset since,
        CancellationToken cancellationToken,
        [Description("Only this signature")] string? signature = null) =>
        Answer(await operations.ConvictionsAsync(name, since, signature, cancellationToken));

    private static async Task<Results<Ok<EngineConvictions>, ProblemHttpResult>> ReleaseAsync(
        string name, ReleaseConvictionsRequest request, ClaimsPrincipal user, EngineOperations operations, CancellationToken cancellationToken) =>
        request.Since is not { } since
            ? Problems.Invalid("since: is missing; say from when on the engine was wrong")
            : Answer(await operations.ReleaseAsync(user.ToCaller(), name, since, request.Signature, request.Apply, cancellationToken));

    private static Results<Ok<T>, ProblemHttpResult> Answer<T>(Outcome<T> outcome) =>
        outcome.Problem is { } problem ? problem.ToProblem() : TypedResults.Ok(outcome.Value!);
}

/// <param name="Signature">Only this one; absent = the whole engine.</param>
/// <param name="Reason">Why; required.</param>
public sealed record DemoteRequest(string? Signature, string? Reason);

/// <param name="Signature">Only this one; absent = the engine and all its signatures.</param>
public sealed record RestoreRequest(string? Signature);

/// <param name="Since">Received at or after; required.</param>
/// <param name="Signature">Only this one; absent = everything the engine alone had convicted.</param>
/// <param name="Apply">False only lists what would be released.</param>
public sealed record ReleaseConvictionsRequest(DateTimeOffset? Since, string? Signature, bool Apply = false);
