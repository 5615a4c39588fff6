using System.ComponentModel;
using Microsoft.AspNetCore.Http.HttpResults;
using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Backtest;
using SecuEdge.Appliance.Operations;

namespace SecuEdge.Appliance.Api;

/// <summary>Rules tried before they are in force: on recorded mail, and on trial beside those that are.</summary>
internal static class BacktestApi
{
    public static void Map(RouteGroupBuilder api)
    {
        var policies = api.MapGroup("/policies").WithTags("Policies");
        policies.MapPost("/{tenant}:backtest", RunAsync).WithSummary("Try changed rules on the mail of the last days").Needs(Permission.Analyze)
            .WithDescription(
                "With `Accept: text/event-stream` it is told how far it is: events `progress` (done, total and changed so far), at the end one event `result` with what is otherwise the answer. "
                + "A comment comes every 15 seconds. When the caller closes the connection, the work ends. With an `Idempotency-Key` everything comes at the end.")
            .WithMetadata(new EventStream(typeof(BacktestProgress)));
        policies.MapGet("/{tenant}/monitor", MonitorAsync).WithSummary("What rules on trial would have done").Needs(Permission.PolicyRead);
    }

    private static async Task<Results<Ok<BacktestResult>, EmptyHttpResult, ProblemHttpResult>> RunAsync(
        string tenant, BacktestRequest request, Caller caller, BacktestOperations operations, BacktestStream stream, HttpContext context, CancellationToken cancellationToken)
    {
        if (request.Days is < 1 or > 30 || request.Limit is < 0 or > 200 || request.MaxSeconds is < 1 or > 60)
        {
            return Problems.Invalid("days takes 1 to 30, limit 0 to 200 and maxSeconds 1 to 60");
        }

        // A client that takes both asks for the answer that it names first.
        if (context.Request.GetTypedHeaders().Accept is [{ MediaType.Value: "text/event-stream" }, ..])
        {
            return await stream.RunAsync(context, (tell, ending) => operations.RunAsync(caller, tenant, request, tell, ending), cancellationToken) is { } refused
                ? refused.ToProblem()
                : TypedResults.Empty;
        }

        var outcome = await operations.RunAsync(caller, tenant, request, progress: null, cancellationToken);
        return outcome.Problem is { } problem ? problem.ToProblem() : TypedResults.Ok(outcome.Value!);
    }

    private static async Task<Results<Ok<MonitorReport>, ProblemHttpResult>> MonitorAsync(
        string tenant,
        Caller caller,
        BacktestOperations operations,
        CancellationToken cancellationToken,
        [Description("How far back, 1-30")] int days = 7)
    {
        if (days is < 1 or > 30)
        {
            return Problems.Invalid("days: takes 1 to 30");
        }

        var outcome = await operations.MonitorAsync(caller, tenant, days, cancellationToken);
        return outcome.Problem is { } problem ? problem.ToProblem() : TypedResults.Ok(outcome.Value!);
    }
}
