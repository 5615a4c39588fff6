using System.ComponentModel;
using Microsoft.AspNetCore.Http.HttpResults;
using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.MailFlow;
using SecuEdge.Appliance.Operations;

namespace SecuEdge.Appliance.Api;

/// <summary>Mail that waits for its next hop.</summary>
internal static class QueueApi
{
    public static void Map(RouteGroupBuilder api)
    {
        var queue = api.MapGroup("/queue").WithTags("Queue");
        queue.MapGet("/", ListAsync).WithSummary("List messages that are not finished, oldest first").Needs(Permission.QueueRead);
        queue.MapPost("/{reference}:retry", RetryAsync).WithSummary("Try to deliver now").Needs(Permission.QueueManage);
        queue.MapDelete("/{reference}", DropAsync).WithSummary("Drop a message; the reason stays in its timeline").Needs(Permission.QueueManage);
    }

    private static async Task<Results<Ok<Page<QueueEntry>>, ProblemHttpResult>> ListAsync(
        Caller caller,
        QueueOperations operations,
        CancellationToken cancellationToken,
        [Description("Only this tenant")] string? tenant = null,
        [Description("held: those that wait to be judged again; waiting: those that wait for their next hop; all when absent")] string? state = null,
        [Description("1-200")] int limit = 50,
        [Description("`next` of the page before")] string? cursor = null)
    {
        var words = new QueryWords();
        words.Limit(limit);
        var only = words.Read<QueueState>("state", state);
        if (words.IsWrong(out var problem))
        {
            return problem;
        }

        var page = await operations.ListAsync(caller, tenant, only is null ? null : only == QueueState.Held, limit, cursor, cancellationToken);
        return TypedResults.Ok(new Page<QueueEntry>([.. page.Items.Select(i => new QueueEntry(i.NextAttemptAt, i.Record.HeldUntil(), MessageSummary.Of(i.Record)))], page.Next));
    }

    private static async Task<Results<Accepted, ProblemHttpResult>> RetryAsync(
        string reference, Caller caller, QueueOperations operations, CancellationToken cancellationToken)
    {
        var outcome = await operations.RetryAsync(caller, reference, cancellationToken);
        return outcome.Problem is { } problem ? problem.ToProblem() : TypedResults.Accepted($"/api/v1/messages/{reference}");
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DropAsync(
        string reference,
        Caller caller,
        QueueOperations operations,
        CancellationToken cancellationToken,
        [Description("Why; required")] string? reason = null)
    {
        var outcome = await operations.DropAsync(caller, reference, reason, cancellationToken);
        return outcome.Problem is { } problem ? problem.ToProblem() : TypedResults.NoContent();
    }
}

/// <summary>What a message of the queue waits for.</summary>
internal enum QueueState
{
    /// <summary>The next hop.</summary>
    Waiting,

    /// <summary>To be judged again.</summary>
    Held,
}
