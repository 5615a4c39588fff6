using System.ComponentModel;
using Microsoft.AspNetCore.Http.HttpResults;
using SecuEdge.Appliance.Access;
using SecuEdge.Appliance.Api.Languages;
using SecuEdge.Appliance.Operations;
using SecuEdge.Filter;
using SecuEdge.Store.MessageLog;

namespace SecuEdge.Appliance.Api;

/// <summary>The message log: where is this mail, and why.</summary>
internal static class MessagesApi
{
    public static void Map(RouteGroupBuilder api)
    {
        var messages = api.MapGroup("/messages").WithTags("Messages");
        messages.MapGet("/", SearchAsync).WithSummary("Search the message log, newest first").Needs(Permission.MessagesRead);
        messages.MapGet("/{reference}", FindAsync).WithSummary("One message with its timeline").Needs(Permission.MessagesRead);
        messages.MapPost("/{reference}:release", ReleaseAsync).WithSummary("Deliver a held message before its time").Needs(Permission.QuarantineRelease);
        messages.MapPost("/{reference}:quarantine", QuarantineAsync).WithSummary("Put a held message into quarantine").Needs(Permission.QuarantineRelease);
    }

    private static async Task<Results<Ok<Page<MessageSummary>>, ProblemHttpResult>> SearchAsync(
        Caller caller,
        MessageOperations operations,
        CancellationToken cancellationToken,
        [Description("Only this tenant")] string? tenant = null,
        [Description("Received at or after, RFC 3339")] DateTimeOffset? since = null,
        [Description("Received before, RFC 3339")] DateTimeOffset? until = null,
        [Description("inbound or outbound")] string? direction = null,
        [Description("deliver, tag, hold, quarantine, defer or reject")] string? action = null,
        [Description("clean, bulk, suspicious, encrypted, policy, spam, phishing or infected")] string? @class = null,
        [Description("queued, delivered, deferred, bounced, held, quarantined, dropped, rejected or temporarilyRefused")] string? state = null,
        [Description("Envelope sender: an address, or @example.com for everybody there")] string? sender = null,
        [Description("Envelope recipient, or to whom a rule sent it instead; whole address")] string? recipient = null,
        [Description("Part of subject, header From, Message-ID or reference; a whole reference finds copies, notices, forwards and reports of that message too")] string? text = null,
        [Description("1-200")] int limit = 50,
        [Description("`next` of the page before")] string? cursor = null)
    {
        var words = new QueryWords();
        var query = new MessageQuery
        {
            Tenant = tenant,
            Since = since,
            Until = until,
            Direction = words.Read<Direction>("direction", direction),
            Action = words.Read<VerdictAction>("action", action),
            Class = words.Read<MessageClass>("class", @class),
            State = words.Read<MessageState>("state", state),
            Sender = sender,
            Recipient = recipient,
            Text = text,
            Limit = words.Limit(limit),
            Cursor = cursor,
        };
        if (words.IsWrong(out var problem))
        {
            return problem;
        }

        var page = await operations.SearchAsync(caller, query, cancellationToken);
        return TypedResults.Ok(new Page<MessageSummary>([.. page.Items.Select(MessageSummary.Of)], page.Next));
    }

    private static async Task<Results<Ok<MessageDetail>, ProblemHttpResult>> FindAsync(
        string reference,
        Caller caller,
        HttpContext context,
        MessageOperations operations,
        CancellationToken cancellationToken,
        [Description("Say in `reasons` which words of the message rules found, too; needs contentRead, and is kept in the audit log")] bool content = false,
        [Description("Why you look, of `content`; kept in the audit log. Required where the tenant asks for it")] string? reason = null)
    {
        var outcome = content ? await operations.ReadAsync(caller, reference, reason, cancellationToken) : await operations.FindAsync(caller, reference, cancellationToken);
        return outcome.Problem is { } problem ? problem.ToProblem() : TypedResults.Ok(MessageDetail.Of(outcome.Value!, content).In(Said.LanguageOf(context)));
    }

    private static async Task<Results<Ok<MessageDetail>, ProblemHttpResult>> ReleaseAsync(
        string reference, Caller caller, HttpContext context, HoldOperations operations, CancellationToken cancellationToken)
    {
        var outcome = await operations.ReleaseAsync(caller, reference, cancellationToken);
        return outcome.Problem is { } problem ? problem.ToProblem() : TypedResults.Ok(MessageDetail.Of(outcome.Value!).In(Said.LanguageOf(context)));
    }

    private static async Task<Results<Ok<MessageDetail>, ProblemHttpResult>> QuarantineAsync(
        string reference, Caller caller, HttpContext context, HoldOperations operations, CancellationToken cancellationToken)
    {
        var outcome = await operations.QuarantineAsync(caller, reference, cancellationToken);
        return outcome.Problem is { } problem ? problem.ToProblem() : TypedResults.Ok(MessageDetail.Of(outcome.Value!).In(Said.LanguageOf(context)));
    }
}
