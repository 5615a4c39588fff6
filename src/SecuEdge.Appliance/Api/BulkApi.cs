using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http.HttpResults;
using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Api.Languages;
using SecuEdge.Appliance.Operations;
using SecuEdge.Filter;

namespace SecuEdge.Appliance.Api;

/// <summary>The same deed for many messages; each is permitted, done and answered for itself.</summary>
internal static class BulkApi
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapPost("/quarantine:bulk", QuarantineAsync).WithTags("Quarantine").Needs(Permission.QuarantineRead)
            .WithSummary("Release, forward or delete many messages")
            .WithDescription("Answers 200 with one result a message, whether it worked or not. What releasing or deleting one asks of the caller, it asks here of each.");
        api.MapPost("/queue:bulk", QueueAsync).WithTags("Queue").Needs(Permission.QueueRead)
            .WithSummary("Try to deliver many messages now, or drop them")
            .WithDescription("Answers 200 with one result a message, whether it worked or not. What retrying or dropping one asks of the caller, it asks here of each.");
    }

    private static async Task<Results<Ok<BulkResult>, ProblemHttpResult>> QuarantineAsync(
        Caller caller, QuarantineBulk request, BulkOperations operations, HttpContext context, CancellationToken cancellationToken)
    {
        if (request.Action == QuarantineDeed.Forward && string.IsNullOrEmpty(request.To))
        {
            return Problems.Invalid([new FieldError("to", "is missing; say where the copies go")]);
        }

        return Answer(await operations.QuarantineAsync(caller, request, cancellationToken), Language.Of(context));
    }

    private static async Task<Results<Ok<BulkResult>, ProblemHttpResult>> QueueAsync(
        Caller caller, QueueBulk request, BulkOperations operations, HttpContext context, CancellationToken cancellationToken)
    {
        if (request.Action == QueueDeed.Drop && string.IsNullOrWhiteSpace(request.Reason))
        {
            return Problems.Invalid([new FieldError("reason", "is missing; say why these messages are dropped, the timeline keeps it")]);
        }

        return Answer(await operations.QueueAsync(caller, request, cancellationToken), Language.Of(context));
    }

    private static Results<Ok<BulkResult>, ProblemHttpResult> Answer(Outcome<BulkResult> outcome, Language language) =>
        outcome.Value is not { } result
            ? outcome.Problem!.ToProblem()
            : TypedResults.Ok(result with { Items = [.. result.Items.Select(i => i.Detail is { } detail ? i with { Detail = language.Detail(detail) } : i)] });
}

/// <summary>What to do with many quarantined messages: those of <c>ids</c>, or those that a query finds.</summary>
public sealed record QuarantineBulk
{
    public static QuarantineBulk Example { get; } = new() { Action = QuarantineDeed.Release, Ids = ["01JD3W8R2Q"] };

    /// <summary>What is done.</summary>
    public required QuarantineDeed Action { get; init; }

    /// <summary>References; absent when there is a query.</summary>
    [MaxLength(BulkOperations.MaxItems)]
    public IReadOnlyList<string>? Ids { get; init; }

    /// <summary>Which messages; absent when there are references. The first 1000 that it finds.</summary>
    public QuarantineFilter? Query { get; init; }

    /// <summary>Where copies go; only of forward.</summary>
    public string? To { get; init; }

    /// <summary>Why copies go there, where the tenant asks for it; only of forward.</summary>
    public string? Reason { get; init; }
}

/// <summary>What can be done with many quarantined messages.</summary>
public enum QuarantineDeed
{
    /// <summary>Deliver to its recipients.</summary>
    Release,

    /// <summary>Delete for good.</summary>
    Delete,

    /// <summary>Send a copy to another address.</summary>
    Forward,
}

/// <summary>Which quarantined messages; filters are combined with and.</summary>
public sealed record QuarantineFilter
{
    /// <summary>Only this tenant.</summary>
    public string? Tenant { get; init; }

    /// <summary>Received at or after.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Received before.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Only this class.</summary>
    public MessageClass? Class { get; init; }

    /// <summary>Envelope sender, whole address.</summary>
    public string? Sender { get; init; }

    /// <summary>Envelope recipient, whole address.</summary>
    public string? Recipient { get; init; }

    /// <summary>Name that a rule gave the quarantine, such as <c>policy</c> or <c>legal</c>.</summary>
    public string? Queue { get; init; }

    /// <summary>As in the list: what still waits, unless another is asked for.</summary>
    public QuarantineShown State { get; init; } = QuarantineShown.Waiting;

    /// <summary>Part of subject, header From, Message-ID, sender or recipient; or a reference.</summary>
    public string? Text { get; init; }
}

/// <summary>What to do with many messages of the queue.</summary>
public sealed record QueueBulk
{
    public static QueueBulk Example { get; } = new() { Action = QueueDeed.Drop, Ids = ["01JD3W8R2Q"], Reason = "sent by mistake" };

    /// <summary>What is done.</summary>
    public required QueueDeed Action { get; init; }

    /// <summary>References; absent with <c>all</c>.</summary>
    [MaxLength(BulkOperations.MaxItems)]
    public IReadOnlyList<string>? Ids { get; init; }

    /// <summary>Everything that waits for its next hop, the oldest 1000.</summary>
    public bool All { get; init; }

    /// <summary>Why; kept in the timelines. Required to drop.</summary>
    [MaxLength(500)]
    public string? Reason { get; init; }
}

/// <summary>What can be done with many messages of the queue.</summary>
public enum QueueDeed
{
    /// <summary>Try to deliver now.</summary>
    Retry,

    /// <summary>Drop it; the reason stays in its timeline.</summary>
    Drop,
}

/// <summary>What became of each message.</summary>
public sealed record BulkResult
{
    /// <summary>How many worked.</summary>
    public required int Succeeded { get; init; }

    /// <summary>How many did not.</summary>
    public required int Failed { get; init; }

    /// <summary>There were more than are done at once, or the client hung up: send it again, with another Idempotency-Key.</summary>
    public required bool HasMore { get; init; }

    /// <summary>One for each message, in the order given or found.</summary>
    public required IReadOnlyList<BulkItem> Items { get; init; }
}

/// <summary>What became of one message.</summary>
public sealed record BulkItem
{
    /// <summary>Reference of the message.</summary>
    public required string Id { get; init; }

    /// <summary>The status this message alone would have been answered with.</summary>
    public required int Status { get; init; }

    /// <summary>What is wrong; absent when it worked.</summary>
    public string? Detail { get; init; }
}
