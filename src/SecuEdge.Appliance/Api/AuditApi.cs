using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Audit;
using SecuEdge.Appliance.Operations;
using SecuEdge.Store.Audit;

namespace SecuEdge.Appliance.Api;

/// <summary>The audit log: who did what, and why.</summary>
internal static class AuditApi
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/audit", SearchAsync).WithTags("Audit").Needs(Permission.AuditRead).WithSummary("Search the audit log, newest first");
        api.MapGet("/audit:export", ExportAsync).WithTags("Audit").Needs(Permission.AuditRead)
            .WithSummary("The audit log as JSON lines, oldest first").Produces<AuditEntry>(contentType: "application/x-ndjson");
    }

    private static async Task<Results<Ok<Page<AuditEntry>>, ProblemHttpResult>> SearchAsync(
        Caller caller,
        AuditOperations operations,
        CancellationToken cancellationToken,
        [Description("Only this node and everything below it")] string? tenant = null,
        [Description("At or after, RFC 3339")] DateTimeOffset? since = null,
        [Description("Before, RFC 3339")] DateTimeOffset? until = null,
        [Description("User or token, whole name; of a token with or without its id in brackets")] string? actor = null,
        [Description("`quarantine.release`, or all of `quarantine.`")] string? action = null,
        [Description("What it was done to, whole")] string? target = null,
        [Range(1, 200)][Description("1-200")] int limit = 50,
        [Description("`next` of the page before; a page may be empty and still have a next one")] string? cursor = null)
    {
        var words = new QueryWords();
        words.Check("action", action, AuditActions.Refusal);
        var query = new AuditQuery { Since = since, Until = until, Actor = actor, Action = action is null ? null : AuditActions.Wanted(action), Target = target, Limit = words.Limit(limit), Cursor = cursor };
        if (words.IsWrong(out var wrong))
        {
            return wrong;
        }

        var outcome = await operations.SearchAsync(caller, query, tenant, cancellationToken);
        return outcome.Problem is { } problem ? problem.ToProblem() : TypedResults.Ok(new Page<AuditEntry>(outcome.Value!.Items, outcome.Value.Next));
    }

    private static async Task<Results<PushStreamHttpResult, ProblemHttpResult>> ExportAsync(
        Caller caller,
        AuditOperations operations,
        CancellationToken cancellationToken,
        [Description("Only this node and everything below it")] string? tenant = null,
        [Description("At or after, RFC 3339")] DateTimeOffset? since = null,
        [Description("Before, RFC 3339")] DateTimeOffset? until = null,
        [Description("User or token, whole name; of a token with or without its id in brackets")] string? actor = null,
        [Description("`quarantine.release`, or all of `quarantine.`")] string? action = null,
        [Description("What it was done to, whole")] string? target = null)
    {
        var words = new QueryWords();
        words.Check("action", action, AuditActions.Refusal);
        if (words.IsWrong(out var wrong))
        {
            return wrong;
        }

        var query = new AuditQuery { Since = since, Until = until, Actor = actor, Action = action is null ? null : AuditActions.Wanted(action), Target = target };
        var outcome = await operations.ExportAsync(caller, query, tenant, cancellationToken);
        if (outcome.Problem is { } problem)
        {
            return problem.ToProblem();
        }

        var entries = outcome.Value!;
        return TypedResults.Stream(
            async stream =>
            {
                await foreach (var entry in entries.WithCancellation(cancellationToken))
                {
                    await JsonSerializer.SerializeAsync(stream, entry, ApiJson.Options, cancellationToken);
                    await stream.WriteAsync("\n"u8.ToArray(), cancellationToken);
                }
            },
            "application/x-ndjson",
            "audit.jsonl");
    }
}
