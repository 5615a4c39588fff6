using System.ComponentModel;
using Microsoft.AspNetCore.Http.HttpResults;
using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Operations;

namespace SecuEdge.Appliance.Api;

/// <summary>Antivirus engines: what they are, whether they are believed, and taking back what one of them alone had convicted.</summary>
internal static class EnginesApi
{
    public static void Map(RouteGroupBuilder api)
    {
        var engines = api.MapGroup("/engines").WithTags("Engines");
        engines.MapGet("/", (EngineOperations operations) => TypedResults.Ok(new EngineList(operations.List()))).WithSummary("Engines with their last changes").NeedsAtRoot(Permission.SystemRead);
        engines.MapPost("/{name}:demote", DemoteAsync).WithSummary("Let an engine or signature only hold mail, not convict").NeedsAtRoot(Permission.SystemManage);
        engines.MapPost("/{name}:restore", RestoreAsync).WithSummary("Believe an engine or signature again").NeedsAtRoot(Permission.SystemManage);
        engines.MapGet("/{name}/convictions", ConvictionsAsync).WithSummary("Mail kept only because this engine convicted it").NeedsAtRoot(Permission.MessagesRead);
        engines.MapPost("/{name}/convictions:release", ReleaseAsync).WithSummary("Release it; only lists unless apply is true").NeedsAtRoot(Permission.SystemManage);
    }

    private static async Task<Results<Ok<EngineDetail>, ProblemHttpResult>> DemoteAsync(string name, DemoteRequest request, Caller caller, EngineOperations operations, CancellationToken cancellationToken) =>
        Answer(await operations.DemoteAsync(caller, name, request.Signature, request.Reason, cancellationToken));

    private static async Task<Results<Ok<EngineDetail>, ProblemHttpResult>> RestoreAsync(
        string name, Caller caller, EngineOperations operations, CancellationToken cancellationToken, RestoreRequest? request = null) =>
        Answer(await operations.RestoreAsync(caller, name, request?.Signature, cancellationToken));

    private static async Task<Results<Ok<EngineConvictions>, ProblemHttpResult>> ConvictionsAsync(
        string name,
        Caller caller,
        EngineOperations operations,
        [Description("Received at or after, RFC 3339")] DateTimeOffset since,
        CancellationToken cancellationToken,
        [Description("Only this signature")] string? signature = null) =>
        Answer(await operations.ConvictionsAsync(caller, name, since, signature, cancellationToken));

    private static async Task<Results<Ok<EngineConvictions>, ProblemHttpResult>> ReleaseAsync(
        string name, ReleaseConvictionsRequest request, Caller caller, EngineOperations operations, CancellationToken cancellationToken) =>
        request.Since is not { } since
            ? Problems.Invalid("since: is missing; say from when on the engine was wrong")
            : Answer(await operations.ReleaseAsync(caller, name, since, request.Signature, request.Apply, cancellationToken));

    private static Results<Ok<T>, ProblemHttpResult> Answer<T>(Outcome<T> outcome) =>
        outcome.Problem is { } problem ? problem.ToProblem() : TypedResults.Ok(outcome.Value!);
}

/// <summary>The engines of this appliance.</summary>
/// <param name="Items">Each with what it is, whether it is believed, and its last changes.</param>
public sealed record EngineList(IReadOnlyList<EngineDetail> Items);

/// <param name="Signature">Only this one; absent = the whole engine.</param>
/// <param name="Reason">Why; required.</param>
public sealed record DemoteRequest(string? Signature, string? Reason);

/// <param name="Signature">Only this one; absent = the engine and all its signatures.</param>
public sealed record RestoreRequest(string? Signature);

/// <param name="Since">Received at or after; required.</param>
/// <param name="Signature">Only this one; absent = everything the engine alone had convicted.</param>
/// <param name="Apply">False only lists what would be released.</param>
public sealed record ReleaseConvictionsRequest(DateTimeOffset? Since, string? Signature, bool Apply = false);
